import { plus, type QuoteAmount, ZERO_QUOTE } from '../money/money.ts';
import { PARTS, type PartName } from './statement.ts';

/** Quote units, signed. */
export type Parts = Readonly<Record<PartName, QuoteAmount>>;

export const NO_PARTS: Parts = {
  deposits: ZERO_QUOTE,
  withdrawals: ZERO_QUOTE,
  rounding: ZERO_QUOTE,
  realised: ZERO_QUOTE,
  unrealised: ZERO_QUOTE,
  fees: ZERO_QUOTE,
  handedOver: ZERO_QUOTE,
  ownHoldings: ZERO_QUOTE,
  otherTrades: ZERO_QUOTE,
  unpriced: ZERO_QUOTE,
  unexplained: ZERO_QUOTE,
};

export const sumOf = (amounts: Iterable<QuoteAmount>): QuoteAmount => {
  let sum = ZERO_QUOTE;
  for (const amount of amounts) sum = plus(sum, amount);
  return sum;
};

/** Part by part. */
export const addedUp = (all: readonly Parts[]): Parts => {
  const sums = { ...NO_PARTS };
  for (const parts of all) for (const part of PARTS) sums[part] = plus(sums[part], parts[part]);
  return sums;
};

/** What Nija's trades made. */
export const resultOf = ({ realised, unrealised, fees, handedOver }: Parts): QuoteAmount =>
  sumOf([realised, unrealised, fees, handedOver]);
