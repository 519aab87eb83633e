import { describe, expect, it } from 'vitest';
import { candlesForReadings, readIndicators } from '../../../shared/strategy/apex/indicators.ts';
import { type Bar, barOf } from '../../../shared/strategy/apex/statistic.ts';
import { candlesThrough, config, NOON, realCandles, realCandlesAbsent } from '../made.ts';

const DAY_MS = 86_400_000;

/** Formulas written anew from their definitions, over whole lists. */
const emaOf = (values: readonly number[], length: number): readonly number[] => {
  const out: number[] = [];
  for (const value of values) {
    const before = out.at(-1);
    out.push(before === undefined ? value : before + (2 / (length + 1)) * (value - before));
  }
  return out;
};

/** Wilder: the mean of the first `length`, then (before × (length − 1) + value) ÷ length. */
const wilderOf = (values: readonly number[], length: number): readonly number[] => {
  let smooth = values.slice(0, length).reduce((a, b) => a + b, 0) / length;
  const out = [smooth];
  for (const value of values.slice(length)) {
    smooth = (smooth * (length - 1) + value) / length;
    out.push(smooth);
  }
  return out;
};

const pairsOf = (bars: readonly Bar[]): readonly (readonly [Bar, Bar])[] =>
  bars.slice(1).flatMap((now, i) => {
    const before = bars[i];
    return before === undefined ? [] : [[before, now] as const];
  });

const trueRangesOf = (bars: readonly Bar[]): readonly number[] =>
  pairsOf(bars).map(([before, now]) => Math.max(now.high, before.close) - Math.min(now.low, before.close));

const last = (values: readonly number[]): number => values.at(-1) ?? Number.NaN;

const adxOf = (bars: readonly Bar[], length: number): number => {
  const moves = pairsOf(bars).map(([before, now]) => {
    const up = now.high - before.high;
    const down = before.low - now.low;
    return { plus: up >= down && up > 0 ? up : 0, minus: down >= up && down > 0 ? down : 0 };
  });
  const plus = wilderOf(
    moves.map((move) => move.plus),
    length,
  );
  const minus = wilderOf(
    moves.map((move) => move.minus),
    length,
  );
  const directions = plus.map((up, i) => {
    const down = minus[i] ?? 0;
    return up + down === 0 ? 0 : (100 * Math.abs(up - down)) / (up + down);
  });
  return last(wilderOf(directions, length));
};

const rsiOf = (closes: readonly number[], length: number): number => {
  const changes = closes.slice(1).map((close, i) => close - (closes[i] ?? close));
  const gains = last(
    wilderOf(
      changes.map((change) => Math.max(change, 0)),
      length,
    ),
  );
  const losses = last(
    wilderOf(
      changes.map((change) => Math.max(-change, 0)),
      length,
    ),
  );
  return 100 - 100 / (1 + gains / losses);
};

describe.skipIf(realCandlesAbsent)('the indicators, on real candles (skipped without ../shared/data)', () => {
  it('agree with independent formulas at many points', () => {
    const bars = realCandles('BTCUSD', 8).map(barOf);

    for (let end = 720; end < bars.length; end += 97) {
      const window = bars.slice(end - 720, end);
      const readings = readIndicators(window, config);

      const closes = window.map(({ close }) => close);
      const fast = emaOf(closes, 12);
      const slow = emaOf(closes, 26);
      const macd = fast.map((value, i) => value - (slow[i] ?? 0)).slice(25);
      const signal = emaOf(macd, 9);
      const day = Math.floor((window.at(-1)?.at ?? 0) / DAY_MS);
      const today = window.filter(({ at }) => Math.floor(at / DAY_MS) === day);
      const traded = today.reduce((sum, { volume }) => sum + volume, 0);
      const value = today.reduce((sum, b) => sum + ((b.high + b.low + b.close) / 3) * b.volume, 0);
      expect(readings?.emaFast).toBeCloseTo(last(emaOf(closes, 9)), 8);
      expect(readings?.emaMiddle).toBeCloseTo(last(emaOf(closes, 21)), 8);
      expect(readings?.emaSlow).toBeCloseTo(last(emaOf(closes, 50)), 8);
      expect(readings?.histogram).toBeCloseTo(last(macd) - last(signal), 8);
      expect(readings?.previousHistogram).toBeCloseTo((macd.at(-2) ?? 0) - (signal.at(-2) ?? 0), 8);
      expect(readings?.rsi).toBeCloseTo(rsiOf(closes, 14), 8);
      expect(readings?.previousRsi).toBeCloseTo(rsiOf(closes.slice(0, -1), 14), 8);
      expect(readings?.atr).toBeCloseTo(last(wilderOf(trueRangesOf(window), 14)), 8);
      expect(readings?.adx).toBeCloseTo(adxOf(window, 14), 6);
      expect(readings?.vwap).toBeCloseTo(value / traded, 6);
    }
  });
});

describe('the indicators', () => {
  const short = { ...config, indicators: { ...config.indicators, rsi: 2, atr: 2, adx: 2 } };
  const flatThen = (tail: readonly number[]): readonly Bar[] =>
    candlesThrough([...Array.from({ length: 60 }, () => 100), ...tail], NOON, 0).map(barOf);

  it('smooth true ranges and gains as Wilder does, computed by hand', () => {
    const readings = readIndicators(flatThen([104, 102]), short);

    // True ranges 4 and 2: (0 + 4) ÷ 2 = 2, then (2 + 2) ÷ 2 = 2. Gains 2, then 1; losses 0, then 1.
    expect(readings?.atr).toBe(2);
    expect(readings?.rsi).toBe(50);
    expect(readings?.previousRsi).toBe(100);
  });

  it('have a directional index of a market that once did not move at all', () => {
    const readings = readIndicators(flatThen([101, 102, 103, 104, 105, 106, 107, 108]), short);

    // Direction 0 while flat, then 100: halving its distance to 100 eight times.
    expect(readings?.adx).toBeCloseTo(100 * (1 - 0.5 ** 8), 9);
  });

  it('are absent until every one of them is defined', () => {
    const needed = candlesForReadings(config);
    const bars = candlesThrough(Array.from({ length: needed }, (_, i) => 100 + (i % 7))).map(barOf);

    expect(needed).toBe(51);
    expect(readIndicators(bars, config)).toBeDefined();
    expect(readIndicators(bars.slice(1), config)).toBeUndefined();
    expect(readIndicators([], config)).toBeUndefined();
  });

  it.each([
    [{ macdSlow: 100, macdSignal: 30 }, 131],
    [{ rsi: 60 }, 62],
    [{ atr: 70 }, 71],
    [{ adx: 40 }, 81],
    [{ emaSlow: 90 }, 91],
  ])('need as many candles as the longest of them asks for, and one: %o', (lengths, needed) => {
    expect(candlesForReadings({ ...config, indicators: { ...config.indicators, ...lengths } })).toBe(needed);
  });

  it('name the last two candles, and tell when the last one closed', () => {
    const bars = candlesThrough(Array.from({ length: 60 }, (_, i) => 100 + i)).map(barOf);

    const readings = readIndicators(bars, config);

    expect(readings).toMatchObject({ at: NOON, last: bars.at(-1), previous: bars.at(-2) });
  });

  it('take equal EMAs for no fall', () => {
    const flat = candlesThrough(Array.from({ length: 60 }, () => 100)).map(barOf);

    expect(readIndicators(flat, config)?.fastBelowSince).toBeUndefined();
  });

  it('tell of a fall of the fast EMA from where both EMAs are defined, not before', () => {
    const falling = candlesThrough(Array.from({ length: 60 }, (_, i) => 200 - i)).map(barOf);

    // The middle EMA has 21 values first at the close of the 21st candle.
    expect(readIndicators(falling, config)?.fastBelowSince).toBe(NOON - (60 - 21) * 300_000);
  });

  it('take all of the day into the VWAP, the first candle too', () => {
    const prices = Array.from({ length: 60 }, (_, i) => (i === 0 ? 400 : 100));
    const bars = candlesThrough(prices, NOON, 0).map((it, i) => ({
      ...barOf(it),
      ...(i === 1 ? { high: 100 } : {}),
    }));

    expect(readIndicators(bars, config)?.vwap).toBeCloseTo((400 + 59 * 100) / 60, 9);
  });

  it('compare with the volume of the bars right before, as many as configured', () => {
    const volumes = [1000, 30, 10, 40];
    const bars = candlesThrough(Array.from({ length: 60 }, () => 100)).map((it, i) => ({
      ...barOf(it),
      volume: volumes[i - 56] ?? 7,
    }));

    expect(readIndicators(bars, config)?.volumeToPreviousMean).toBe(2);
  });

  it('tell since when the fast EMA has been below the middle one', () => {
    const rise = Array.from({ length: 60 }, (_, i) => 100 + i * 0.1);
    const falling = [...rise, ...Array.from({ length: 10 }, (_, i) => 105 - i)];

    const readings = readIndicators(candlesThrough(falling).map(barOf), config);
    const above = readIndicators(candlesThrough(rise).map(barOf), config);

    const fast = emaOf(falling, 9);
    const middle = emaOf(falling, 21);
    const first = falling.findIndex((_, i) => i > 0 && (fast[i] ?? 0) < (middle[i] ?? 0));
    expect(readings?.fastBelowSince).toBe(NOON - (falling.length - 1 - first) * 300_000);
    expect(above?.fastBelowSince).toBeUndefined();
  });

  it('start a new VWAP at midnight UTC, and have none where nothing was traded', () => {
    const justAfterMidnight = Date.UTC(2026, 0, 6, 0, 5);
    const candles = candlesThrough([...Array.from({ length: 60 }, () => 100), 130], justAfterMidnight, 0);
    const bars = candles.map(barOf);
    const untraded = bars.map((it) => ({ ...it, volume: 0 }));

    expect(readIndicators(bars, config)?.vwap).toBeCloseTo((130 + 100 + 130) / 3, 9);
    expect(readIndicators(untraded, config)?.vwap).toBeUndefined();
    expect(readIndicators(untraded, config)?.volumeToShortMean).toBe(0);
  });

  it('compare the last volume with means that include it, or not, as configured', () => {
    const bars = candlesThrough(Array.from({ length: 60 }, () => 100)).map(barOf);
    const readings = readIndicators(
      bars.map((it, i) => ({ ...it, volume: i === bars.length - 1 ? 20 : 10 })),
      config,
    );

    expect(readings?.volumeToShortMean).toBeCloseTo(20 / 12, 12);
    expect(readings?.volumeToLongMean).toBeCloseTo(20 / 10.5, 12);
    expect(readings?.volumeToPreviousMean).toBe(2);
  });
});
