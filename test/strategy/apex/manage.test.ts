import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, price, quantity, quote, text } from '../../../shared/money/money.ts';
import { type ManagedPosition, managePosition } from '../../../shared/strategy/apex/manage.ts';
import type { Plan } from '../../../shared/strategy/apex/plan.ts';
import { candle, config, goodReadings, market, NOON } from '../made.ts';

const HOUR = 3_600_000;

/** Ten units bought at 100, stop 99, targets 101.2, 102, 103. */
const started: Plan = {
  decidedAt: NOON,
  startedWith: quantity('10'),
  entry: price('100'),
  stop: price('99'),
  first: price('101.2'),
  second: price('102'),
  third: price('103'),
  reached: 0,
  highest: price('100'),
  reasons: [],
};
/** 1004 ÷ 10 ÷ 0.996 */
const EVEN = '100.803212851405622';

const holding = (held: string) => ({
  quantity: quantity(held),
  costBasis: quote(quantity(held).times('100.4').toFixed()),
  openedAt: NOON,
  state: undefined,
});

const manage = (
  change: { bid?: string; held?: string; plan?: Partial<Plan> } & Partial<
    Omit<ManagedPosition, 'bid' | 'plan'>
  >,
) => {
  const { bid = '100.5', held = '10', plan = {}, ...rest } = change;
  return managePosition(
    {
      position: holding(held),
      plan: { ...started, ...plan },
      bid: price(bid),
      now: NOON + HOUR,
      market: market(),
      roundTripFee: fraction('0.008'),
      candles: [],
      readings: { ...goodReadings, atr: 0.2, close: 100 },
      ...rest,
    },
    config,
  );
};
const exitOf = (change: Parameters<typeof manage>[0]) => {
  const { exit } = manage(change);
  return exit === undefined ? 'nothing' : `${text(exit.quantity)} ${exit.reason}`;
};
const crossed = (at: number) => ({ ...goodReadings, atr: 0.2, fastBelowSince: at });

describe('a position', () => {
  it.each([
    ['is kept between stop and target', {}, 'nothing'],
    ['is kept just above the stop', { bid: '99.01' }, 'nothing'],
    ['is sold at the stop', { bid: '99' }, '10 STOP'],
    ['is sold at five percent below the entry', { bid: '95' }, '10 MAXIMUM_LOSS'],
    ['is sold by the stop just before', { bid: '95.01' }, '10 STOP'],
    [
      'is sold at the loss limit though its stop is missing that far',
      { bid: '94', plan: { stop: price('90') } },
      '10 MAXIMUM_LOSS',
    ],
    ['is half sold at the first target', { bid: '101.2' }, '5 TARGET_1'],
    ['is three quarters sold where the second target comes first', { bid: '102' }, '7.5 TARGET_2'],
    ['is sold whole at the third target', { bid: '103' }, '10 TARGET_3'],
    ['is sold after 24 hours', { now: NOON + 24 * HOUR }, '10 HELD_TOO_LONG'],
    ['is kept a moment before', { now: NOON + 24 * HOUR - 1 }, 'nothing'],
    [
      'is sold when EMA9 fell below EMA21 after the entry',
      { readings: crossed(NOON + 1) },
      '10 EMA_CROSSED_BELOW',
    ],
    ['is kept when it was below at the entry', { readings: crossed(NOON) }, 'nothing'],
    ['is guarded without any candles', { bid: '99', readings: undefined }, '10 STOP'],
  ])('%s', (_, change, expected) => {
    expect(exitOf(change)).toBe(expected);
  });
});

describe('a reached target', () => {
  const first = { reached: 1, highest: price('101.5'), stop: price(EVEN) } as const;

  it('moves the stop to break-even after fees', () => {
    const { plan } = manage({ bid: '101.2' });

    expect(plan.reached).toBe(1);
    expect(text(plan.stop)).toBe(EVEN);
  });

  it('does not raise the stop above what the market has reached', () => {
    const { plan, exit } = manage({ bid: '101.2', roundTripFee: fraction('0.02') });

    expect(text(plan.stop)).toBe('99');
    expect(exit?.reason).toBe('TARGET_1');
  });

  it.each([
    ['is not sold for again once sold', { held: '5', plan: first, bid: '101' }, 'nothing'],
    ['is still due where the sale did not fill, also below it', { plan: first, bid: '101' }, '5 TARGET_1'],
    ['is due for the rest of a partial fill', { held: '8', plan: first, bid: '101' }, '3 TARGET_1'],
    ['leaves what a quantity step rounds off', { held: '5.000000001', plan: first, bid: '101' }, 'nothing'],
    [
      'ends in a sale of the rest at break-even',
      { held: '5', plan: first, bid: '100.8' },
      '5 BREAK_EVEN_STOP',
    ],
    ['is followed by the second', { held: '5', plan: first, bid: '102' }, '2.5 TARGET_2'],
    [
      'is followed by the third',
      { held: '2.5', plan: { ...first, reached: 2 as const }, bid: '103' },
      '2.5 TARGET_3',
    ],
    [
      'sells all where the rest would be too small to sell',
      {
        held: '0.0019',
        plan: { startedWith: quantity('0.0019') },
        bid: '101.2',
        market: { ...market(), minimumCost: quote('0') },
      },
      '0.0019 TARGET_1',
    ],
  ])('%s', (_, change, expected) => {
    expect(exitOf(change)).toBe(expected);
  });

  it('is reported where its part is too small to sell on its own', () => {
    const { exit, blocked, numbers } = manage({ held: '5.02', plan: first, bid: '101' });

    expect(exit).toBeUndefined();
    expect(blocked).toBe('SALE_BELOW_MINIMUM');
    expect(numbers).toMatchObject({ wanted: 'TARGET_1', held: '5.02', startedWith: '10' });
  });

  it('is known from the sold quantity and the market where its record was lost', () => {
    const candles = [candle(NOON + 300_000, { open: 100, close: 101, high: 101.3 })];

    const { plan, exit } = manage({ held: '5', bid: '101', candles });

    expect(plan.reached).toBe(1);
    expect(text(plan.stop)).toBe(EVEN);
    expect(exit).toBeUndefined();
  });

  it('is not assumed where the owner sold a part below it', () => {
    const { plan, exit } = manage({ held: '5', bid: '99.5' });

    expect(plan.reached).toBe(0);
    expect(exit).toBeUndefined();
  });

  it('is known from the candle that opened at the moment of the decision, too', () => {
    const candles = [candle(NOON, { open: 100, close: 101, high: 101.3 })];

    expect(manage({ held: '5', bid: '101', candles }).plan.reached).toBe(1);
  });

  it('leaves the stop of what cost nothing where it was', () => {
    const position = { ...holding('10'), costBasis: quote('0') };

    expect(text(manage({ bid: '101.2', position }).plan.stop)).toBe('99');
  });

  it('is needed for a stop at break-even: none before', () => {
    expect(text(manage({ bid: '101.1' }).plan.stop)).toBe('99');
  });

  it('is not assumed from candles before more was bought', () => {
    const candles = [candle(NOON + 300_000, { open: 100, close: 101, high: 105 })];
    const plan = { grownAt: NOON + 300_001 };

    const { plan: managed, exit } = manage({ held: '5', bid: '100.5', candles, plan });

    expect(managed.reached).toBe(0);
    expect(exit).toBeUndefined();
  });

  it('is not assumed from candles before the entry', () => {
    const candles = [candle(NOON - 300_000, { open: 100, close: 101, high: 105 })];

    expect(manage({ held: '5', bid: '100', candles }).plan.reached).toBe(0);
  });
});

describe('the trailing stop', () => {
  const second = { reached: 2, highest: price('102.5'), stop: price(EVEN) } as const;

  it('follows the highest price at one and a half ATRs, from the second target on', () => {
    const { plan } = manage({ held: '2.5', plan: second, bid: '102.4' });

    // 102.5 × (1 − 1.5 × 0.2 ÷ 100)
    expect(text(plan.stop)).toBe('102.1925');
    expect(exitOf({ held: '2.5', plan: second, bid: '102.19' })).toBe('2.5 TRAILING_STOP');
  });

  it('regards highs between ticks as well', () => {
    const candles = [candle(NOON + 300_000, { open: 102, close: 102.4, high: 102.9 })];

    expect(text(manage({ held: '2.5', plan: second, bid: '102.8', candles }).plan.stop)).toBe('102.5913');
  });

  it('does not trail before', () => {
    const first = { ...second, reached: 1 } as const;

    expect(text(manage({ held: '5', plan: first, bid: '101.5' }).plan.stop)).toBe(EVEN);
  });

  it.each([
    ['readings are missing', undefined],
    ['the ATR has grown larger than the price', { ...goodReadings, atr: 1e9 }],
  ])('stays where %s', (_, readings) => {
    expect(text(manage({ held: '2.5', plan: second, bid: '102.4', readings }).plan.stop)).toBe(EVEN);
  });

  it('never loosens, and no sale exceeds the position, along any path of prices', () => {
    const step = fc.record({
      bid: fc.integer({ min: 9_000, max: 11_000 }).map((cents) => price((cents / 100).toFixed(2))),
      atr: fc.double({ min: 0, max: 20, noNaN: true }),
      filled: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let plan = started;
        let held = quantity('10');
        steps.forEach(({ bid, atr, filled }, i) => {
          if (held.isZero()) return;
          const managed = manage({
            bid: text(bid),
            held: text(held),
            plan,
            now: NOON + i,
            readings: { ...goodReadings, atr },
          });
          expect(managed.plan.stop.gte(plan.stop)).toBe(true);
          expect(managed.plan.reached).toBeGreaterThanOrEqual(plan.reached);
          const sold = managed.exit?.quantity ?? quantity('0');
          expect(sold.lte(held)).toBe(true);
          plan = managed.plan;
          held = quantity(held.minus(sold.times(filled).div(100)));
        });
      }),
    );
  });
});
