import { LEDGER_ACCESS } from '../../infra/functions/ledger-access.ts';
import type { FunctionName } from '../../infra/functions/specs.ts';
import type { ItemAccess } from './item-access.ts';

/** What the role of a function lets it do with the ledger, as a deployment's policies say it. */
export const mayAccess = (fn: FunctionName, { action, pk, index }: ItemAccess): boolean => {
  const { table, indexes } = LEDGER_ACCESS[fn];
  if (index !== undefined)
    return indexes.some((granted) => granted.index === index && matchesAny(granted.keys, pk));
  return matchesAny(table[action] ?? [], pk);
};

const matchesAny = (patterns: readonly string[], pk: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern));
