import { describe, expect, it } from 'vitest';
import type { Candle } from '../../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { fraction, price, quote, text } from '../../../shared/money/money.ts';
import { CANDLE_MS } from '../../../shared/strategy/apex/indicators.ts';
import { readPlan } from '../../../shared/strategy/apex/plan.ts';
import { loadStrategy } from '../../../shared/strategy/strategies.ts';
import type { StrategyInput } from '../../../shared/strategy/strategy.ts';
import { atCloseOf, BTC, climb, climbToEntry, ETH, held, market, NOON, strategyInput } from '../made.ts';

const apex = loadStrategy('apex', {});

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
    expect(rejections).toEqual([{ symbol: BTC, reason: 'BELOW_MINIMUM', numbers: { held: '0.0009' } }]);
  });

  it.each([undefined, null])('has nothing to forget of remains whose plan is %s', (state) => {
    const positions = new Map([[BTC, held('0.0009', '100', 1, state)]]);

    expect(apex.decide(strategyInput({ positions })).states.size).toBe(0);
  });

  it('brings its own plan to unsellable remains, whose old plan is forgotten otherwise', () => {
    const remains = held('0.0009', '100', 1, { plan: 'of the position before' });
    const input = atCloseOf(climbToEntry, { positions: new Map([[BTC, remains]]) });

    const entering = apex.decide(input);
    const waiting = apex.decide({ ...input, newCandles: new Set() });

    expect(entering.entry?.state).toBeDefined();
    expect(entering.states.size).toBe(0);
    expect([...waiting.states]).toEqual([[BTC, null]]);
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
    expect(rejections).toEqual([{ symbol: BTC, reason: 'PLAN_REBUILT', numbers: { stop: '98' } }]);
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

  it('is said to be without rules where the exchange tells none', () => {
    const input = strategyInput({ markets: new Map(), positions: new Map([[BTC, held('5', '100', NOON)]]) });

    const { exits, rejections, states } = apex.decide(input);

    expect(exits).toEqual([]);
    expect(rejections).toEqual([{ symbol: BTC, reason: 'NO_MARKET', numbers: {} }]);
    expect(states.size).toBe(0);
  });

  it('is none where nothing is held: no remains are told of', () => {
    const decision = apex.decide(strategyInput({ positions: new Map([[BTC, held('0', '100', NOON)]]) }));

    expect(decision).toMatchObject({ exits: [], rejections: [] });
  });

  it('is kept between stop and target, and a part that is too small to sell is told with its target', () => {
    const input = strategyInput({ positions: new Map([[BTC, held('5', '100', NOON)]]) });
    const plan = apex.decide(input).states.get(BTC);
    const position = held('5.02', '100', NOON, {
      ...Object(plan),
      startedWith: '10',
      held: '5.02',
      reached: 1,
    });

    const kept = apex.decide({ ...input, positions: new Map([[BTC, held('5', '100', NOON, plan)]]) });
    const due = apex.decide({ ...input, positions: new Map([[BTC, position]]) });

    expect(kept.exits).toEqual([]);
    expect(due.exits).toEqual([]);
    expect(due.rejections).toMatchObject([
      { symbol: BTC, reason: 'SALE_BELOW_MINIMUM', numbers: { wanted: 'TARGET_1', held: '5.02' } },
    ]);
  });

  const at = (bid: string, amount: string, unit: string, state: unknown) =>
    apex.decide(
      strategyInput({
        prices: new Map([[BTC, { bid: price(bid), ask: price(bid) }]]),
        positions: new Map([[BTC, held(amount, unit, NOON, state)]]),
      }),
    );
  /** Ten bought at 100, of which the first target at 102 has sold five. */
  const soldHalf = (bid: string) => {
    const whole = at('102', '10', '100', undefined);
    const half = at(bid, '5', '100', whole.states.get(BTC));
    return { whole, half, kept: half.states.get(BTC) ?? whole.states.get(BTC) };
  };

  it('is not sold for a target of before, where more was bought after that sale', () => {
    const { whole, half, kept } = soldHalf('101.8');

    const more = at('101.9', '9', '100.8', kept);

    expect(whole.exits).toMatchObject([{ reason: 'TARGET_1', numbers: { held: '10' } }]);
    expect(half.exits).toEqual([]);
    expect(more.exits).toEqual([]);
    expect(more.states.get(BTC)).toMatchObject({ reached: 0, startedWith: '9', entry: '100.8' });
  });

  it('that grew at a price above its targets, beside a stop that had risen, has them above that price', () => {
    const { kept } = soldHalf('103');

    const more = at('103', '6', '100.5', kept);

    expect(more.exits).toEqual([]);
    const plan = readPlan(more.states.get(BTC));
    expect(plan?.first.gt('103')).toBe(true);
    expect(plan?.stop).toEqual(readPlan(kept)?.stop);
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
