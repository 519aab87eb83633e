import * as z from 'zod';

/** One synthesised stack: its name and its CloudFormation template, as JSON. */
export interface SynthesisedStack {
  readonly name: string;
  readonly template: unknown;
}

/** A resource whose every intrinsic function is replaced by the value that a deployment would give it. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
  readonly updatePolicy: unknown;
}

const zTemplate = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      UpdatePolicy: z.unknown().optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).default({}),
});
type Template = z.infer<typeof zTemplate>;

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

const regional = (service: string, prefix: string) => (name: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${prefix}${name}`;

/** By which property a resource is named, its ARN, and what a `Ref` to it gives where that is not the name. */
const KINDS: Readonly<
  Record<
    string,
    {
      readonly named: string;
      readonly arn: (name: string) => string;
      readonly ref?: (name: string) => string;
    }
  >
> = {
  'AWS::DynamoDB::GlobalTable': { named: 'TableName', arn: regional('dynamodb', 'table/') },
  'AWS::SQS::Queue': {
    named: 'QueueName',
    arn: regional('sqs', ''),
    ref: (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  },
  'AWS::SNS::Topic': { named: 'TopicName', arn: regional('sns', ''), ref: regional('sns', '') },
  'AWS::Lambda::Function': { named: 'FunctionName', arn: regional('lambda', 'function:') },
  'AWS::Logs::LogGroup': {
    named: 'LogGroupName',
    arn: (name) => `${regional('logs', 'log-group:')(name)}:*`,
  },
  'AWS::IAM::Role': { named: 'RoleName', arn: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}` },
  'AWS::CloudWatch::Alarm': { named: 'AlarmName', arn: regional('cloudwatch', 'alarm:') },
  'AWS::CodeDeploy::Application': { named: 'ApplicationName', arn: regional('codedeploy', 'application:') },
  'AWS::CodeDeploy::DeploymentGroup': {
    named: 'DeploymentGroupName',
    arn: regional('codedeploy', 'deploymentgroup:'),
  },
  'AWS::Scheduler::ScheduleGroup': { named: 'Name', arn: regional('scheduler', 'schedule-group/') },
};

/** All resources of these stacks. @throws Error naming what cannot be resolved */
export const resolvedResources = (stacks: readonly SynthesisedStack[]): readonly Resource[] => {
  const templates = new Map(stacks.map(({ name, template }) => [name, zTemplate.parse(template)]));
  const templateOf = (stack: string): Template => {
    const found = templates.get(stack);
    if (found === undefined) throw new Error(`there is no stack of this name (given '${stack}')`);
    return found;
  };
  const rawOf = (stack: string, logicalId: string) => {
    const found = templateOf(stack).Resources[logicalId];
    if (found === undefined) throw new Error(`${stack} has no resource '${logicalId}'`);
    return found;
  };
  const kindOf = (stack: string, logicalId: string) => {
    const { Type: type, Properties: properties } = rawOf(stack, logicalId);
    const kind = KINDS[type];
    if (kind === undefined)
      throw new Error(`it is not known what a ${type} is called (${stack}/${logicalId})`);
    const name = resolve(stack, properties[kind.named] ?? `${stack}-${logicalId}`);
    return { kind, name: z.string().parse(name) };
  };

  const refOf = (stack: string, name: string): string => {
    const pseudo = PSEUDO[name];
    if (pseudo !== undefined) return pseudo;
    const { Type: type, Properties: properties } = rawOf(stack, name);
    if (type === 'AWS::Lambda::Alias') {
      const fn = z.string().parse(resolve(stack, properties['FunctionName']));
      return `${regional('lambda', 'function:')(fn)}:${String(properties['Name'])}`;
    }
    const { kind, name: called } = kindOf(stack, name);
    return kind.ref?.(called) ?? called;
  };
  const attributeOf = (stack: string, logicalId: string, attribute: string): string => {
    if (attribute === 'Version') return '1';
    const { kind, name } = kindOf(stack, logicalId);
    if (attribute === 'Arn' || attribute === 'TopicArn') return kind.arn(name);
    if (attribute === 'StreamArn') return `${kind.arn(name)}/stream/2026-01-01T00:00:00.000`;
    if (attribute === 'QueueName' || attribute === 'TopicName') return name;
    throw new Error(`it is not known what ${attribute} of ${stack}/${logicalId} is`);
  };

  const INTRINSICS: Readonly<Record<string, (stack: string, input: unknown) => unknown>> = {
    Ref: (stack, input) => refOf(stack, z.string().parse(input)),
    'Fn::GetAtt': (stack, input) => {
      const [logicalId, attribute] = z.tuple([z.string(), z.string()]).parse(input);
      return attributeOf(stack, logicalId, attribute);
    },
    'Fn::GetStackOutput': (_stack, input) => {
      const { StackName, OutputName } = z
        .looseObject({ StackName: z.string(), OutputName: z.string() })
        .parse(input);
      const output = templateOf(StackName).Outputs[OutputName];
      if (output === undefined) throw new Error(`${StackName} has no output '${OutputName}'`);
      return resolve(StackName, output.Value);
    },
    'Fn::Join': (stack, input) => {
      const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(input);
      return parts.map((part) => String(resolve(stack, part))).join(separator);
    },
    'Fn::Sub': (_stack, input) =>
      z
        .string()
        .parse(input)
        .replaceAll(/\$\{([^}]+)\}/g, (_whole, name: string) => PSEUDO[name] ?? name),
    'Fn::Select': (stack, input) => {
      const [index, list] = z.tuple([z.coerce.number(), z.unknown()]).parse(input);
      return z.array(z.unknown()).parse(resolve(stack, list))[index];
    },
    'Fn::Split': (stack, input) => {
      const [separator, text] = z.tuple([z.string(), z.unknown()]).parse(input);
      return z.string().parse(resolve(stack, text)).split(separator);
    },
  };

  const resolve = (stack: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => resolve(stack, item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (only !== undefined && entries.length === 1) {
      const intrinsic = INTRINSICS[only[0]];
      if (intrinsic !== undefined) return intrinsic(stack, only[1]);
      if (only[0].startsWith('Fn::')) throw new Error(`${stack} uses ${only[0]}, which is not known here`);
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(stack, inner)]));
  };

  return [...templates].flatMap(([stack, template]) =>
    Object.entries(template.Resources).map(([logicalId, raw]) => ({
      stack,
      logicalId,
      type: raw.Type,
      properties: z.record(z.string(), z.unknown()).parse(resolve(stack, raw.Properties)),
      deletionPolicy: raw.DeletionPolicy,
      updatePolicy: resolve(stack, raw.UpdatePolicy),
    })),
  );
};
