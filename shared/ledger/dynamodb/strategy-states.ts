import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import type { StrategyStateStore } from '../../strategy/master-ledger.ts';
import { LedgerError } from '../ledger.ts';
import type { Read } from '../read.ts';
import { type Entity, fromItem, type Item, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import type { Table } from './table-access.ts';

interface StoredState {
  readonly accountId: AccountId;
  readonly key: string;
  /** As JSON: what a strategy keeps is its own business. */
  readonly state: string;
}

const stateKey = (accountId: AccountId, key: string): Key => ({ pk: accountId, sk: SORT.strategy(key) });

const stateEntity: Entity<StoredState> = {
  kind: 'STRATEGY_STATE',
  schema: z.object({ accountId: zAccountId, key: z.string(), state: z.string() }),
  key: ({ accountId, key }) => stateKey(accountId, key),
};

const memoryOf = (item: Item): readonly [string, Read<unknown>] => {
  const key = String(item['sk']).slice(SORT.strategy('').length);
  try {
    return [key, { readable: true, value: JSON.parse(fromItem(stateEntity, item).state) }];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [key, { readable: false, why: `the strategy's memory of ${key} is damaged: ${why}` }];
  }
};

export const dynamoStrategyStates = (table: Table): StrategyStateStore => ({
  all: async (accountId) => {
    const items = await table.all({
      what: `read what the strategy of ${accountId} remembers`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :states)',
        values: { account: accountId, states: SORT.strategy('') },
      },
      consistent: true,
    });
    return new Map(items.map(memoryOf));
  },
  put: async (accountId, key, state) => {
    const text = JSON.stringify(state);
    if (text === undefined) {
      throw new LedgerError(
        `the strategy's memory of ${key} for ${accountId} must be plain JSON (given ${typeof state})`,
      );
    }
    await table.write({
      type: 'put',
      what: `the strategy's memory of ${key} for ${accountId}`,
      item: toItem(stateEntity, { accountId, key, state: text }),
    });
  },
  remove: async (accountId, key) => {
    await table.write({
      type: 'delete',
      what: `the strategy's memory of ${key} for ${accountId}`,
      key: stateKey(accountId, key),
    });
  },
});
