import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANDLE_MS, type CandleText } from '../../../infra/local/prices/price-source.ts';
import { seededPath } from '../../../infra/local/prices/seeded-path.ts';
import type { Candle } from '../../../shared/exchange/exchange.ts';
import { type Market, type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';
import { fraction, price, quantity, quote } from '../../../shared/money/money.ts';
import { backtest } from '../../../shared/strategy/backtest.ts';
import { loadStrategy } from '../../../shared/strategy/strategies.ts';

const FROM = Date.parse('2026-01-01T00:00:00Z');
const STARTS = { 'BTC/USD': '64000', 'ETH/USD': '3000', 'SOL/USD': '150' } as const;
type Name = keyof typeof STARTS;

const path = (seed: number, name: Name = 'BTC/USD') =>
  seededPath({ seed, symbol: marketSymbol(name), from: FROM, startPrice: STARTS[name] });

const candlesOf = (seed: number, count: number, name: Name = 'BTC/USD'): readonly CandleText[] => {
  const source = path(seed, name);
  return Array.from({ length: count }, (_, index) => source.candle(FROM + index * CANDLE_MS)).filter(
    (candle) => candle !== undefined,
  );
};

const marketOf = (symbol: MarketSymbol): Market => ({
  exchange: 'kraken',
  symbol,
  base: symbol,
  quote: 'USD',
  exchangeId: symbol,
  altname: symbol,
  baseId: symbol,
  quoteId: 'ZUSD',
  quantityStep: quantity('0.00000001'),
  priceTick: price('0.01'),
  minimumQuantity: quantity('0.0001'),
  minimumCost: quote('0.5'),
  status: 'online',
});

describe('a seeded price path', () => {
  it('is the same for the same seed and symbol, in whatever order it is asked', () => {
    const forwards = candlesOf(3, 200);
    const source = path(3);
    const backwards = [...forwards].reverse().map(({ at }) => source.candle(at));

    expect(backwards.reverse()).toEqual(forwards);
    expect(candlesOf(4, 200)).not.toEqual(forwards);
    expect(source.candle(FROM - CANDLE_MS)).toBeUndefined();
  });

  it('has candles that hold together, with believable ranges and volumes, for any seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom<Name>('BTC/USD', 'ETH/USD', 'SOL/USD'), (seed, name) => {
        const candles = candlesOf(seed, 300, name);
        for (const { open, high, low, close, volume } of candles) {
          expect(Number(low)).toBeGreaterThan(0);
          expect(Number(low)).toBeLessThanOrEqual(Math.min(Number(open), Number(close)));
          expect(Number(high)).toBeGreaterThanOrEqual(Math.max(Number(open), Number(close)));
          expect(Number(volume)).toBeGreaterThan(0);
        }
        const range =
          candles.reduce((sum, { high, low, open }) => sum + (Number(high) - Number(low)) / Number(open), 0) /
          candles.length;
        expect(range).toBeGreaterThan(0.0008);
        expect(range).toBeLessThan(0.006);
      }),
      { numRuns: 30 },
    );
  });

  it.each([1, 2])('gives APEX several entries and exits within 450 candles (seed %i)', (seed) => {
    const candles = new Map<MarketSymbol, readonly Candle[]>();
    const markets = new Map<MarketSymbol, Market>();
    for (const name of ['BTC/USD', 'ETH/USD', 'SOL/USD'] as const) {
      const symbol = marketSymbol(name);
      markets.set(symbol, marketOf(symbol));
      candles.set(
        symbol,
        candlesOf(seed, 450, name).map(({ at, open, high, low, close, volume }) => ({
          at,
          open: price(open),
          high: price(high),
          low: price(low),
          close: price(close),
          volume: quantity(volume),
        })),
      );
    }

    const report = backtest({
      strategy: loadStrategy('apex', {}),
      candles,
      markets,
      fee: fraction('0.004'),
      cash: quote('100000'),
    });
    const sales = Object.values(report.exitReasons).reduce((sum, count) => sum + count, 0);

    expect(report.entries).toBeGreaterThanOrEqual(3);
    expect(sales).toBeGreaterThanOrEqual(3);
    expect(Math.abs(report.returnAfterFees)).toBeLessThan(0.05);
  });

  it('refuses a start that is no price or not on a full five minutes', () => {
    const symbol = marketSymbol('BTC/USD');

    expect(() => seededPath({ seed: 1, symbol, from: FROM, startPrice: '-1' })).toThrow("(given '-1')");
    expect(() => seededPath({ seed: 1, symbol, from: FROM + 1, startPrice: '1' })).toThrow(
      'full five minutes (given 2026-01-01T00:00:00.001Z)',
    );
  });
});
