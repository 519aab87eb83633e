import type { Candle } from '../../exchange/exchange.ts';
import {
  type Fraction,
  greatest,
  least,
  lessAtMost,
  ONE,
  type Price,
  price,
  type Quantity,
  type QuoteAmount,
  scale,
} from '../../money/money.ts';
import type { ApexConfig } from './config.ts';
import { barOf, fractionFromStatistic } from './statistic.ts';

export interface Targets {
  readonly first: Price;
  readonly second: Price;
  readonly third: Price;
}

/** `share` below `level`. @throws MoneyError where nothing of it would be left */
export const below = (level: Price, share: Fraction): Price => scale(level, lessAtMost(ONE, share));

/** A stop kept between the nearest and the farthest distance below the entry. */
export const keepWithinBand = (stop: Price, entry: Price, { nearest, farthest }: ApexConfig['stop']): Price =>
  greatest(least(stop, below(entry, nearest)), below(entry, farthest));

/**
 * The swing low of the last candles less some ATRs, kept within the band below the entry.
 * @param atr of the last candle, in quote units
 */
export const initialStop = (
  entry: Price,
  candles: readonly Candle[],
  atr: number,
  stop: ApexConfig['stop'],
): Price => {
  const recent = candles.slice(-stop.swingBars);
  const last = recent.at(-1);
  if (last === undefined) return below(entry, stop.farthest);
  const swingLow = recent.reduce((low, candle) => least(low, candle.low), last.low);
  const gap = last.close.times(fractionFromStatistic(atr / barOf(last).close)).times(stop.atrsBelow);
  const wished = swingLow.minus(gap);
  return wished.gt(0) ? keepWithinBand(price(wished), entry, stop) : below(entry, stop.farthest);
};

/**
 * The three targets above an entry: multiples of R (entry − stop), the first at least `feeMultiple` round-trip
 * fees above the entry, none below the one before. Where the fees push the first up to the second
 * (`targetsPay` is false) there is to be no entry; a position that exists already is managed with them.
 */
export const targetsFor = (
  entry: Price,
  stop: Price,
  roundTripFee: Fraction,
  targets: ApexConfig['targets'],
): Targets => {
  const r = entry.minus(stop);
  const at = (times: Fraction): Price => price(entry.plus(r.times(times)));
  const pays = price(entry.times(roundTripFee.times(targets.feeMultiple).plus(1)));
  const first = greatest(at(targets.first), pays);
  const second = greatest(at(targets.second), first);
  return { first, second, third: greatest(at(targets.third), second) };
};

/** Whether a first target that earns its fees leaves the second above it. */
export const targetsPay = ({ first, second }: Targets): boolean => first.lt(second);

/** Digits kept of a price that a quotient gives: far below any price tick. */
const PRICE_DIGITS = 18;

/** The price at which a sale returns what the position cost, both fees included. */
export const breakEven = (costBasis: QuoteAmount, held: Quantity, roundTripFee: Fraction): Price => {
  const kept = held.times(ONE.minus(roundTripFee.div(2)));
  return price(costBasis.div(kept).toSignificantDigits(PRICE_DIGITS));
};

/** The average price paid, without the fee that the cost basis includes. */
export const priceWithoutFee = (costBasis: QuoteAmount, held: Quantity, roundTripFee: Fraction): Price => {
  const withFee = held.times(ONE.plus(roundTripFee.div(2)));
  return price(costBasis.div(withFee).toSignificantDigits(PRICE_DIGITS));
};
