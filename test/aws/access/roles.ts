import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as z from 'zod';
import { type Resource, type Templates, UnresolvedTemplate } from '../templates.ts';

const zOneOrMany = z.union([z.string().transform((only) => [only]), z.array(z.string())]);
const zStatement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: zOneOrMany.optional(),
  NotAction: zOneOrMany.optional(),
  Resource: zOneOrMany.optional(),
  NotResource: zOneOrMany.optional(),
});
const zDocument = z.looseObject({ Version: z.string(), Statement: z.array(zStatement) });
export type Statement = z.infer<typeof zStatement>;

/** A policy and where in the templates it stands. */
export interface Policy {
  readonly name: string;
  readonly document: z.infer<typeof zDocument>;
}

export interface Access {
  readonly action: string;
  readonly resource: string;
  /** The partition keys that the request names; none where it names none. */
  readonly leadingKeys?: readonly string[];
}

export interface Roles {
  /** The names of all Lambda functions. */
  readonly functions: readonly string[];
  /** All policies of the function's role: inline, attached, and managed. */
  policiesOf(functionName: string): readonly Policy[];
  /** Whether AWS would let the function do it, by its role and by the policy of the queue. */
  allowed(functionName: string, access: Access): Promise<boolean>;
  /** Every policy that stands in the templates, whoever has it. */
  readonly allPolicies: readonly Policy[];
  /** Roles with a policy that AWS wrote, whose content no template shows. */
  readonly withAwsPolicies: readonly { readonly assumedBy: string; readonly policyArn: string }[];
}

/** What each Lambda function of the templates may do. @throws UnresolvedTemplate for what is not understood */
export const readRoles = (templates: Templates): Roles => {
  const roles = templates.resources('AWS::IAM::Role');
  const attached = attachedPolicies(templates);
  refuseOtherResourcePolicies(templates);
  const queuePolicies = policiesOfQueues(templates);

  const policiesOfRole = (role: Resource): readonly Policy[] => [
    ...inlinePolicies(role, templates),
    ...managedArns(role, templates).map((arn) => managedPolicy(arn, templates)),
    ...attached.flatMap(({ roles: names, policy }) =>
      names.includes(templates.nameOf(role)) ? [policy] : [],
    ),
  ];

  const byFunction = new Map(
    templates.resources('AWS::Lambda::Function').map((fn) => {
      const roleArn = templates.property(fn, 'Role');
      const role = roles.find((candidate) => templates.arnOf(candidate) === roleArn);
      if (role === undefined)
        throw new UnresolvedTemplate(
          `the role of ${fn.stack}/${fn.logicalId} is not there (given ${roleArn})`,
        );
      return [templates.nameOf(fn), role] as const;
    }),
  );
  const roleOf = (functionName: string): Resource => {
    const role = byFunction.get(functionName);
    if (role === undefined) throw new Error(`the templates have no function '${functionName}'`);
    return role;
  };
  // Read once: a relay asks thousands of times.
  const known = new Map<string, readonly Policy[]>();
  const policiesOf = (functionName: string): readonly Policy[] => {
    const policies = known.get(functionName) ?? policiesOfRole(roleOf(functionName));
    known.set(functionName, policies);
    return policies;
  };

  return {
    functions: [...byFunction.keys()],
    policiesOf,
    allPolicies: [
      ...roles.flatMap((role) => inlinePolicies(role, templates)),
      ...attached.map(({ policy }) => policy),
    ],
    withAwsPolicies: roles.flatMap((role) =>
      managedArns(role, templates)
        .filter((arn) => arn.startsWith('arn:aws:iam::aws:'))
        .map((policyArn) => ({ assumedBy: assumedBy(role, templates), policyArn })),
    ),
    allowed: async (functionName, { action, resource, leadingKeys }) => {
      if (leadingKeys?.length === 0)
        throw new Error(`${action} names no partition key: leave the keys out (given an empty list)`);
      const resourcePolicy = queuePolicies.get(resource);
      const answer = await runSimulation(
        {
          request: {
            principal: templates.arnOf(roleOf(functionName)),
            action,
            resource: { resource, accountId: templates.place.account },
            contextVariables: {
              'aws:SecureTransport': 'true',
              ...(leadingKeys === undefined ? {} : { 'dynamodb:LeadingKeys': [...leadingKeys] }),
            },
          },
          identityPolicies: policiesOf(functionName).map(({ name, document }) => ({
            name,
            policy: document,
          })),
          ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
          serviceControlPolicies: [],
          resourceControlPolicies: [],
        },
        {},
      );
      if (answer.resultType === 'error')
        throw new Error(
          `${action} on ${resource} cannot be evaluated for ${functionName}: ${JSON.stringify(answer.errors)}`,
        );
      return answer.overallResult === 'Allowed';
    },
  };
};

const inlinePolicies = (role: Resource, templates: Templates): readonly Policy[] => {
  const place = `${role.stack}/${role.logicalId}`;
  if (role.properties['PermissionsBoundary'] !== undefined)
    throw new UnresolvedTemplate(`${place} has a permissions boundary, which is not evaluated here`);
  return z
    .array(z.looseObject({ PolicyName: z.string(), PolicyDocument: zDocument }))
    .parse(templates.property(role, 'Policies') ?? [])
    .map(({ PolicyName, PolicyDocument }) => ({ name: `${place} ${PolicyName}`, document: PolicyDocument }));
};

const managedArns = (role: Resource, templates: Templates): readonly string[] =>
  z.array(z.string()).parse(templates.property(role, 'ManagedPolicyArns') ?? []);

const zTrust = z.looseObject({
  Statement: z.array(z.looseObject({ Principal: z.looseObject({ Service: z.string() }) })),
});

const assumedBy = (role: Resource, templates: Templates): string =>
  zTrust
    .parse(templates.property(role, 'AssumeRolePolicyDocument'))
    .Statement.map(({ Principal }) => Principal.Service)
    .join(', ');

const attachedPolicies = (templates: Templates) =>
  ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    templates.resources(type).map((resource) => {
      const single = templates.property(resource, 'RoleName');
      return {
        roles: z
          .array(z.string())
          .parse(single === undefined ? (templates.property(resource, 'Roles') ?? []) : [single]),
        policy: policyOf(resource, templates),
      };
    }),
  );

const policyOf = (resource: Resource, templates: Templates): Policy => ({
  name: `${resource.stack}/${resource.logicalId}`,
  document: zDocument.parse(templates.property(resource, 'PolicyDocument')),
});

const managedPolicy = (arn: string, templates: Templates): Policy => {
  const own = templates
    .resources('AWS::IAM::ManagedPolicy')
    .find((candidate) => templates.arnOf(candidate) === arn);
  if (own !== undefined) return policyOf(own, templates);
  throw new UnresolvedTemplate(`no template shows what a managed policy of AWS allows (given ${arn})`);
};

/** By the queue's ARN. */
const policiesOfQueues = (templates: Templates): ReadonlyMap<string, unknown> => {
  const byArn = new Map<string, unknown>();
  for (const resource of templates.resources('AWS::SQS::QueuePolicy')) {
    for (const url of z.array(z.string()).parse(templates.property(resource, 'Queues'))) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      const queue = templates
        .resources('AWS::SQS::Queue')
        .find((candidate) => templates.nameOf(candidate) === name);
      if (queue === undefined) throw new UnresolvedTemplate(`there is no queue of this URL (given ${url})`);
      byArn.set(templates.arnOf(queue), templates.property(resource, 'PolicyDocument'));
    }
  }
  return byArn;
};

/** Grants that would be overlooked are refused instead. */
const refuseOtherResourcePolicies = (templates: Templates): void => {
  const [secret] = templates.resources('AWS::SecretsManager::ResourcePolicy');
  const table = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable']
    .flatMap((type) => templates.resources(type))
    .find(({ properties }) => properties['ResourcePolicy'] !== undefined);
  const found = secret ?? table;
  if (found !== undefined)
    throw new UnresolvedTemplate(
      `the resource policy of ${found.stack}/${found.logicalId} is not evaluated here (given ${found.type})`,
    );
};
