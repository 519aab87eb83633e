import type { AccountId } from '../account/account.ts';
import type { Fill } from '../exchange/exchange.ts';
import { type Asset, isCash, type Market } from '../exchange/market.ts';
import {
  floorTo,
  lessAtMost,
  type Price,
  plus,
  type Quantity,
  type QuoteAmount,
  quantity,
  quote,
  ratio,
  scale,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import { oversoldWith, soldBeforeKnown } from './oversold.ts';
import type { Position } from './position.ts';

/** Far below any quote currency's smallest unit: keeps stored figures short. */
const COST_STEP = quote('0.000000000001');

/** What is left of a cost basis when less is held: the same cost for each unit. Zero where nothing was held. */
export const costOfRest = (cost: QuoteAmount, held: Quantity, left: Quantity): QuoteAmount =>
  held.isZero() ? ZERO_QUOTE : floorTo(scale(cost, ratio(left, held)), COST_STEP);

/** How much of its base a fill brings or takes, a fee taken in the base included. */
export const baseMoved = ({ side, quantity: traded, fee }: Fill, base: Asset): Quantity => {
  const baseFee = fee.asset === base ? fee.amount : ZERO_QUANTITY;
  return side === 'BUY' ? lessAtMost(traded, baseFee) : plus(traded, baseFee);
};

/**
 * Whether coins that come in begin a position anew: what is held before cannot be sold, by the market's minimums
 * at this price. So rules that judged the position before (its best price, its age) never sell this one.
 */
export const beginsAnew = (held: Quantity, market: Market, at: Price | undefined): boolean =>
  !fitToMarket(held, market, at).fits;

/**
 * The position that new fills lead to. A bought quantity is less a fee taken in the base asset; the cost
 * includes a fee taken in cash. A sale takes its share of the cost basis with it, and a sale of more than
 * the position (the owner's other holdings) ends at zero, not below, and is remembered: a purchase before it that
 * is recorded only later brings as much less.
 *
 * @returns undefined only where there was no position and nothing was traded but a purchase that its fee ate
 */
export const applyFills = (
  before: Position | undefined,
  fills: readonly Fill[],
  market: Market,
  accountId: AccountId,
): Position | undefined => {
  if (fills.length === 0) return before;
  let held: Quantity = before?.quantity ?? ZERO_QUANTITY;
  let cost: QuoteAmount = before?.costBasis ?? ZERO_QUOTE;
  let openedAt = before?.openedAt;
  let grewAt = before?.grewAt;
  let oversold = before?.oversold ?? [];
  for (const fill of fills) {
    const moved = baseMoved(fill, market.base);
    const cashFee =
      isCash(fill.fee.asset) || fill.fee.asset === market.quote ? quote(fill.fee.amount) : ZERO_QUOTE;
    if (fill.side === 'BUY') {
      const earlier = soldBeforeKnown(oversold, moved, fill.at);
      oversold = earlier.oversold;
      const brought = lessAtMost(moved, earlier.sold);
      if (brought.isZero() && earlier.sold.gt(0)) continue;
      if (beginsAnew(held, market, fill.price)) openedAt = fill.at;
      grewAt = Math.max(grewAt ?? fill.at, fill.at);
      held = plus(held, brought);
      const paid = plus(fill.cost, cashFee);
      // What a fee has eaten whole leaves no cost to later fills, in whatever parts they come.
      cost = held.isZero()
        ? ZERO_QUOTE
        : plus(cost, earlier.sold.isZero() ? paid : costOfRest(paid, moved, brought));
    } else {
      const left = lessAtMost(held, moved);
      const beyond = lessAtMost(moved, held);
      if (beyond.gt(0)) oversold = oversoldWith(oversold, beyond, fill.at);
      cost = costOfRest(cost, held, left);
      held = left;
    }
  }
  if (before === undefined && held.isZero() && oversold.length === 0) return undefined;
  return {
    accountId,
    symbol: market.symbol,
    quantity: quantity(held),
    costBasis: cost,
    openedAt: openedAt ?? fills[0]?.at ?? 0,
    ...(grewAt === undefined ? {} : { grewAt }),
    ...(oversold.length === 0 ? {} : { oversold }),
    version: (before?.version ?? 0) + 1,
  };
};
