import type { Candle } from '../../exchange/exchange.ts';
import { type Fraction, fraction, MoneyError } from '../../money/money.ts';
import type { Instant } from '../../time/clock.ts';

/**
 * The boundary between statistics and money. Indicators are statistics: they are computed in binary floats from
 * `barOf`. No float becomes money except through `fractionFromStatistic`: distances (an ATR) enter as a fraction
 * of a price, and are multiplied with exact prices from there on.
 */
export interface Bar {
  /** When the candle opened. */
  readonly at: Instant;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const bars = new WeakMap<Candle, Bar>();

/** A candle's figures as floats. Candles never change, so each is converted once while it is in use. */
export const barOf = (candle: Candle): Bar => {
  const known = bars.get(candle);
  if (known !== undefined) return known;
  const bar = {
    at: candle.at,
    open: candle.open.toNumber(),
    high: candle.high.toNumber(),
    low: candle.low.toNumber(),
    close: candle.close.toNumber(),
    volume: candle.volume.toNumber(),
  };
  bars.set(candle, bar);
  return bar;
};

const LARGEST = 1_000;

/**
 * A statistic as an exact fraction, to twelve decimal places; at most 1000, which no price distance survives.
 * @throws MoneyError for a negative statistic, or one that has no value
 */
export const fractionFromStatistic = (statistic: number): Fraction => {
  if (Number.isNaN(statistic)) throw new MoneyError('a statistic without a value is no fraction (given NaN)');
  return fraction(Math.min(statistic, LARGEST).toFixed(12));
};
