import { costOfRest } from '../ledger/apply-fills.ts';
import {
  greatest,
  least,
  lessAtMost,
  minus,
  plus,
  type Quantity,
  type QuoteAmount,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../money/money.ts';
import type { Method } from './statement.ts';

/** Coins bought at once: what they cost without fees, and the fees. Quote units. */
export interface Lot {
  readonly quantity: Quantity;
  readonly cost: QuoteAmount;
  readonly fees: QuoteAmount;
}

/** What is managed of one symbol, oldest first; at average cost one lot at most. */
export type Book = readonly Lot[];

const NO_LOT: Lot = { quantity: ZERO_QUANTITY, cost: ZERO_QUOTE, fees: ZERO_QUOTE };

/** A book as one lot. */
export const allOf = (book: Book): Lot =>
  book.reduce(
    (sum, { quantity, cost, fees }) => ({
      quantity: plus(sum.quantity, quantity),
      cost: plus(sum.cost, cost),
      fees: plus(sum.fees, fees),
    }),
    NO_LOT,
  );

export const withLot = (book: Book, lot: Lot, method: Method): Book =>
  method === 'fifo' ? [...book, lot] : [allOf([...book, lot])];

/**
 * Takes up to `amount`, the oldest first. What is taken and what is left add up to what was there exactly: of a
 * lot that is taken in part, what is left has its share of the cost, rounded down.
 */
export const takeFrom = (book: Book, amount: Quantity): { readonly taken: Lot; readonly left: Book } => {
  let open = amount;
  const taken: Lot[] = [];
  const left: Lot[] = [];
  for (const lot of book) {
    const part = least(open, lot.quantity);
    open = lessAtMost(open, part);
    if (part.isZero()) left.push(lot);
    else if (part.eq(lot.quantity)) taken.push(lot);
    else {
      const rest = restOf(lot, lessAtMost(lot.quantity, part));
      taken.push({ quantity: part, cost: minus(lot.cost, rest.cost), fees: minus(lot.fees, rest.fees) });
      left.push(rest);
    }
  }
  return { taken: allOf(taken), left };
};

const restOf = (lot: Lot, quantity: Quantity): Lot => ({
  quantity,
  cost: costOfRest(greatest(lot.cost, ZERO_QUOTE), lot.quantity, quantity),
  fees: costOfRest(lot.fees, lot.quantity, quantity),
});
