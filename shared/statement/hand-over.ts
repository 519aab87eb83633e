import type { Asset } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import { lessAtMost, minus, notional, type QuoteAmount, units, ZERO_QUOTE } from '../money/money.ts';
import type { Move } from './effect-of-fill.ts';
import { type Book, takeFrom, withLot } from './lots.ts';
import { type Prices, priceIn } from './prices.ts';
import type { HandOver, Method } from './statement.ts';

export interface HandOverEffect {
  readonly line: HandOver;
  readonly book: Book;
  /** What the owner's own coins got, or gave. */
  readonly own: Move;
  /** What the position had gained by what it gave. */
  readonly gained: QuoteAmount;
}

/**
 * What a change without an execution did: coins that pass between owner and management do so at what they were worth
 * at the next snapshot, so that each is accountable for what the price did while it had them. Where there was no
 * price, at the cost that the ledger has.
 *
 * @returns undefined where nothing passed
 */
export const handOverOf = (
  adjustment: Adjustment,
  base: Asset,
  book: Book,
  prices: Prices,
  method: Method,
): HandOverEffect | undefined => {
  const { at, symbol, reason, why, quantityBefore, quantityAfter, costBefore, costAfter } = adjustment;
  const price = priceIn(prices, base);
  const came = lessAtMost(quantityAfter, quantityBefore);
  if (!came.isZero()) {
    const value = price === undefined ? minus(costAfter, costBefore) : notional(came, price);
    return {
      line: { at, symbol, reason, why, units: units(came), value },
      book: withLot(book, { quantity: came, cost: value, fees: ZERO_QUOTE }, method),
      own: { asset: base, units: units(came.negated()), value: minus(ZERO_QUOTE, value) },
      gained: ZERO_QUOTE,
    };
  }
  const { taken, left } = takeFrom(book, lessAtMost(quantityBefore, quantityAfter));
  if (taken.quantity.isZero()) return undefined;
  const value = price === undefined ? taken.cost : notional(taken.quantity, price);
  return {
    line: { at, symbol, reason, why, units: units(taken.quantity.negated()), value },
    book: left,
    own: { asset: base, units: units(taken.quantity), value },
    gained: minus(value, taken.cost),
  };
};
