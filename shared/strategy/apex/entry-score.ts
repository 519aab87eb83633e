import type { ApexConfig } from './config.ts';
import type { Readings } from './indicators.ts';
import type { Bar } from './statistic.ts';

export interface EntryVerdict {
  readonly passes: boolean;
  /** How many of the five conditions hold. */
  readonly score: number;
  readonly held: readonly string[];
}

/** A rising candle whose body covers the whole body of the falling one before it. */
export const isBullishEngulfing = (previous: Bar, last: Bar): boolean =>
  previous.close < previous.open &&
  last.close > last.open &&
  last.open <= previous.close &&
  last.close >= previous.open;

/** A lower wick longer than `toBody` bodies and than `toRange` of the whole candle. */
export const isHammer = (bar: Bar, toBody: number, toRange: number): boolean => {
  const wick = Math.min(bar.open, bar.close) - bar.low;
  return wick > toBody * Math.abs(bar.close - bar.open) && wick > toRange * (bar.high - bar.low);
};

const within = (close: number, level: number | undefined, nearness: number): boolean =>
  level !== undefined && Math.abs(close - level) <= nearness * level;

/** Is this the moment to buy? Enough of five conditions, and some volume in the longer view (required). */
export const judgeEntry = (readings: Readings, { entry }: ApexConfig): EntryVerdict => {
  const { close, rsi, last, previous } = readings;
  const conditions: readonly (readonly [string, boolean])[] = [
    [
      'close near EMA or VWAP',
      within(close, readings.emaMiddle, entry.nearness) || within(close, readings.vwap, entry.nearness),
    ],
    [
      'RSI rising within its band',
      rsi > entry.rsiAbove && rsi < entry.rsiBelow && rsi > readings.previousRsi,
    ],
    [
      'bullish engulfing or hammer',
      isBullishEngulfing(previous, last) || isHammer(last, entry.hammerWickToBody, entry.hammerWickToRange),
    ],
    ['MACD histogram rising', readings.histogram > readings.previousHistogram],
    ['volume above recent', readings.volumeToPreviousMean >= entry.minimumVolume],
  ];
  const held = conditions.filter(([, holds]) => holds).map(([name]) => name);
  return {
    passes: held.length >= entry.conditions && readings.volumeToLongMean >= entry.minimumLongVolume,
    score: held.length,
    held,
  };
};
