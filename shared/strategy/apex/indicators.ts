import { ATR, DX, EMA, MACD, RSI, WSMA } from 'trading-signals';
import { DAY, type Instant, MINUTE } from '../../time/clock.ts';
import type { ApexConfig } from './config.ts';
import type { Bar } from './statistic.ts';

export const CANDLE_MS = 5 * MINUTE;
const CANDLES_OF_A_DAY = DAY / CANDLE_MS;

/** What the indicators say at the last closed candle. Floats: statistics, not money. */
export interface Readings {
  /** When the last candle closed. */
  readonly at: Instant;
  readonly close: number;
  /** Of the UTC day of the last candle; absent where nothing was traded on it. */
  readonly vwap: number | undefined;
  readonly emaFast: number;
  readonly emaMiddle: number;
  readonly emaSlow: number;
  /** Close of the first candle of the present run of emaFast < emaMiddle; absent where it is not below. */
  readonly fastBelowSince: Instant | undefined;
  readonly rsi: number;
  readonly previousRsi: number;
  readonly histogram: number;
  readonly previousHistogram: number;
  readonly atr: number;
  readonly adx: number;
  readonly last: Bar;
  readonly previous: Bar;
  /** Volume of the last candle ÷ mean, see the configuration; 0 where the mean is 0. */
  readonly volumeToShortMean: number;
  readonly volumeToLongMean: number;
  readonly volumeToPreviousMean: number;
}

/** How many candles every indicator needs to be defined, the one before the last included. */
export const candlesForReadings = ({ indicators, entry, marketFilter, stop }: ApexConfig): number =>
  1 +
  Math.max(
    indicators.emaSlow,
    indicators.macdSlow + indicators.macdSignal,
    indicators.rsi + 1,
    indicators.atr,
    2 * indicators.adx,
    marketFilter.volumeBars,
    entry.volumeBars,
    entry.longVolumeBars,
    stop.swingBars,
  );

/** As many as the indicators see; a day of them at least, for the VWAP. */
export const candlesToAskFor = ({ candles }: ApexConfig): number => Math.max(candles, CANDLES_OF_A_DAY);

const meanVolume = (bars: readonly Bar[]): number =>
  bars.reduce((sum, { volume }) => sum + volume, 0) / bars.length;

const toMean = (volume: number, bars: readonly Bar[]): number => {
  const mean = meanVolume(bars);
  return mean > 0 ? volume / mean : 0;
};

const sessionVwap = (bars: readonly Bar[], session: number): number | undefined => {
  let value = 0;
  let volume = 0;
  for (let i = bars.length - 1; i >= 0; i -= 1) {
    const bar = bars[i];
    if (bar === undefined || Math.floor(bar.at / DAY) !== session) break;
    value += ((bar.high + bar.low + bar.close) / 3) * bar.volume;
    volume += bar.volume;
  }
  return volume > 0 ? value / volume : undefined;
};

/**
 * The readings at the last of `candles` (oldest first), or `undefined` where there are fewer than
 * `candlesForReadings`. Of more than the configuration says, only the VWAP sees those before. ADX, ATR and RSI use
 * Wilder's smoothing; EMAs start at the first close; a VWAP session is a UTC day. The library's DX has no value
 * (0 ÷ 0) while nothing has moved, which its ADX would keep for ever: here it counts as 0, no direction.
 */
export const readIndicators = (candles: readonly Bar[], config: ApexConfig): Readings | undefined => {
  const bars = candles.slice(-config.candles);
  const last = bars.at(-1);
  const previous = bars.at(-2);
  if (last === undefined || previous === undefined || bars.length < candlesForReadings(config)) {
    return undefined;
  }
  const lengths = config.indicators;
  const fast = new EMA(lengths.emaFast);
  const middle = new EMA(lengths.emaMiddle);
  const slow = new EMA(lengths.emaSlow);
  const rsi = new RSI(lengths.rsi);
  const macd = new MACD(new EMA(lengths.macdFast), new EMA(lengths.macdSlow), new EMA(lengths.macdSignal));
  const atr = new ATR(lengths.atr);
  const dx = new DX(lengths.adx);
  const adx = new WSMA(lengths.adx);

  let fastBelowSince: Instant | undefined;
  let rsiNow = 0;
  let rsiBefore = 0;
  let histogramNow = 0;
  let histogramBefore = 0;
  for (const [index, bar] of bars.entries()) {
    const fastNow = fast.update(bar.close, false);
    const middleNow = middle.update(bar.close, false);
    slow.update(bar.close, false);
    // Both are known by then. Asking the library earlier makes it throw and catch, for two fifths of a decision's time.
    const below = index + 1 >= lengths.emaMiddle && fastNow < middleNow;
    fastBelowSince = below ? (fastBelowSince ?? bar.at + CANDLE_MS) : undefined;
    rsiBefore = rsiNow;
    rsiNow = rsi.update(bar.close, false) ?? 0;
    histogramBefore = histogramNow;
    histogramNow = macd.update(bar.close, false)?.histogram ?? 0;
    atr.update(bar, false);
    const direction = dx.update(bar, false);
    if (direction !== null) adx.update(Number.isNaN(direction) ? 0 : direction, false);
  }

  const { marketFilter, entry } = config;
  return {
    at: last.at + CANDLE_MS,
    close: last.close,
    vwap: sessionVwap(candles, Math.floor(last.at / DAY)),
    emaFast: fast.getResultOrThrow(),
    emaMiddle: middle.getResultOrThrow(),
    emaSlow: slow.getResultOrThrow(),
    fastBelowSince,
    rsi: rsiNow,
    previousRsi: rsiBefore,
    histogram: histogramNow,
    previousHistogram: histogramBefore,
    atr: atr.getResultOrThrow(),
    adx: adx.getResultOrThrow(),
    last,
    previous,
    volumeToShortMean: toMean(last.volume, bars.slice(-marketFilter.volumeBars)),
    volumeToLongMean: toMean(last.volume, bars.slice(-entry.longVolumeBars)),
    volumeToPreviousMean: toMean(last.volume, bars.slice(-1 - entry.volumeBars, -1)),
  };
};
