import type { ApexConfig } from './config.ts';
import type { Readings } from './indicators.ts';

export interface MarketVerdict {
  readonly passes: boolean;
  /** Of the five conditions, those that hold. */
  readonly held: readonly string[];
}

/**
 * Is this a market to buy in? ADX and volume are required (ADX at its minimum passes); of the five conditions,
 * among which both count again (ADX only above its threshold), enough must hold. The volume is compared with the
 * mean of the last bars, the present one included.
 */
export const judgeMarket = (readings: Readings, { marketFilter }: ApexConfig): MarketVerdict => {
  const { close, vwap, emaFast, emaMiddle, emaSlow, histogram, adx } = readings;
  const enoughVolume = readings.volumeToShortMean >= marketFilter.minimumVolume;
  const conditions: readonly (readonly [string, boolean])[] = [
    ['close above VWAP', vwap !== undefined && close > vwap],
    ['EMAs in rising order', emaFast > emaMiddle && emaMiddle > emaSlow],
    ['MACD histogram positive', histogram > 0],
    ['ADX trending', adx > marketFilter.trendingAdx],
    ['volume present', enoughVolume],
  ];
  const held = conditions.filter(([, holds]) => holds).map(([name]) => name);
  return {
    passes: adx >= marketFilter.minimumAdx && enoughVolume && held.length >= marketFilter.conditions,
    held,
  };
};
