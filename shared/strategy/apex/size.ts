import {
  type Fraction,
  floorTo,
  fraction,
  greatest,
  least,
  lessAtMost,
  ONE,
  type QuoteAmount,
  quote,
  scale,
  ZERO_QUOTE,
} from '../../money/money.ts';
import type { ApexConfig } from './config.ts';

const CASH_STEP = quote('0.000000000001');

type SizeConfig = ApexConfig['size'];

export interface SizeFacts {
  readonly adx: number;
  readonly score: number;
  /** Positions closed at a loss in a row. */
  readonly losingStreak: number;
  /** ATR ÷ price. */
  readonly volatility: number;
}

const timesForScore = (score: number, size: SizeConfig): Fraction => {
  if (score >= size.highScore.atLeast) return size.highScore.times;
  return score >= size.middleScore.atLeast ? size.middleScore.times : size.lowScore;
};

const timesForStreak = (streak: number, factors: readonly Fraction[]): Fraction =>
  streak <= 0 ? ONE : (factors[Math.min(streak, factors.length) - 1] ?? ONE);

/** Of calm, lively and wild one at most applies: wild replaces lively. */
const timesForVolatility = (volatility: number, { calm, lively, wild }: SizeConfig): Fraction => {
  if (volatility > wild.above) return wild.times;
  if (volatility > lively.above) return lively.times;
  return volatility < calm.below ? calm.times : ONE;
};

/**
 * The share of equity to buy for, always within [minimum, maximum]; `undefined` where the ADX is below every
 * line of the table. A line's `from` belongs to it.
 */
export const sizeFraction = (facts: SizeFacts, size: SizeConfig): Fraction | undefined => {
  const line = size.byAdx.findLast(({ from }) => facts.adx >= from);
  if (line === undefined) return undefined;
  const product = [
    timesForScore(facts.score, size),
    timesForStreak(facts.losingStreak, size.byLosingStreak),
    timesForVolatility(facts.volatility, size),
  ].reduce((share, times) => scale(share, times), line.fraction);
  return least(greatest(product, size.minimum), size.maximum);
};

export type SizedEntry =
  | { readonly amount: QuoteAmount; readonly fraction: Fraction }
  | { readonly refused: 'EXPOSURE' | 'INSUFFICIENT_CASH'; readonly room: QuoteAmount };

/**
 * The quote amount to spend. Exposure and cash reduce it; where less than the minimum share is left, there is no
 * entry, so every entry is within the clamp, the exposure and the cash (the fee of the purchase included).
 */
export const sizeAmount = (
  share: Fraction,
  account: { readonly equity: QuoteAmount; readonly cash: QuoteAmount; readonly roundTripFee: Fraction },
  exposure: QuoteAmount,
  size: SizeConfig,
): SizedEntry => {
  const smallest = scale(account.equity, size.minimum);
  const room = lessAtMost(scale(account.equity, size.maximumExposure), exposure);
  if (room.lt(smallest) || !account.equity.gt(0)) return { refused: 'EXPOSURE', room };
  const fees = fraction(account.roundTripFee.div(2).plus(1));
  // Rounded down: the last digit of a quotient must not exceed the cash.
  const affordable = account.cash.gt(0) ? floorTo(quote(account.cash.div(fees)), CASH_STEP) : ZERO_QUOTE;
  if (affordable.lt(smallest)) return { refused: 'INSUFFICIENT_CASH', room: affordable };
  return { amount: least(scale(account.equity, share), room, affordable), fraction: share };
};
