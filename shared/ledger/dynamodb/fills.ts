import * as z from 'zod';
import { type AccountId, roleOf, zAccountId, zSymbol } from '../../account/account.ts';
import { zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import type { FillStore, RecordedFill } from '../ledger.ts';
import { type Entity, fromItem, type Key, toItem } from './entity.ts';
import { fillSort, SORT } from './keys.ts';
import { placeOf, type Table } from './table-access.ts';
import { ABSENT, type Write } from './writes.ts';

/** Later than any execution. */
const NEVER = 999_999_999_999_999;

type FillItem = RecordedFill & { readonly accountId: AccountId };

const fillKey = (accountId: AccountId, fillId: string): Key => ({ pk: accountId, sk: SORT.fill(fillId) });

export const fillEntity: Entity<FillItem> = {
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
    cause: z.string().exactOptional(),
  }),
  key: (fill) => fillKey(fill.accountId, fill.fillId),
  // Only a user's late sale asks what came after its trade.
  indexes: ({ accountId, symbol, at, fillId }) =>
    roleOf(accountId) === 'user' ? { lsi1sk: fillSort(symbol, at, fillId) } : {},
};

/** The write that records an execution, once ever. */
export const fillRecord = (fill: FillItem): Write => ({
  type: 'put',
  what: `fill ${fill.fillId} of ${fill.accountId}`,
  item: toItem(fillEntity, fill),
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
  since: async (accountId, symbol, at) => {
    const items = await table.all({
      what: `list the fills of ${accountId} in ${symbol} since ${at}`,
      index: 'lsi1',
      where: {
        expression: '#pk = :account AND #lsi1sk BETWEEN :first AND :last',
        values: {
          account: accountId,
          first: fillSort(symbol, at, ''),
          last: fillSort(symbol, NEVER, ''),
        },
      },
      consistent: true,
    });
    return items.map((item) => fromItem(fillEntity, item));
  },
});
