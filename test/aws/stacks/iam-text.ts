import * as z from 'zod';
import type { ResolvedResource } from '../templates.ts';
import type { SynthesisedStage } from './synthesised.ts';

const zOneOrMany = z
  .union([z.string().transform((only) => [only]), z.array(z.string())])
  .transform((many) => many.toSorted());
const zStatement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: zOneOrMany,
  Resource: zOneOrMany.default([]),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
type Statement = z.infer<typeof zStatement>;
const zPolicy = z.looseObject({
  PolicyDocument: z.looseObject({ Statement: z.array(zStatement) }),
  Roles: z.array(z.string()).default([]),
});
const zRole = z.looseObject({
  AssumeRolePolicyDocument: z.looseObject({ Statement: z.array(zStatement) }),
  ManagedPolicyArns: z.array(z.string()).default([]),
});

/** Who may do what, one line for each statement: what a reviewer reads when a policy changes. */
export const iamText = (stage: SynthesisedStage): string => {
  const roles = stage
    .all('AWS::IAM::Role')
    .toSorted((one, other) => titleOf(one).localeCompare(titleOf(other), 'en'));
  const policies = stage.all('AWS::IAM::Policy').map(({ properties }) => zPolicy.parse(properties));
  const onResources = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy']
    .flatMap(stage.all)
    .flatMap(({ properties }) => zPolicy.parse(properties).PolicyDocument.Statement);
  return [
    `# Who may do what in stage ${stage.configuration.stage}`,
    '',
    'Keys are partition keys of the ledger; each request must name at least one, and none beside these.',
    ...roles.flatMap((role) => {
      const { AssumeRolePolicyDocument, ManagedPolicyArns } = zRole.parse(role.properties);
      const name = roleName(role);
      const statements = policies.filter(({ Roles }) => Roles.includes(name));
      return [
        '',
        `## ${titleOf(role)}`,
        '',
        ...AssumeRolePolicyDocument.Statement.map((statement) => `- taken by ${principal(statement)}`),
        ...ManagedPolicyArns.map((arn) => `- all of AWS's policy ${arn.slice(arn.lastIndexOf('/') + 1)}`),
        ...statements.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(line)).toSorted(),
      ];
    }),
    '',
    '## queues and topics themselves',
    '',
    ...onResources.map((statement) => `${line(statement)}, for ${principal(statement)}`).toSorted(),
    '',
  ].join('\n');
};

const roleName = ({ stack, logicalId, properties }: ResolvedResource): string =>
  z.string().parse(properties['RoleName'] ?? `${stack}-${logicalId}`);

/** A role without a name of its own has CloudFormation's, which ends in a hash. */
const titleOf = (role: ResolvedResource): string => roleName(role).replace(/[0-9A-F]{8}$/, '');

const principal = ({ Principal, Condition }: Statement): string => {
  const whom = z
    .union([z.literal('*'), z.record(z.string(), z.union([z.string(), z.array(z.string())]))])
    .parse(Principal);
  const named = typeof whom === 'string' ? 'everybody' : Object.values(whom).flat().join(', ');
  const source = Condition['StringEquals']?.['aws:SourceAccount'];
  return `${named === '*' ? 'everybody' : named}${source === undefined ? '' : ' of this AWS account'}`;
};

const line = ({ Effect, Action, Resource: resources, Condition }: Statement): string =>
  `- ${Effect} ${Action.join(', ')} on ${resources.map(resourceText).join(' and ')}${conditionText(Condition)}`;

const zKeys = z.strictObject({
  'ForAllValues:StringLike': z.strictObject({ 'dynamodb:LeadingKeys': zOneOrMany }),
  Null: z.strictObject({ 'dynamodb:LeadingKeys': z.literal('false') }),
});

const conditionText = (condition: Statement['Condition']): string => {
  if (Object.keys(condition).length === 0) return '';
  const keys = zKeys.safeParse(condition);
  if (keys.success) return `, keys ${keys.data['ForAllValues:StringLike']['dynamodb:LeadingKeys'].join(' ')}`;
  if (JSON.stringify(condition) === '{"Bool":{"aws:SecureTransport":"false"}}') return ', without TLS';
  return `, where ${JSON.stringify(condition)}`;
};

/** `arn:aws:<service>:<region>:<account>:<rest>`, without the place, which is the same for all. */
const resourceText = (arn: string): string => {
  if (arn === '*') return 'everything';
  const [, , service = '', , , ...rest] = arn.split(':');
  const name = rest.join(':');
  if (service === 'dynamodb') return name.replace(/\/stream\/.*/, '/stream').replace('/', ' ');
  if (service === 'secretsmanager') return name.replace(':', ' ');
  return `${service === 'logs' ? '' : `${service} `}${name}`.trim();
};
