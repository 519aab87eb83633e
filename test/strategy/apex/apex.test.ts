import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candle } from '../../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { fraction, type Price, price, quantity, quote, text } from '../../../shared/money/money.ts';
import { CANDLE_MS } from '../../../shared/strategy/apex/indicators.ts';
import { loadStrategy } from '../../../shared/strategy/strategies.ts';
import type { HeldPosition, StrategyInput } from '../../../shared/strategy/strategy.ts';
import {
  BTC,
  climb,
  climbToEntry,
  ETH,
  market,
  NOON,
  realCandles,
  realCandlesAbsent,
  strategyInput,
} from '../made.ts';

const apex = loadStrategy('apex', {});

/** The moment at which the last of these candles has closed, at its close. */
const atCloseOf = (
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

const held = (amount: string, unit: string, openedAt: number, state?: unknown): HeldPosition => ({
  quantity: quantity(amount),
  costBasis: quote(quantity(amount).times(unit).times('1.004').toFixed()),
  openedAt,
  state,
});

const account = (change: Partial<StrategyInput['account']>): StrategyInput['account'] => ({
  ...strategyInput().account,
  ...change,
});

const reasonsOf = (input: StrategyInput): readonly string[] =>
  apex.decide(input).rejections.map(({ reason }) => reason);

describe('an entry', () => {
  it('comes with its size, its plan and the conditions that held', () => {
    const { entry, rejections } = apex.decide(atCloseOf(climbToEntry));

    expect(entry?.symbol).toBe(BTC);
    expect(entry && text(entry.amount)).toBe('600');
    expect(entry?.reasons).toContain('EMAs in rising order');
    expect(entry?.reasons).toContain('RSI rising within its band');
    expect(entry?.numbers).toMatchObject({ score: 4, share: '0.06', losingStreak: 0 });
    expect(entry?.state).toEqual(JSON.parse(JSON.stringify(entry?.state)));
    expect(rejections).toEqual([]);
  });

  it('is judged on newly closed candles only', () => {
    const { entry, rejections } = apex.decide(atCloseOf(climbToEntry, { newCandles: new Set() }));

    expect(entry).toBeUndefined();
    expect(rejections).toEqual([]);
  });

  it('is not made in what is held', () => {
    const input = atCloseOf(climbToEntry);
    const position = held('1', input.prices.get(BTC)?.ask.toFixed() ?? '', input.now);

    expect(apex.decide({ ...input, positions: new Map([[BTC, position]]) }).entry).toBeUndefined();
  });

  it('is made where only unsellable remains are held, and the remains are named', () => {
    const input = atCloseOf(climbToEntry, { positions: new Map([[BTC, held('0.0009', '100', 1)]]) });

    const { entry, exits, rejections } = apex.decide(input);

    expect(entry?.symbol).toBe(BTC);
    expect(exits).toEqual([]);
    expect(rejections).toMatchObject([{ symbol: BTC, reason: 'BELOW_MINIMUM' }]);
  });

  it('is one a tick: the others are named', () => {
    const { entry, rejections } = apex.decide(atCloseOf(climbToEntry, {}, [ETH, BTC]));

    expect(entry?.symbol).toBe(BTC);
    expect(rejections).toMatchObject([{ symbol: ETH, reason: 'ANOTHER_ENTRY' }]);
  });

  it('prefers the higher score', () => {
    const lower = climb.slice(0, 72);
    const shift = climbToEntry.length - lower.length;
    const input = atCloseOf(climbToEntry, {}, [ETH, BTC]);
    const candles = new Map([
      [BTC, lower.map((it) => ({ ...it, at: it.at + shift * CANDLE_MS }))],
      [ETH, climbToEntry],
    ]);

    expect(apex.decide({ ...input, candles }).entry?.symbol).toBe(ETH);
  });

  it('is smaller after losses', () => {
    const state = apex.settle(undefined, [
      { id: '1', symbol: BTC, profit: quote('-5'), closed: true },
      { id: '2', symbol: BTC, profit: quote('-5'), closed: true },
    ]);

    const { entry } = apex.decide(atCloseOf(climbToEntry, { account: account({ state }) }));

    expect(entry && text(entry.amount)).toBe('420');
  });

  it.each<[string, Partial<StrategyInput>, string]>([
    ['there are too few candles', { candles: new Map([[BTC, climb.slice(0, 50)]]) }, 'NOT_ENOUGH_CANDLES'],
    ['there are no candles', { candles: new Map() }, 'NOT_ENOUGH_CANDLES'],
    ['the candles are old', { now: NOON }, 'CANDLES_OLD'],
    ['there is no price', { prices: new Map() }, 'NO_PRICE'],
    ['the market is unknown', { markets: new Map() }, 'MARKET_RESTRICTED'],
    [
      'the market takes cancellations only',
      { markets: new Map([[BTC, { ...market(), status: 'cancel_only' }]]) },
      'MARKET_RESTRICTED',
    ],
    ['the market falls', { candles: new Map([[BTC, fallen()]]) }, 'MARKET_FILTER'],
    [
      'fees eat the first target',
      { account: account({ roundTripFee: fraction('0.03') }) },
      'FEES_ABOVE_TARGET',
    ],
    ['there is no cash', { account: account({ cash: quote('0') }) }, 'INSUFFICIENT_CASH'],
    [
      'the size is below what the exchange takes',
      { account: account({ equity: quote('50'), cash: quote('50') }) },
      'BELOW_MINIMUM',
    ],
    ['exposure is at its limit', { positions: new Map([[ETH, held('79', '100', NOON)]]) }, 'EXPOSURE'],
  ])('is rejected by name where %s', (_, change, reason) => {
    const decision = apex.decide(atCloseOf(climbToEntry, change));

    expect(decision.entry).toBeUndefined();
    expect(decision.rejections.map((it) => it.reason)).toContain(reason);
  });

  it('is rejected at eight positions, not at seven', () => {
    const others = (count: number) =>
      new Map(
        Array.from({ length: count }, (_, i) => [`X${i}/USD` as MarketSymbol, held('1', '1', NOON)] as const),
      );

    expect(reasonsOf(atCloseOf(climbToEntry, { positions: others(8) }))).toContain('MAXIMUM_POSITIONS');
    expect(apex.decide(atCloseOf(climbToEntry, { positions: others(7) })).entry).toBeDefined();
  });
});

/** As many candles as the climb to the entry, the other way. */
function fallen(): readonly Candle[] {
  return climbToEntry.map((it, i) => {
    const mirror = climbToEntry[climbToEntry.length - 1 - i] ?? it;
    return { ...mirror, at: it.at, open: mirror.close, close: mirror.open };
  });
}

describe('a position', () => {
  it('is guarded on every tick, by a plan rebuilt where there is none', () => {
    const input = strategyInput({
      prices: new Map([[BTC, { bid: price('97.9'), ask: price('98') }]]),
      positions: new Map([[BTC, held('5', '100', NOON)]]),
    });

    const { exits, rejections, states } = apex.decide(input);

    expect(exits).toMatchObject([{ symbol: BTC, reason: 'STOP', numbers: { bid: '97.9', stop: '98' } }]);
    expect(rejections).toMatchObject([{ symbol: BTC, reason: 'PLAN_REBUILT' }]);
    expect(states.get(BTC)).toMatchObject({ stop: '98', startedWith: '5' });
  });

  it('is said to be without a price where there is none, and others are managed all the same', () => {
    const input = strategyInput({
      prices: new Map([[ETH, { bid: price('90'), ask: price('90') }]]),
      positions: new Map([
        [BTC, held('5', '100', NOON)],
        [ETH, held('5', '100', NOON)],
      ]),
    });

    const { exits, rejections } = apex.decide(input);

    expect(exits).toMatchObject([{ symbol: ETH, reason: 'MAXIMUM_LOSS' }]);
    expect(rejections).toMatchObject([{ symbol: BTC, reason: 'NO_PRICE' }, { symbol: ETH }]);
  });

  it('is sold by a memory of the account that cannot be read, too', () => {
    const input = strategyInput({
      account: account({ state: 'broken' }),
      prices: new Map([[BTC, { bid: price('90'), ask: price('90') }]]),
      positions: new Map([[BTC, held('5', '100', NOON)]]),
    });

    expect(apex.decide(input).exits).toHaveLength(1);
  });

  it('changes its memory only when something changed', () => {
    const input = strategyInput({ positions: new Map([[BTC, held('5', '100', NOON)]]) });
    const state = apex.decide(input).states.get(BTC);
    const again = { ...input, positions: new Map([[BTC, held('5', '100', NOON, state)]]) };

    expect(state).toBeDefined();
    expect(apex.decide(again).states.size).toBe(0);
  });

  it('takes its plan from the entry once it is filled', () => {
    const input = atCloseOf(climbToEntry);
    const { entry } = apex.decide(input);
    const ask = input.prices.get(BTC)?.ask.toFixed() ?? '';

    const { rejections, states } = apex.decide({
      ...input,
      now: input.now + 1000,
      newCandles: new Set(),
      positions: new Map([[BTC, held('2', ask, input.now + 500, entry?.state)]]),
    });

    expect(rejections).toEqual([]);
    expect(states.get(BTC)).toMatchObject({ startedWith: '2', entry: ask, decidedAt: input.now });
  });
});

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
