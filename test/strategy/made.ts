import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { looseMarket, readCandleFile } from '../../bench/backtest-candles.ts';
import type { Candle } from '../../shared/exchange/exchange.ts';
import { type Market, type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { fraction, type Price, price, quantity, quote } from '../../shared/money/money.ts';
import { type ApexConfig, zApexConfig } from '../../shared/strategy/apex/config.ts';
import type { Readings } from '../../shared/strategy/apex/indicators.ts';
import { CANDLE_MS } from '../../shared/strategy/apex/indicators.ts';
import type { Bar } from '../../shared/strategy/apex/statistic.ts';
import type { HeldPosition, StrategyInput } from '../../shared/strategy/strategy.ts';

export const BTC = marketSymbol('BTC/USD');
export const ETH = marketSymbol('ETH/USD');

/** A Monday noon, UTC. */
export const NOON = Date.UTC(2026, 0, 5, 12);

export const config: ApexConfig = zApexConfig.parse({});

const folder = fileURLToPath(new URL('../../../shared/data/candles/', import.meta.url));
export const candleFile = (pair: 'BTCUSD' | 'ETHUSD' | 'LTCUSD' | 'XRPUSD'): string =>
  `${folder}${pair}-5m-2019.csv.gz`;
export const realCandlesAbsent = !existsSync(candleFile('BTCUSD'));

const DAY_MS = 86_400_000;
/** Some days of real candles from March 2019 on. */
export const realCandles = (pair: Parameters<typeof candleFile>[0], days: number): readonly Candle[] => {
  const from = Date.UTC(2019, 2, 1);
  return readCandleFile(candleFile(pair), { from, to: from + days * DAY_MS });
};

/** A candle of five minutes from figures; high and low default to what the body spans. */
export const candle = (
  at: number,
  figures: { open: number; close: number; high?: number; low?: number; volume?: number },
): Candle => {
  const { open, close, volume = 10 } = figures;
  return {
    at,
    open: price(open.toFixed(6)),
    high: price((figures.high ?? Math.max(open, close)).toFixed(6)),
    low: price((figures.low ?? Math.min(open, close)).toFixed(6)),
    close: price(close.toFixed(6)),
    volume: quantity(volume.toFixed(6)),
  };
};

/** Candles through these closes, each opening at the close before, the last one closing at `until`. */
export const candlesThrough = (closes: readonly number[], until = NOON, wick = 0.1): readonly Candle[] =>
  closes.map((close, i) => {
    const open = closes[i - 1] ?? close;
    return candle(until - (closes.length - i) * CANDLE_MS, {
      open,
      close,
      high: Math.max(open, close) + wick,
      low: Math.min(open, close) - wick,
    });
  });

export const bar = (figures: Partial<Bar>): Bar => ({
  at: NOON - CANDLE_MS,
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volume: 10,
  ...figures,
});

/** Readings of a market that passes every condition of the filter and of the entry. */
export const goodReadings: Readings = {
  at: NOON,
  close: 100,
  vwap: 99.5,
  emaFast: 100,
  emaMiddle: 99.8,
  emaSlow: 99,
  fastBelowSince: undefined,
  rsi: 55,
  previousRsi: 50,
  histogram: 0.2,
  previousHistogram: 0.1,
  atr: 1,
  adx: 27,
  last: bar({ open: 99, close: 100.2, high: 100.3, low: 98.9 }),
  previous: bar({ open: 100, close: 99.5 }),
  volumeToShortMean: 1,
  volumeToLongMean: 1,
  volumeToPreviousMean: 1,
};

/** Rules as Kraken has them: a minimum of quantity and of cost. */
export const market = (symbol: MarketSymbol = BTC): Market => ({
  ...looseMarket(symbol),
  minimumQuantity: quantity('0.001'),
  minimumCost: quote('5'),
});

/** Nothing held, 10 000 of cash, 0.4 % a side, one symbol at 100. */
export const strategyInput = (change: Partial<StrategyInput> = {}): StrategyInput => ({
  now: NOON,
  candles: new Map(),
  newCandles: new Set(),
  prices: new Map([[BTC, { bid: price('100'), ask: price('100') }]]),
  positions: new Map(),
  account: {
    equity: quote('10000'),
    cash: quote('10000'),
    roundTripFee: fraction('0.008'),
    state: undefined,
  },
  markets: new Map([BTC, ETH].map((symbol) => [symbol, market(symbol)])),
  ...change,
});

/** A climb in waves: APEX enters on it. Each candle spans 0.4 more than its body. */
export const climb: readonly Candle[] = candlesThrough(
  Array.from({ length: 200 }, (_, i) => 100 * 1.0008 ** i * (1 + 0.012 * Math.sin(i / 6))),
  NOON,
  0.2,
);
/** The candles of the climb up to one on which APEX enters with a score of 4. */
export const climbToEntry: readonly Candle[] = climb.slice(0, 69);

/** The moment at which the last of these candles has closed, at its close. */
export const atCloseOf = (
  candles: readonly Candle[],
  change: Partial<StrategyInput> = {},
  symbols: readonly MarketSymbol[] = [BTC],
): StrategyInput => {
  const close: Price = candles.at(-1)?.close ?? price('100');
  return strategyInput({
    now: (candles.at(-1)?.at ?? 0) + CANDLE_MS,
    candles: new Map(symbols.map((symbol) => [symbol, candles])),
    newCandles: new Set(symbols),
    prices: new Map(symbols.map((symbol) => [symbol, { bid: close, ask: close }])),
    ...change,
  });
};

/** Bought at `unit` each, 0.4 % of fee. */
export const held = (amount: string, unit: string, openedAt: number, state?: unknown): HeldPosition => ({
  quantity: quantity(amount),
  costBasis: quote(quantity(amount).times(unit).times('1.004').toFixed()),
  openedAt,
  state,
});
