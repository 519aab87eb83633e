import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FUNCTION_SPECS, type FunctionName, type FunctionSpec } from '../../functions/specs.ts';
import { accessStatements, secretsOfRole } from '../access/statements.ts';
import type { StageConfiguration } from '../configuration.ts';
import {
  type AlarmAudience,
  type AlarmDefinition,
  type RaisedAlarm,
  raiseAlarm,
} from '../monitoring/alarm.ts';
import { throttledAlarm } from '../monitoring/function-alarms.ts';
import { functionResourceName } from '../names.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { acknowledge } from './acknowledged.ts';

/** Where a function's bundle comes from. */
export type FunctionCode = (name: FunctionName) => Code;

/**
 * What watches a function. There is no default, so that nobody forgets it: whoever wants nothing beside the
 * alarm on throttles, which all have, says why.
 */
export type Monitoring =
  | { readonly alarms: (fn: LambdaFunction) => readonly AlarmDefinition[] }
  | { readonly noAlarmsBecause: string };

export interface NijaFunctionProps {
  readonly name: FunctionName;
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly code: FunctionCode;
  readonly description: string;
  readonly monitoring: Monitoring;
  /** Executions kept for it alone; shared with all others unless told. */
  readonly reservedConcurrency?: number | undefined;
  /** How often Lambda runs it again when a call that nobody waits for fails; not at all unless told. */
  readonly retryAttempts?: number;
  /** Variables that no other function has. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How long such a call may wait for an execution; six hours unless told. */
  readonly maxEventAge?: Duration;
}

/** One of our functions with its role, log group and alarms. */
export class NijaFunction extends Construct {
  readonly function: LambdaFunction;
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, props: NijaFunctionProps) {
    super(scope, id);
    const { name, configuration, data, monitoring } = props;
    const { stage } = configuration;
    const spec: FunctionSpec = FUNCTION_SPECS[name];
    const functionName = functionResourceName(stage, name);

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: configuration.logRetentionDays,
      // Not where the first deployment fails: its name would stop the next one.
      removalPolicy: configuration.keepData
        ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        : RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      roleName: functionName,
      description: `What ${functionName} may do, and nothing else`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    const statements = accessStatements(name, {
      tableArn: data.table.tableArn,
      copyQueueArn: data.copyQueue.queueArn,
      checkQueueArn: data.checkQueue.queueArn,
      secretArn: secretsOfRole(Stack.of(this), stage),
    });
    for (const statement of statements) role.addToPolicy(statement);

    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: props.code(name),
      handler: 'index.handler',
      role,
      memorySize: spec.memoryMb,
      timeout: Duration.millis(spec.timeoutMs),
      tracing: Tracing.ACTIVE,
      logGroup,
      retryAttempts: props.retryAttempts ?? 0,
      ...(props.maxEventAge === undefined ? {} : { maxEventAge: props.maxEventAge }),
      environment: {
        NIJA_STAGE: stage,
        NIJA_TABLE: data.table.tableName,
        ...(spec.copyQueue === 'sends' ? { NIJA_COPY_QUEUE_URL: data.copyQueue.queueUrl } : {}),
        ...(spec.checkQueue === 'receives'
          ? { NIJA_CHECK_MINUTES: String(configuration.checkSchedule.minutes) }
          : {}),
        ...(spec.checkQueue === 'sends' ? { NIJA_CHECK_QUEUE_URL: data.checkQueue.queueUrl } : {}),
        ...props.variables,
      },
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });

    acknowledge(role, 'IAM5[Resource::*]', 'X-Ray takes trace segments for no resource in particular.');
    if (spec.secrets !== 'none') {
      acknowledge(
        role,
        `IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:nija/${stage}/${spec.secrets}/*]`,
        spec.secrets === 'notify'
          ? 'Addresses of channels are stored by their owners; these are those of this stage alone, and no key of an exchange.'
          : `Accounts register at run time, so their secrets have no names yet; these are the ${spec.secrets} secrets of this stage alone.`,
      );
    }

    const alarmScope = { stage, audience: audienceOf(spec), topic: data.alarmTopic };
    this.alarms = [
      throttledAlarm(name, this.function),
      ...('alarms' in monitoring ? monitoring.alarms(this.function) : []),
    ].map((definition) => raiseAlarm(this, definition, alarmScope));
  }
}

/** The copy plane works for users. */
const audienceOf = ({ plane }: FunctionSpec): AlarmAudience => (plane === 'copy' ? 'user' : plane);
