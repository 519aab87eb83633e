import * as z from 'zod';
import { zAccountId, zSymbol } from '../../account/account.ts';
import type { Trade } from '../../copying/trade.ts';
import { EXCHANGES } from '../../exchange/market.ts';
import { zFraction, zPrice, zQuantity, zQuote } from '../../money/schema.ts';
import { type Image, plainItem } from './attribute-values.ts';
import { type Entity, fromItem, toItem } from './entity.ts';
import { SORT, tradeSort } from './keys.ts';
import { ABSENT, type Write } from './writes.ts';

export const zTrade = z.object({
  tradeId: z.string().min(1),
  masterId: zAccountId,
  exchange: z.enum(EXCHANGES),
  symbol: zSymbol,
  side: z.enum(['BUY', 'SELL']),
  quantity: zQuantity,
  price: zPrice,
  notional: zQuote,
  masterEquityBefore: zQuote,
  soldFraction: zFraction,
  at: z.number(),
  exchangeOrderId: z.string().min(1),
});

export const tradeEntity: Entity<Trade> = {
  kind: 'TRADE',
  schema: zTrade,
  key: (trade) => ({ pk: trade.masterId, sk: SORT.trade(trade.tradeId) }),
  indexes: (trade) => ({ lsi1sk: tradeSort(trade.at, trade.tradeId) }),
};

/** The write that publishes a trade, once ever. */
export const tradePublication = (trade: Trade): Write => ({
  type: 'put',
  what: `trade ${trade.tradeId} of ${trade.masterId}`,
  item: toItem(tradeEntity, trade),
  condition: ABSENT,
});

/** What the event source selects: the insertion of TRADE items. */
export const TRADE_INSERTS = {
  eventName: ['INSERT'],
  dynamodb: { NewImage: { kind: { S: [tradeEntity.kind] } } },
} as const;

/**
 * The trade of a stream record's new image (`{ tradeId: { S: '…' }, … }`).
 *
 * @throws LedgerError naming the fields that are wrong
 */
export const tradeFromImage = (newImage: Image): Trade => fromItem(tradeEntity, plainItem(newImage));
