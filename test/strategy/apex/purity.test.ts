import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { price, quantity } from '../../../shared/money/money.ts';
import { CANDLE_MS } from '../../../shared/strategy/apex/indicators.ts';
import { loadStrategy } from '../../../shared/strategy/strategies.ts';
import type { StrategyInput } from '../../../shared/strategy/strategy.ts';
import { atCloseOf, BTC, ETH, held, NOON, realCandles, realCandlesAbsent } from '../made.ts';

const apex = loadStrategy('apex', {});

describe('a decision', () => {
  const walk = fc.array(fc.integer({ min: -30, max: 32 }), { minLength: 60, maxLength: 140 });
  const anyInput = fc
    .record({
      walk,
      units: fc.integer({ min: 0, max: 100_000 }),
      cost: fc.integer({ min: 5_000, max: 20_000 }),
    })
    .map(({ walk: steps, units, cost }) => {
      let level = 10_000;
      const candles = steps.map((step, i) => {
        const open = level;
        level = Math.max(100, level + step * 5);
        const figures = { high: Math.max(open, level) + 10, low: Math.min(open, level) - 10 };
        const cents = (value: number) => price((value / 100).toFixed(2));
        return {
          at: NOON + i * CANDLE_MS,
          open: cents(open),
          high: cents(figures.high),
          low: cents(figures.low),
          close: cents(level),
          volume: quantity(String(10 + (Math.abs(step) % 5))),
        };
      });
      const position = held((units / 1000).toFixed(3), (cost / 100).toFixed(2), NOON);
      const positions: StrategyInput['positions'] = units === 0 ? new Map() : new Map([[ETH, position]]);
      return atCloseOf(candles, { positions }, [BTC, ETH]);
    });

  const frozen = (input: StrategyInput): string =>
    JSON.stringify(input, (_, value) => (value instanceof Map || value instanceof Set ? [...value] : value));

  it('is the same for the same input, leaves the input alone, and never sells more than is held', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const before = frozen(input);

        const first = apex.decide(input);
        const second = apex.decide(input);

        expect(second).toEqual(first);
        expect(frozen(input)).toBe(before);
        for (const { symbol, quantity: sold } of first.exits) {
          expect(sold.lte(input.positions.get(symbol)?.quantity ?? 0)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(realCandlesAbsent)(
    'needs no more than the candles it asks for (skipped without ../shared/data)',
    () => {
      const candles = realCandles('BTCUSD', 4);
      const window = candles.slice(-apex.candlesNeeded);

      expect(apex.decide(atCloseOf(candles))).toEqual(apex.decide(atCloseOf(window)));
    },
  );
});
