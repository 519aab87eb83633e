import * as z from 'zod';
import type { StoredItem } from '../../aws/dynamodb/value.ts';

const zTrade = z.looseObject({
  tradeId: z.string(),
  masterId: z.string(),
  symbol: z.string(),
  side: z.enum(['BUY', 'SELL']),
  quantity: z.string(),
  notional: z.string(),
  masterEquityBefore: z.string(),
  soldFraction: z.string(),
  at: z.number(),
  exchangeOrderId: z.string(),
});
export type PublishedTrade = z.infer<typeof zTrade>;

const zCopy = z.looseObject({
  accountId: z.string(),
  trade: zTrade,
  createdAt: z.number(),
  outcome: z
    .looseObject({
      state: z.enum(['FILLED', 'SKIPPED', 'FAILED']),
      reason: z.string().optional(),
      detail: z.string().optional(),
      quantity: z.string().optional(),
      asked: z.string().optional(),
    })
    .optional(),
  finishedAt: z.number().optional(),
  owed: z
    .looseObject({
      since: z.number(),
      remaining: z.string().optional(),
      share: z.string().optional(),
      lastReason: z.string(),
      madeGood: z.looseObject({ by: z.string() }).optional(),
    })
    .optional(),
});
/** A COPY item as far as it is judged; decimals are texts. */
export type StoredCopy = z.infer<typeof zCopy>;

/** @throws ZodError for an item that is no copy */
export const copyOf = (item: StoredItem): StoredCopy => zCopy.parse(item);
/** @throws ZodError for an item that is no trade */
export const publishedTrade = (item: StoredItem): PublishedTrade => zTrade.parse(item);

/** Its sale was owed, and is not any more. */
export const isMadeGood = ({ owed }: StoredCopy): boolean => owed?.madeGood !== undefined;
