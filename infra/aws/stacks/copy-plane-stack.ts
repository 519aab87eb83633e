import { Duration, Stack } from 'aws-cdk-lib';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { type Alias, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { TRADE_INSERTS } from '../../../shared/ledger/dynamodb/trade-items.ts';
import { acknowledge } from '../constructs/acknowledged.ts';
import { NijaFunction } from '../constructs/nija-function.ts';
import type { RaisedAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { copyPlaneAlarms, ROLLED_BACK_FOR } from '../monitoring/copy-plane-alarms.ts';
import { stageName, USERS_ALARMS } from '../names.ts';
import type { PlaneProps } from './plane.ts';

/** Trades handed to the copier at once; a failed one stops only those after it. */
const TRADES_AT_ONCE = 10;
/** How long the copier tries a trade before the stream goes on without it. */
const TRIES_FOR = Duration.hours(6);

/** From a master's trade to an order on each follower's account. */
export class CopyPlaneStack extends Stack {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, { configuration, data, code, ...props }: PlaneProps) {
    super(scope, id, props);
    const { stage, copyWorkers, rollout } = configuration;
    const common = { configuration, data, code };
    const watch = copyPlaneAlarms(stage);

    const copier = new NijaFunction(this, 'TradeCopier', {
      ...common,
      name: 'trade-copier',
      description: 'Hands each trade of a master to its followers: a COPY row and a message for each.',
      monitoring: { alarms: watch.copier },
    });
    const worker = new NijaFunction(this, 'CopyWorker', {
      ...common,
      name: 'copy-worker',
      description: "Replicates one trade into one user's account, with that user's key.",
      monitoring: { alarms: (fn) => watch.worker(fn, data.copyQueue) },
    });
    this.alarms = [...copier.alarms, ...worker.alarms];
    compositeOf(
      this,
      stage,
      { name: USERS_ALARMS.copy, means: 'Trades do not reach followers as promised.' },
      this.alarms,
    );

    const application = new LambdaApplication(this, 'Rollout', {
      applicationName: stageName(stage, 'copy-plane'),
    });
    const liveAlias = (name: string, { function: fn, alarms }: NijaFunction): Alias => {
      const alias = fn.addAlias('live');
      const group = new LambdaDeploymentGroup(this, `${name}Rollout`, {
        application,
        alias,
        deploymentConfig:
          rollout === 'canary'
            ? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
            : LambdaDeploymentConfig.ALL_AT_ONCE,
        // What a version can be blamed for; and none where an alarm is on already, which would refuse what mends it.
        alarms:
          rollout === 'canary'
            ? alarms.filter(({ definition }) => ROLLED_BACK_FOR.has(definition.id)).map(({ alarm }) => alarm)
            : [],
      });
      acknowledge(
        group,
        'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
        "CodeDeploy's own role for shifting an alias; AWS keeps it as narrow as CodeDeploy needs.",
      );
      return alias;
    };

    liveAlias('TradeCopier', copier).addEventSource(
      new DynamoEventSource(data.table, {
        // What was published while this stack did not exist is judged, too (old BUYs as STALE), for as long as
        // TRIES_FOR; older trades go to the dead letters.
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [FilterCriteria.filter({ ...TRADE_INSERTS })],
        batchSize: TRADES_AT_ONCE,
        parallelizationFactor: 1,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        maxRecordAge: TRIES_FOR,
        onFailure: new SqsDlq(data.tradeDeadLetters),
      }),
    );
    liveAlias('CopyWorker', worker).addEventSource(
      new SqsEventSource(data.copyQueue, {
        batchSize: 1,
        maxConcurrency: copyWorkers,
        reportBatchItemFailures: true,
      }),
    );
  }
}
