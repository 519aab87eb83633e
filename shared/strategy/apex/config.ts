import * as z from 'zod';
import { zFraction } from '../../money/schema.ts';

/** A share of money, as a decimal text. */
const share = zFraction.refine((value) => value.lte(1), 'must lie between 0 and 1: 0.05 is five percent');
const positiveShare = share.refine((value) => value.gt(0), 'must be above 0');
/** A number of times something, as a decimal text. */
const multiple = zFraction.refine((value) => value.gt(0) && value.lte(100), 'must lie above 0, at most 100');
/** A threshold for a statistic: a plain number. */
const threshold = z.number().min(0).max(1000);
const bars = z.int().min(2).max(200);

const rising = (from: readonly number[]) => from.every((value, i) => i === 0 || value > (from[i - 1] ?? 0));

const zIndicators = z
  .strictObject({
    emaFast: bars.default(9),
    emaMiddle: bars.default(21),
    emaSlow: bars.default(50),
    rsi: bars.default(14),
    macdFast: bars.default(12),
    macdSlow: bars.default(26),
    macdSignal: bars.default(9),
    atr: bars.default(14),
    adx: bars.default(14),
  })
  .refine((it) => rising([it.emaFast, it.emaMiddle, it.emaSlow]), 'emaFast < emaMiddle < emaSlow is needed')
  .refine((it) => it.macdFast < it.macdSlow, 'macdFast < macdSlow is needed');

const zMarketFilter = z.strictObject({
  /** Required, together with the volume. */
  minimumAdx: threshold.default(20),
  /** Volume of the last candle against the mean of the last `volumeBars`, itself included. */
  volumeBars: bars.default(5),
  minimumVolume: threshold.default(0.5),
  /** How many of the five conditions must hold. */
  conditions: z.int().min(0).max(5).default(3),
  /** The fourth condition: above this, not at it. */
  trendingAdx: threshold.default(20),
});

const zEntry = z.strictObject({
  /** Of the EMA or VWAP: 0.01 is within one percent. */
  nearness: z.number().min(0).max(1).default(0.01),
  rsiAbove: threshold.default(30),
  rsiBelow: threshold.default(70),
  hammerWickToBody: threshold.default(2),
  hammerWickToRange: z.number().min(0).max(1).default(0.6),
  /** Volume of the last candle against the mean of the `volumeBars` before it. */
  volumeBars: z.int().min(1).max(200).default(2),
  minimumVolume: threshold.default(0.6),
  /** How many of the five conditions must hold. */
  conditions: z.int().min(0).max(5).default(3),
  /** Required too: volume against the mean of the last `longVolumeBars`, the last candle included. */
  longVolumeBars: bars.default(20),
  minimumLongVolume: threshold.default(0.25),
});

const zSize = z
  .strictObject({
    /** Of equity, by ADX: the last line whose `from` is not above the ADX. */
    byAdx: z
      .array(z.strictObject({ from: threshold, fraction: positiveShare }))
      .min(1)
      .refine((lines) => rising(lines.map(({ from }) => from)), 'each `from` must be above the one before')
      .prefault([
        { from: 20, fraction: '0.02' },
        { from: 25, fraction: '0.04' },
        { from: 30, fraction: '0.06' },
        { from: 40, fraction: '0.08' },
        { from: 50, fraction: '0.10' },
      ]),
    /** Times, by entry score: the first line whose `atLeast` is met, else `lowScore`. */
    highScore: z
      .strictObject({ atLeast: z.int().min(0).max(5).default(4), times: share.prefault('1') })
      .prefault({}),
    middleScore: z
      .strictObject({ atLeast: z.int().min(0).max(5).default(3), times: share.prefault('0.9') })
      .prefault({}),
    lowScore: share.prefault('0.8'),
    /** Times, after 1, 2, 3 … losing positions in a row; the last holds for more. */
    byLosingStreak: z.array(share).prefault(['0.85', '0.7', '0.5']),
    /** Times, by ATR as a fraction of the price. */
    calm: z.strictObject({ below: threshold.default(0.003), times: share.prefault('0.7') }).prefault({}),
    lively: z.strictObject({ above: threshold.default(0.02), times: share.prefault('0.8') }).prefault({}),
    wild: z.strictObject({ above: threshold.default(0.03), times: share.prefault('0.6') }).prefault({}),
    /** Of equity: what the product is clamped to. */
    minimum: positiveShare.prefault('0.02'),
    maximum: positiveShare.prefault('0.10'),
    /** Of equity, over all positions and the new one. */
    maximumExposure: share.prefault('0.80'),
    maximumPositions: z.int().min(0).max(100).default(8),
  })
  .refine((it) => it.minimum.lte(it.maximum), 'minimum must not be above maximum');

const zStop = z
  .strictObject({
    /** The lowest low of this many candles, the last one included. */
    swingBars: bars.default(10),
    /** ATRs below that low. */
    atrsBelow: multiple.prefault('0.5'),
    /** Fractions below the entry, between which the stop is kept. */
    nearest: positiveShare.prefault('0.005'),
    farthest: positiveShare.prefault('0.02'),
  })
  .refine((it) => it.nearest.lte(it.farthest) && it.farthest.lt(1), 'nearest ≤ farthest < 1 is needed');

const zTargets = z
  .strictObject({
    /** Times R above the entry. */
    first: multiple.prefault('1'),
    second: multiple.prefault('2'),
    third: multiple.prefault('3'),
    /** The first target is at least this many round-trip fees above the entry. */
    feeMultiple: zFraction.prefault('1.5'),
  })
  .refine((it) => it.first.lt(it.second) && it.second.lt(it.third), 'first < second < third is needed');

const zExit = z
  .strictObject({
    /** Of the quantity that the position started with. */
    sellAtFirst: share.prefault('0.5'),
    sellAtSecond: share.prefault('0.25'),
    /** ATRs below the highest price, from the second target on. */
    trailingAtrs: multiple.prefault('1.5'),
    maximumHours: z
      .number()
      .positive()
      .max(24 * 365)
      .default(24),
    /** Below the entry: sold whatever the stop says. */
    maximumLoss: positiveShare.prefault('0.05'),
  })
  .refine(
    (it) => it.sellAtFirst.plus(it.sellAtSecond).lte(1),
    'sellAtFirst + sellAtSecond must not exceed 1',
  );

/**
 * Every number of APEX. Statistics (indicator lengths and thresholds) are JSON numbers; what multiplies money is
 * a decimal text. Fractions, not percents. Unknown keys are refused.
 */
export const zApexConfig = z.strictObject({
  /** How many closed candles the indicators see at most; the VWAP sees its whole UTC day. */
  candles: z.int().min(100).max(720).default(720),
  /** An entry needs a last candle that closed at most this long ago. */
  maximumCandleAgeMinutes: z.number().positive().default(10),
  indicators: zIndicators.prefault({}),
  marketFilter: zMarketFilter.prefault({}),
  entry: zEntry.prefault({}),
  size: zSize.prefault({}),
  stop: zStop.prefault({}),
  targets: zTargets.prefault({}),
  exit: zExit.prefault({}),
});
export type ApexConfig = z.output<typeof zApexConfig>;
export type ApexSettings = z.input<typeof zApexConfig>;
