import * as z from 'zod';

/** One synthesised stack: its name and its CloudFormation template, as JSON. */
export interface SynthesisedStack {
  readonly name: string;
  readonly template: unknown;
}

/** Where the stacks would be deployed. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

const zTemplate = z.looseObject({
  Parameters: z.record(z.string(), z.looseObject({ Default: z.string().optional() })).default({}),
  Resources: z
    .record(
      z.string(),
      z.looseObject({
        Type: z.string(),
        Properties: z.record(z.string(), z.unknown()).default({}),
        DeletionPolicy: z.string().optional(),
        UpdatePolicy: z.unknown().optional(),
      }),
    )
    .default({}),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({ Value: z.unknown(), Export: z.looseObject({ Name: z.unknown() }).optional() }),
    )
    .default({}),
});
type Template = z.infer<typeof zTemplate>;

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** As they stand in the template: resolved one by one, when needed. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A template says something that this reader cannot make a concrete value of. */
export class UnresolvedTemplate extends Error {
  override readonly name = 'UnresolvedTemplate';
}

/** The same with every intrinsic function replaced by the value that a deployment would give it. */
export interface ResolvedResource extends Resource {
  readonly deletionPolicy: string | undefined;
  readonly updatePolicy: unknown;
}

export interface Templates {
  readonly place: Place;
  resources(type: string): readonly Resource[];
  /** @throws UnresolvedTemplate naming what cannot be resolved */
  resolved(): readonly ResolvedResource[];
  /** The property with every intrinsic function replaced by its value. @throws UnresolvedTemplate */
  property(resource: Resource, name: string): unknown;
  arnOf(resource: Resource): string;
  nameOf(resource: Resource): string;
}

/** How names and ARNs of a type come about: by which property it is named, and how its ARN ends. */
const KINDS: Readonly<
  Record<string, { readonly named: string; readonly arn: (name: string, place: Place) => string }>
> = {
  'AWS::DynamoDB::Table': { named: 'TableName', arn: regional('dynamodb', 'table/') },
  'AWS::DynamoDB::GlobalTable': { named: 'TableName', arn: regional('dynamodb', 'table/') },
  'AWS::SQS::Queue': { named: 'QueueName', arn: regional('sqs', '') },
  'AWS::SNS::Topic': { named: 'TopicName', arn: regional('sns', '') },
  'AWS::Lambda::Function': { named: 'FunctionName', arn: regional('lambda', 'function:') },
  'AWS::Logs::LogGroup': {
    named: 'LogGroupName',
    arn: (name, place) => `${regional('logs', 'log-group:')(name, place)}:*`,
  },
  'AWS::CloudWatch::Alarm': { named: 'AlarmName', arn: regional('cloudwatch', 'alarm:') },
  'AWS::CodeDeploy::Application': { named: 'ApplicationName', arn: regional('codedeploy', 'application:') },
  'AWS::CodeDeploy::DeploymentGroup': {
    named: 'DeploymentGroupName',
    arn: regional('codedeploy', 'deploymentgroup:'),
  },
  'AWS::Events::Rule': { named: 'Name', arn: regional('events', 'rule/') },
  'AWS::Scheduler::ScheduleGroup': { named: 'Name', arn: regional('scheduler', 'schedule-group/') },
  'AWS::IAM::Role': { named: 'RoleName', arn: ofIam('role/') },
  'AWS::IAM::ManagedPolicy': { named: 'ManagedPolicyName', arn: ofIam('policy/') },
};

/** Types of which a `Ref` is the ARN, or for a queue the URL; of others it is the name. */
const REF_IS_ARN = new Set(['AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy']);

function regional(service: string, prefix: string) {
  return (name: string, { account, region }: Place): string =>
    `arn:aws:${service}:${region}:${account}:${prefix}${name}`;
}

function ofIam(prefix: string) {
  return (name: string, { account }: Place): string => `arn:aws:iam::${account}:${prefix}${name}`;
}

/** Reads the templates of all stacks together, so that one's exports are another's imports. */
export const readTemplates = (stacks: readonly SynthesisedStack[], place: Place): Templates => {
  const templates = new Map(stacks.map(({ name, template }) => [name, zTemplate.parse(template)]));
  const templateOf = (stack: string): Template => {
    const found = templates.get(stack);
    if (found === undefined)
      throw new UnresolvedTemplate(`there is no stack of this name (given '${stack}')`);
    return found;
  };
  const resourceOf = (stack: string, logicalId: string): Resource => {
    const found = templateOf(stack).Resources[logicalId];
    if (found === undefined)
      throw new UnresolvedTemplate(`${stack} has no resource or parameter '${logicalId}'`);
    return { stack, logicalId, type: found.Type, properties: found.Properties };
  };

  const kindOf = ({ stack, logicalId, type }: Resource) => {
    const kind = KINDS[type];
    if (kind === undefined)
      throw new UnresolvedTemplate(`it is not known what ${stack}/${logicalId} is called (given ${type})`);
    return kind;
  };
  const nameOf = (resource: Resource): string => {
    const explicit = resource.properties[kindOf(resource).named];
    if (explicit === undefined) return `${resource.stack}-${resource.logicalId}`;
    return z.string().parse(resolve(resource.stack, explicit));
  };
  const arnOf = (resource: Resource): string => kindOf(resource).arn(nameOf(resource), place);

  const refOf = (stack: string, name: string): string => {
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': place.account,
      'AWS::Region': place.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
    };
    const known = pseudo[name] ?? templateOf(stack).Parameters[name]?.Default;
    if (known !== undefined) return known;
    const resource = resourceOf(stack, name);
    if (REF_IS_ARN.has(resource.type)) return arnOf(resource);
    if (resource.type === 'AWS::Lambda::Alias') {
      const { FunctionName, Name } = resource.properties;
      const fn = z.string().parse(resolve(stack, FunctionName));
      return `${regional('lambda', 'function:')(fn, place)}:${String(Name)}`;
    }
    if (resource.type === 'AWS::SQS::Queue')
      return `https://sqs.${place.region}.amazonaws.com/${place.account}/${nameOf(resource)}`;
    return nameOf(resource);
  };

  const attributeOf = (stack: string, logicalId: string, attribute: string): string => {
    const resource = resourceOf(stack, logicalId);
    switch (attribute) {
      case 'Arn':
      case 'TopicArn':
        return arnOf(resource);
      case 'StreamArn':
        return `${arnOf(resource)}/stream/2026-01-01T00:00:00.000`;
      case 'Version':
        return '1';
      case 'QueueName':
      case 'TopicName':
        return nameOf(resource);
      default:
        throw new UnresolvedTemplate(
          `it is not known what ${attribute} of ${stack}/${logicalId} is (given ${resource.type})`,
        );
    }
  };

  const importOf = (exported: string): unknown => {
    for (const [stack, { Outputs }] of templates) {
      for (const { Export, Value } of Object.values(Outputs)) {
        if (Export !== undefined && resolve(stack, Export.Name) === exported) return resolve(stack, Value);
      }
    }
    throw new UnresolvedTemplate(`no stack exports '${exported}'`);
  };

  const outputOf = (stack: string, output: string): unknown => {
    const found = templateOf(stack).Outputs[output];
    if (found === undefined) throw new UnresolvedTemplate(`${stack} has no output '${output}'`);
    return resolve(stack, found.Value);
  };

  const substituted = (stack: string, text: string, own: Readonly<Record<string, unknown>>): string =>
    text.replaceAll(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
      if (literal === '!') return whole.replace('!', '');
      if (Object.hasOwn(own, name)) return z.string().parse(resolve(stack, own[name]));
      const dot = name.indexOf('.');
      return dot < 0 ? refOf(stack, name) : attributeOf(stack, name.slice(0, dot), name.slice(dot + 1));
    });

  const INTRINSICS: Readonly<Record<string, (stack: string, input: unknown) => unknown>> = {
    Ref: (stack, input) => refOf(stack, z.string().parse(input)),
    'Fn::GetAtt': (stack, input) => {
      const [logicalId, attribute] = z
        .union([z.tuple([z.string(), z.string()]), z.string().transform((text) => splitOnce(text, '.'))])
        .parse(input);
      return attributeOf(stack, logicalId, attribute);
    },
    'Fn::Join': (stack, input) => {
      const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(input);
      return parts.map((part) => z.string().parse(resolve(stack, part))).join(separator);
    },
    'Fn::Sub': (stack, input) => {
      const [text, own] = z
        .union([
          z.tuple([z.string(), z.record(z.string(), z.unknown())]),
          z.string().transform((plain): [string, Record<string, unknown>] => [plain, {}]),
        ])
        .parse(input);
      return substituted(stack, text, own);
    },
    'Fn::ImportValue': (stack, input) => importOf(z.string().parse(resolve(stack, input))),
    'Fn::GetStackOutput': (_stack, input) => {
      const { StackName, OutputName } = z
        .looseObject({ StackName: z.string(), OutputName: z.string() })
        .parse(input);
      return outputOf(StackName, OutputName);
    },
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
      const [name, input] = only;
      const intrinsic = INTRINSICS[name];
      if (intrinsic !== undefined) return intrinsic(stack, input);
      if (name.startsWith('Fn::'))
        throw new UnresolvedTemplate(`${stack} uses a function that is not known here (given ${name})`);
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(stack, inner)]));
  };

  return {
    place,
    resources: (type) =>
      [...templates.keys()].flatMap((stack) =>
        Object.keys(templateOf(stack).Resources)
          .map((logicalId) => resourceOf(stack, logicalId))
          .filter((resource) => resource.type === type),
      ),
    resolved: () =>
      [...templates].flatMap(([stack, { Resources }]) =>
        Object.entries(Resources).map(([logicalId, { Type, Properties, DeletionPolicy, UpdatePolicy }]) => ({
          stack,
          logicalId,
          type: Type,
          properties: z.record(z.string(), z.unknown()).parse(resolve(stack, Properties)),
          deletionPolicy: DeletionPolicy,
          updatePolicy: resolve(stack, UpdatePolicy),
        })),
      ),
    property: (resource, name) => resolve(resource.stack, resource.properties[name]),
    arnOf,
    nameOf,
  };
};

const splitOnce = (text: string, separator: string): [string, string] => {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
};
