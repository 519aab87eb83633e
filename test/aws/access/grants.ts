import * as z from 'zod';
import type { Asking } from './relay.ts';
import type { Policy } from './roles.ts';

const zOneOrMany = z.union([z.string().transform((only) => [only]), z.array(z.string())]);
const zKeyCondition = z.looseObject({
  'ForAllValues:StringLike': z.object({ 'dynamodb:LeadingKeys': zOneOrMany }),
});

/** One thing that a policy allows of the ledger: an action on the items, or in an index, of some partitions. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly keys: string;
}

/** What the policies allow of the ledger, one by one. */
export const ledgerGrants = (policies: readonly Policy[]): readonly Grant[] =>
  policies.flatMap(({ document }) =>
    document.Statement.flatMap(({ Action = [], Resource = [], ...rest }) => {
      const condition = zKeyCondition.safeParse(rest['Condition']);
      if (!condition.success) return [];
      return Action.flatMap((action) =>
        Resource.flatMap((resource) =>
          condition.data['ForAllValues:StringLike']['dynamodb:LeadingKeys'].map((keys) => ({
            action,
            resource,
            keys,
          })),
        ),
      );
    }),
  );

const matches = (pattern: string, key: string): boolean =>
  pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

export const isUsed = (grant: Grant, asked: readonly Asking[]): boolean =>
  asked.some(
    ({ action, resource, leadingKeys = [] }) =>
      action === grant.action &&
      resource === grant.resource &&
      leadingKeys.some((key) => matches(grant.keys, key)),
  );

/** `exit PutItem u-*`, `trade-copier Query gsi1 followers#*` */
export const grantText = (name: string, { action, resource, keys }: Grant): string => {
  const index = /\/index\/(\w+)$/.exec(resource)?.[1];
  return [name, action.replace('dynamodb:', ''), ...(index === undefined ? [] : [index]), keys].join(' ');
};
