import { PLACE, synthesised } from '../stacks/synthesised.ts';
import { readTemplates } from '../templates.ts';
import { type Roles, readRoles } from './roles.ts';

const MASTER = { accountId: 'm-apex', schedule: 'rate(1 minute)' } as const;

/** The channel of the stage. */
export const CHANNEL = { id: 'ops', kind: 'webhook' } as const;

export interface Deployed {
  readonly roles: Roles;
  /** The name by which AWS knows one of our functions. */
  named(name: string): string;
  readonly tableArn: string;
  queueArn(name: string): string;
  secretArn(name: string): string;
}

/** What all stacks of a stage give each function, read from their templates. */
export const deployed = (stage: string): Deployed => {
  const roles = readRoles(
    readTemplates(synthesised({ masters: [MASTER], notify: [CHANNEL] }, stage).templates, PLACE),
  );
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${resource}`;
  return {
    roles,
    named: (name) => `nija-${stage}-${name}`,
    tableArn: arn('dynamodb', `table/nija-${stage}-ledger`),
    queueArn: (name) => arn('sqs', name),
    // AWS ends the ARN of each secret with six characters of its own.
    secretArn: (name) => arn('secretsmanager', `secret:${name}-AbC4eF`),
  };
};
