import * as z from 'zod';
import { type AccountId, zAccountId, zSymbol } from '../../account/account.ts';
import type { Fill } from '../../exchange/exchange.ts';
import { zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import type { Instant } from '../../time/clock.ts';
import type { FillStore } from '../ledger.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { SORT } from './keys.ts';
import { placeOf, type Table } from './table-access.ts';
import { ABSENT, type Write } from './writes.ts';

type RecordedFill = Fill & { readonly accountId: AccountId; readonly recordedAt: Instant };

const fillKey = (accountId: AccountId, fillId: string): Key => ({ pk: accountId, sk: SORT.fill(fillId) });

const fillEntity: Entity<RecordedFill> = {
  kind: 'FILL',
  schema: z.object({
    accountId: zAccountId,
    fillId: z.string().min(1),
    exchangeOrderId: z.string().min(1),
    symbol: zSymbol,
    side: z.enum(['BUY', 'SELL']),
    quantity: zQuantity,
    price: zPrice,
    cost: zQuote,
    fee: z.object({ asset: z.string().min(1), amount: zQuantity }),
    at: z.number(),
    recordedAt: z.number(),
  }),
  key: (fill) => fillKey(fill.accountId, fill.fillId),
};

/** The write that records an execution, once ever. */
export const fillRecord = (accountId: AccountId, fill: Fill, recordedAt: Instant): Write => ({
  type: 'put',
  what: `fill ${fill.fillId} of ${accountId}`,
  item: toItem(fillEntity, { ...fill, accountId, recordedAt }),
  condition: ABSENT,
});

export const dynamoFills = (table: Table): FillStore => ({
  recorded: async (accountId, fillIds) => {
    if (fillIds.length === 0) return new Set();
    const found = await table.getAll(
      `read which fills of ${accountId} are recorded`,
      fillIds.map((fillId) => fillKey(accountId, fillId)),
    );
    return new Set(fillIds.filter((fillId) => found.has(placeOf(fillKey(accountId, fillId)))));
  },
  list: async (accountId) => {
    const items = await table.all({
      what: `list the fills of ${accountId}`,
      where: {
        expression: '#pk = :account AND begins_with(#sk, :fills)',
        values: { account: accountId, fills: SORT.fill('') },
      },
      consistent: true,
    });
    return items
      .map((item) => fromItem(fillEntity, item))
      .sort((a, b) => a.at - b.at || a.fillId.localeCompare(b.fillId));
  },
});
