import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import type { StrategyStateStore } from '../../strategy/master-ledger.ts';
import { LedgerError } from '../ledger.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
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

export const dynamoStrategyStates = (table: Table): StrategyStateStore => ({
  get: async (accountId, key) => {
    const item = await table.get(
      `read the strategy's memory of ${key} for ${accountId}`,
      stateKey(accountId, key),
    );
    if (item === undefined) return undefined;
    const { state } = fromItem(stateEntity, item);
    try {
      return JSON.parse(state) as unknown;
    } catch (error) {
      throw new LedgerError(
        `the strategy's memory of ${key} for ${accountId} is damaged: remove it, and the strategy plans anew`,
        { cause: error },
      );
    }
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
