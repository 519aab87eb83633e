import { type Asset, isCash } from '../exchange/market.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import {
  floorTo,
  least,
  lessAtMost,
  minus,
  notional,
  plus,
  type Quantity,
  type QuoteAmount,
  quote,
  ratio,
  scale,
  type Units,
  units,
  ZERO_QUANTITY,
  ZERO_QUOTE,
  ZERO_UNITS,
} from '../money/money.ts';
import { assetsOf } from '../snapshot/flows.ts';
import { allOf, type Book, type Lot, takeFrom, withLot } from './lots.ts';
import { originOf } from './origin.ts';
import { type Prices, worthAt } from './prices.ts';
import type { Method, TradeLine } from './statement.ts';

/** How much of an asset came (or left), and what for. */
export interface Move {
  readonly asset: Asset;
  readonly units: Units;
  /** Quote units, of the same sign. */
  readonly value: QuoteAmount;
}

/** What an execution did. */
export interface FillEffect {
  readonly line: TradeLine;
  readonly book: Book;
  /** Of every asset, fees included. */
  readonly moved: readonly Move[];
  /** Of it, what is not of the managed position: the cash, and the owner's own coins. */
  readonly own: readonly Move[];
  readonly realised: QuoteAmount;
  readonly fee: QuoteAmount;
  /** What an execution brought that was not against cash, and is in no position's cost. */
  readonly exchanged: QuoteAmount;
}

const STEP = quote('0.000000000001');

/**
 * What an execution did to what is managed and to all else, at its own price. The managed part costs what was paid
 * without the fee; a fee in the base is worth its units at the price, one in a third asset what that was worth at
 * the next snapshot. Of a sale of more than is managed the rest is the owner's own.
 */
export const effectOf = (fill: RecordedFill, book: Book, prices: Prices, method: Method): FillEffect => {
  const [, quoted] = assetsOf(fill);
  if (!isCash(quoted)) return exchangeOf(fill, book, prices);
  return fill.side === 'BUY' ? purchaseOf(fill, book, prices, method) : saleOf(fill, book, prices);
};

const purchaseOf = (fill: RecordedFill, book: Book, prices: Prices, method: Method): FillEffect => {
  const [base, quoted] = assetsOf(fill);
  const baseFee = baseFeeOf(fill);
  const got = lessAtMost(fill.quantity, baseFee);
  const eaten = least(baseFee, fill.quantity);
  const fee = feeValue(fill, prices);
  const lot: Lot = { quantity: got, cost: minus(fill.cost, notional(eaten, fill.price)), fees: fee };
  // A fee that eats all of a purchase, and more, comes from the owner's own coins.
  const fromOwn = lessAtMost(baseFee, eaten);
  const whole = got.isZero();
  return {
    line: lineOf(fill, fee),
    book: whole ? book : withLot(book, lot, method),
    moved: [move(base, units(fill.quantity), fill), cash(quoted, negated(fill.cost)), feeMove(fill, fee)],
    own: [
      cash(quoted, negated(fill.cost)),
      ...(baseFee.isZero() ? [feeMove(fill, fee)] : [move(base, units(fromOwn.negated()), fill)]),
    ],
    realised: whole ? negated(lot.cost) : ZERO_QUOTE,
    fee,
    exchanged: ZERO_QUOTE,
  };
};

const saleOf = (fill: RecordedFill, book: Book, prices: Prices): FillEffect => {
  const [base, quoted] = assetsOf(fill);
  const baseFee = baseFeeOf(fill);
  const given = plus(fill.quantity, baseFee);
  const fee = feeValue(fill, prices);
  const worth = plus(fill.cost, notional(baseFee, fill.price));
  const { taken, left } = takeFrom(book, least(given, allOf(book).quantity));
  const forManaged = shareOf(worth, taken.quantity, given);
  const realised = minus(forManaged, taken.cost);
  const fromOwn = lessAtMost(given, taken.quantity);
  const fees = plus(shareOf(fee, taken.quantity, given), taken.fees);
  const line = lineOf(fill, fee);
  return {
    line: taken.quantity.isZero()
      ? line
      : { ...line, profit: { beforeFees: realised, fees, afterFees: minus(realised, fees) } },
    book: left,
    moved: [move(base, units(fill.quantity.negated()), fill), cash(quoted, fill.cost), feeMove(fill, fee)],
    own: [
      cash(quoted, fill.cost),
      { asset: base, units: units(fromOwn.negated()), value: minus(forManaged, worth) },
      ...(baseFee.isZero() ? [feeMove(fill, fee)] : []),
    ],
    realised,
    fee,
    exchanged: ZERO_QUOTE,
  };
};

/** One asset against another, neither of them cash: both at what they were worth at the next snapshot. */
const exchangeOf = (fill: RecordedFill, book: Book, prices: Prices): FillEffect => {
  const [base, quoted] = assetsOf(fill);
  const bought = fill.side === 'BUY';
  const worth = (asset: Asset, amount: Quantity | QuoteAmount, came: boolean): Move => {
    const signed = units(came ? amount : amount.negated());
    return { asset, units: signed, value: worthAt(signed, prices, asset) };
  };
  const fee = feeValue(fill, prices);
  const legs = [worth(base, fill.quantity, bought), worth(quoted, fill.cost, !bought)];
  const moved = [...legs, feeMove(fill, fee)];
  return {
    line: lineOf(fill, fee),
    book,
    moved,
    own: moved,
    realised: ZERO_QUOTE,
    fee,
    exchanged: legs.reduce((sum, { value }) => plus(sum, value), ZERO_QUOTE),
  };
};

const baseFeeOf = (fill: RecordedFill): Quantity => {
  const [base] = assetsOf(fill);
  return fill.fee.asset === base ? fill.fee.amount : ZERO_QUANTITY;
};

/** Quote units. */
const feeValue = (fill: RecordedFill, prices: Prices): QuoteAmount => {
  const [base, quoted] = assetsOf(fill);
  const { asset, amount } = fill.fee;
  return asset === base && isCash(quoted)
    ? notional(amount, fill.price)
    : worthAt(units(amount), prices, asset);
};

const shareOf = (worth: QuoteAmount, part: Quantity, whole: Quantity): QuoteAmount => {
  if (part.eq(whole)) return worth;
  return part.isZero() ? ZERO_QUOTE : floorTo(scale(worth, ratio(part, whole)), STEP);
};

const lineOf = (fill: RecordedFill, value: QuoteAmount): TradeLine => {
  const { fillId, at, symbol, side, quantity, price, cost, fee, cause } = fill;
  return { fillId, at, symbol, side, quantity, price, cost, fee: { ...fee, value }, origin: originOf(cause) };
};

const negated = (amount: QuoteAmount): QuoteAmount => minus(ZERO_QUOTE, amount);
const move = (asset: Asset, amount: Units, { price }: RecordedFill): Move => ({
  asset,
  units: amount,
  value: notional(amount, price),
});
/** At par. */
const cash = (asset: Asset, value: QuoteAmount): Move => ({ asset, units: units(value), value });
const feeMove = ({ fee }: RecordedFill, value: QuoteAmount): Move => ({
  asset: fee.asset,
  units: minus(ZERO_UNITS, units(fee.amount)),
  value: negated(value),
});
