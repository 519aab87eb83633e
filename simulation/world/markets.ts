import { CANDLE_MS, type CandleText, type PriceSource } from '../../infra/local/prices/price-source.ts';
import { seededPath } from '../../infra/local/prices/seeded-path.ts';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import type { Instant } from '../../shared/time/clock.ts';
import type { Random } from '../kernel/random.ts';

const LISTED = [
  [marketSymbol('BTC/USD'), '60000'],
  [marketSymbol('ETH/USD'), '3000'],
  [marketSymbol('SOL/USD'), '150'],
  [marketSymbol('XRP/USD'), '2'],
  [marketSymbol('LTC/USD'), '80'],
  [marketSymbol('DOGE/USD'), '0.1'],
] as const;

/** A strategy's history, in candles; without one a market needs none but the candle before. */
const HISTORY = 720;
/** Enough that a stop is passed in one step, and that a target is. */
const JUMPS = { least: 0.75, most: 1.3 };
/** Some jumps for each market in the hours that a seed takes; in wild ones soon enough for a short history. */
const CANDLES_BETWEEN_JUMPS = { calm: { from: 12, to: 90 }, wild: { from: 3, to: 60 } };
const MOST_JUMPS = { calm: 6, wild: 12 };
type Mood = keyof typeof MOST_JUMPS;

export interface Markets {
  readonly symbols: readonly MarketSymbol[];
  readonly prices: readonly PriceSource[];
}

/** Two to four markets, each on a path of its own that now and then jumps. */
export const drawMarkets = (
  random: Random,
  {
    seed,
    startAt,
    withHistory,
  }: { readonly seed: number; readonly startAt: Instant; readonly withHistory: boolean },
): Markets => {
  const chance = random.split('markets');
  const count = chance.whole(2, 4);
  const pool = [...LISTED];
  const chosen = Array.from({ length: count }, () => pool.splice(chance.whole(0, pool.length - 1), 1)).flat();
  const from = startAt - (withHistory ? HISTORY : 2) * CANDLE_MS;
  const mood = random.split('mood').chance(0.5) ? 'wild' : 'calm';
  const prices = chosen.map(([symbol, startPrice]) => {
    const path = seededPath({ seed, symbol, from, startPrice });
    return withJumps(path, { startAt, mood }, random.split(`jumps of ${symbol}`));
  });
  return { symbols: prices.map(({ symbol }) => symbol), prices };
};

/** The same path, all of it higher or lower from some candles on. Nature, not money: binary floats. */
const withJumps = (
  source: PriceSource,
  { startAt, mood }: { readonly startAt: Instant; readonly mood: Mood },
  random: Random,
): PriceSource => {
  const apart = CANDLES_BETWEEN_JUMPS[mood];
  let at = startAt;
  let level = 1;
  const jumps = Array.from({ length: MOST_JUMPS[mood] }, () => {
    at += random.whole(apart.from, apart.to) * CANDLE_MS;
    level *= JUMPS.least + (JUMPS.most - JUMPS.least) * random.fraction();
    return { at, level };
  });
  const known = new Map<Instant, CandleText>();
  return {
    ...source,
    candle: (opening) => {
      const jump = jumps.findLast((one) => one.at <= opening);
      const candle = source.candle(opening);
      if (jump === undefined || candle === undefined) return candle;
      const moved = known.get(opening) ?? times(candle, jump.level);
      known.set(opening, moved);
      return moved;
    },
  };
};

const times = (candle: CandleText, factor: number): CandleText => {
  const moved = (text: string): string => {
    const decimals = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
    return Math.max(Number(text) * factor, 10 ** -decimals).toFixed(decimals);
  };
  const { at, open, high, low, close, volume } = candle;
  return { at, open: moved(open), high: moved(high), low: moved(low), close: moved(close), volume };
};
