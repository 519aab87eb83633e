import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { looseMarket } from '../../bench/backtest-candles.ts';
import type { Candle } from '../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { fraction, quantity, quote } from '../../shared/money/money.ts';
import { backtest } from '../../shared/strategy/backtest.ts';
import { loadStrategy } from '../../shared/strategy/strategies.ts';
import { defineStrategy, type LoadedStrategy } from '../../shared/strategy/strategy.ts';
import { BTC, candlesThrough, climb, ETH, realCandles, realCandlesAbsent } from './made.ts';

const run = (
  strategy: LoadedStrategy,
  candles: ReadonlyMap<MarketSymbol, readonly Candle[]>,
  fee = '0.004',
) =>
  backtest({
    strategy,
    candles,
    markets: new Map([...candles.keys()].map((symbol) => [symbol, looseMarket(symbol)])),
    fee: fraction(fee),
    cash: quote('10000'),
  });

/** Buys for 1000 on the first candle, sells `sold` of what it holds on each one after. */
const buyThenSell = (sold: string) =>
  defineStrategy({
    name: 'buy-then-sell',
    revision: 1,
    config: z.strictObject({}),
    candlesNeeded: () => 1,
    decide: ({ positions, now, candles }) => {
      const held = positions.get(BTC);
      const first = now === (candles.get(BTC)?.[0]?.at ?? 0) + 300_000 && held === undefined;
      return {
        exits:
          held === undefined
            ? []
            : [{ symbol: BTC, quantity: quantity(held.quantity.times(sold)), reason: 'TEST', numbers: {} }],
        ...(first && held === undefined
          ? { entry: { symbol: BTC, amount: quote('1000'), state: {}, reasons: [], numbers: {} } }
          : {}),
        rejections: [],
        states: new Map(),
      };
    },
    settle: () => undefined,
  }).load({});

describe('a backtest', () => {
  it('reports a trade before and after fees', () => {
    const { trades, entries, ...report } = run(
      buyThenSell('1'),
      new Map([[BTC, candlesThrough([100, 110])]]),
    );

    expect(entries).toBe(1);
    expect(trades).toHaveLength(1);
    expect(trades[0]?.spent.toFixed()).toBe('1000');
    expect(trades[0]?.fees.toFixed()).toBe('8.4');
    expect(trades[0]?.profit.toFixed()).toBe('91.6');
    expect(report.equity.toFixed()).toBe('10091.6');
    expect(report.returnAfterFees).toBeCloseTo(0.00916, 12);
    expect(report.returnBeforeFees).toBeCloseTo(0.01, 12);
    expect(report.meanTradeBeforeFees).toBeCloseTo(0.1, 12);
    expect(report.winRate).toBe(1);
  });

  it('counts sales in parts as one trade', () => {
    const prices = [100, 110, 100, 100];
    const strategy = buyThenSell('0.5');

    const { trades, exitReasons } = run(strategy, new Map([[BTC, candlesThrough(prices)]]), '0');

    expect(trades).toEqual([]);
    expect(exitReasons).toEqual({ TEST: 3 });
  });

  it('refuses a decision that sells more than is held', () => {
    const candles = new Map([[BTC, candlesThrough([100, 110])]]);

    expect(() => run(buyThenSell('2'), candles)).toThrow(
      /an exit must not exceed the position \(given 20 of 10\)/,
    );
  });

  it('asks for the rules of a market that are missing', () => {
    const candles = new Map([[BTC, candlesThrough([100, 110])]]);
    const input = { strategy: buyThenSell('1'), candles, fee: fraction('0'), cash: quote('10000') };

    expect(() => backtest({ ...input, markets: new Map() })).toThrow(/the rules of BTC\/USD are missing/);
  });

  it('lets APEX enter and leave on a climb in waves', () => {
    const report = run(loadStrategy('apex', {}), new Map([[BTC, climb]]));

    expect(report.entries).toBeGreaterThan(0);
    expect(report.trades.length).toBeGreaterThan(0);
  });
});

describe.skipIf(realCandlesAbsent)('APEX on real candles (skipped without ../shared/data)', () => {
  const apex = loadStrategy('apex', { candles: 300 });

  it('enters and leaves, and no trade loses much more than its stop and fees', () => {
    // Read here: what stands beside the tests is carried out even where they are skipped.
    const candles = new Map([
      [BTC, realCandles('BTCUSD', 4)],
      [ETH, realCandles('ETHUSD', 4)],
    ]);

    const report = run(apex, candles);

    expect(report.entries).toBeGreaterThan(10);
    expect(report.trades.length).toBeGreaterThan(10);
    for (const { profit, spent } of report.trades) expect(profit.div(spent).gte('-0.06')).toBe(true);
    expect(report.returnBeforeFees).toBeGreaterThan(report.returnAfterFees);
    expect(Object.keys(report.exitReasons)).toContain('EMA_CROSSED_BELOW');
    expect(Object.keys(report.rejectionReasons)).toContain('MARKET_FILTER');
  });

  it('gives the same report again', () => {
    const day = new Map([[BTC, realCandles('BTCUSD', 2)]]);

    expect(run(apex, day)).toEqual(run(apex, day));
  });
});
