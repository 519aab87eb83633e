import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import type { CursorStore } from '../../strategy/master-ledger.ts';
import type { Instant } from '../../time/clock.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { ConditionFailed, type Table } from './table-access.ts';

const cursorKey = (accountId: AccountId): Key => ({ pk: accountId, sk: SORT.cursor });

const cursorEntity: Entity<{ readonly accountId: AccountId; readonly ingestedTo: Instant }> = {
  kind: 'CURSOR',
  schema: z.object({ accountId: zAccountId, ingestedTo: z.number() }),
  key: ({ accountId }) => cursorKey(accountId),
};

export const dynamoCursors = (table: Table): CursorStore => ({
  get: async (accountId) => {
    const item = await table.get(`read the cursor of ${accountId}`, cursorKey(accountId));
    return item === undefined ? undefined : fromItem(cursorEntity, item).ingestedTo;
  },
  advance: async (accountId, to) => {
    try {
      await table.write({
        type: 'put',
        what: `the cursor of ${accountId}`,
        item: toItem(cursorEntity, { accountId, ingestedTo: to }),
        condition: {
          expression: 'attribute_not_exists(#pk) OR #ingestedTo < :ingestedTo',
          values: { ingestedTo: to },
        },
      });
    } catch (error) {
      // It is there already, or further on.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  },
});
