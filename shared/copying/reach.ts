import * as z from 'zod';
import type { AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import { baseMoved } from '../ledger/apply-fills.ts';
import type { Ledger, RecordedFill } from '../ledger/ledger.ts';
import type { Position } from '../ledger/position.ts';
import { lessAtMost, type Quantity, ZERO_QUANTITY } from '../money/money.ts';
import type { Copy } from './copy.ts';
import { jsonText } from './json-text.ts';
import { laterCoins, type Movement, type TradePlace } from './lots.ts';

export type ReachLedger = Pick<Ledger, 'fills' | 'copies' | 'reconciliation'>;

/** Why a SELL leaves a whole position alone. */
export const cameLater = (symbol: MarketSymbol): string =>
  `all ${symbol} held now came after this trade of the master, and is not sold for it`;

/**
 * What a SELL may touch: the position less what came after its trade. Bought for a later trade, or adopted later;
 * what was bought for an earlier trade is within reach however late it was filled. Where the position did not grow
 * since the trade, that is all of it, and nothing is read.
 *
 * @throws LedgerError
 */
export const reachOf = async (
  { accountId, trade }: Pick<Copy, 'accountId' | 'trade'>,
  position: Position | undefined,
  ledger: ReachLedger,
): Promise<Quantity> => {
  if (position === undefined) return ZERO_QUANTITY;
  const { quantity, grewAt, symbol } = position;
  // What was bought for a later trade was filled after that, so after this one: by one clock, the exchange's.
  if (quantity.isZero() || grewAt === undefined || grewAt < trade.at) return quantity;
  const [fills, changes] = await Promise.all([
    ledger.fills.since(accountId, symbol, trade.at),
    ledger.reconciliation.adjustmentsSince(accountId, symbol, trade.at),
  ]);
  const places = await placesOf(fills, accountId, ledger);
  const movements = [
    ...fills.map((fill) => ({ at: fill.at, movement: executed(fill, places) })),
    ...changes.map((change) => ({ at: change.at, movement: adjusted(change) })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ movement }) => movement);
  return lessAtMost(quantity, laterCoins(quantity, trade, movements));
};

const zCopyCause = jsonText(z.tuple([z.enum(['copy', 'owed']), z.string(), z.string()]).rest(z.unknown()));

/** The trade that an order was made for: a copy of it, or a sale that such a copy owed. Other causes have none. */
export const tradeIdOf = (cause: string | undefined): string | undefined =>
  cause === undefined ? undefined : zCopyCause.safeParse(cause).data?.[2];

/** Of the trades of these fills, by the account's own copies of them. */
const placesOf = async (
  fills: readonly RecordedFill[],
  accountId: AccountId,
  { copies }: ReachLedger,
): Promise<ReadonlyMap<string, TradePlace>> => {
  const ids = new Set(fills.flatMap(({ cause }) => tradeIdOf(cause) ?? []));
  const found = await Promise.all([...ids].map((tradeId) => copies.get(accountId, tradeId)));
  return new Map(found.flatMap((copy) => (copy === undefined ? [] : [[copy.trade.tradeId, copy.trade]])));
};

const executed = (fill: RecordedFill, places: ReadonlyMap<string, TradePlace>): Movement => {
  const of = places.get(tradeIdOf(fill.cause) ?? '');
  return {
    direction: fill.side === 'BUY' ? 'IN' : 'OUT',
    quantity: baseMoved(fill, fill.symbol.slice(0, fill.symbol.indexOf('/'))),
    ...(of === undefined ? {} : { of }),
  };
};

/** What was adopted has the adoption's own place; what was lost, closed or released, nobody's. */
const adjusted = ({ quantityBefore, quantityAfter, at, id }: Adjustment): Movement =>
  quantityAfter.gt(quantityBefore)
    ? {
        direction: 'IN',
        quantity: lessAtMost(quantityAfter, quantityBefore),
        of: { at, tradeId: id },
      }
    : { direction: 'OUT', quantity: lessAtMost(quantityBefore, quantityAfter) };
