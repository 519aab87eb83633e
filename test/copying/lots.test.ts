import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLater, laterCoins, type Movement, type TradePlace } from '../../shared/copying/lots.ts';
import {
  fraction,
  lessAtMost,
  plus,
  type Quantity,
  quantity,
  scale,
  text,
  ZERO_QUANTITY,
} from '../../shared/money/money.ts';
import { decimals } from './made.ts';

const place = (at: number, tradeId = `t-${at}`): TradePlace => ({ at, tradeId });
const into = (amount: string, of?: TradePlace): Movement => ({
  direction: 'IN',
  quantity: quantity(amount),
  ...(of === undefined ? {} : { of }),
});
const outOf = (amount: string, of?: TradePlace): Movement => ({ ...into(amount, of), direction: 'OUT' });

describe('the coins of a position that came later than a trade', () => {
  it.each([
    ['none where nothing moved', '1', [], '0'],
    ['what a later trade bought', '1.5', [into('0.5', place(20))], '0.5'],
    ['none of what an earlier trade bought, however late it was filled', '1.5', [into('0.5', place(9))], '0'],
    ['none of what was bought for nobody knows which trade', '1.5', [into('0.5')], '0'],
    ['of one instant, those of a trade with a later id', '1.5', [into('0.5', place(10, 't-11'))], '0.5'],
    ['of one instant, none of a trade with an earlier id', '1.5', [into('0.5', place(10, 't-09'))], '0'],
    ['all where the rest was sold before', '0.5', [outOf('1'), into('0.5', place(20))], '0.5'],
    ['none where all was sold since', '0', [into('0.5', place(20)), outOf('1.5')], '0'],
    [
      'only what came after all was sold',
      '0.3',
      [into('0.5', place(20)), outOf('1.5'), into('0.3', place(30))],
      '0.3',
    ],
    [
      'as much less as a sale for no trade took of all',
      '0.75',
      [into('0.5', place(20)), outOf('0.75')],
      '0.25',
    ],
    [
      'as much less as the sale for a still later trade took of all',
      '0.75',
      [into('0.5', place(20)), outOf('0.75', place(30))],
      '0.25',
    ],
    [
      'not less by the sale for a trade before them',
      '1',
      [into('0.5', place(20)), outOf('0.5', place(15))],
      '0.5',
    ],
    [
      'not less by the sale for the trade itself',
      '1',
      [into('0.5', place(20)), outOf('0.5', place(10))],
      '0.5',
    ],
    [
      'less where a sale took more than its trade allows',
      '0.4',
      [into('0.5', place(20)), outOf('1.1', place(15))],
      '0.4',
    ],
    [
      'what such a sale left, and none of what an earlier trade bought after it',
      '1.4',
      [into('0.5', place(20)), outOf('1.1', place(15)), into('1', place(9))],
      '0.4',
    ],
    [
      'none where a sale took what was the owner’s own as well',
      '0',
      [into('0.5', place(20)), outOf('9')],
      '0',
    ],
  ] as const)('are %s', (_, held, movements, expected) => {
    expect(text(laterCoins(quantity(held), place(10), movements))).toBe(expected);
  });

  it('are never more than the position, whatever is said of it', () => {
    const movements = fc.array(
      fc
        .record({
          direction: fc.constantFrom('IN' as const, 'OUT' as const),
          quantity: decimals(0n, 10n ** 12n, 8).map(quantity),
          of: fc.option(
            fc.integer({ min: 0, max: 20 }).map((at) => place(at)),
            { nil: undefined },
          ),
        })
        .map(({ of, ...rest }) => (of === undefined ? rest : { ...rest, of })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(decimals(0n, 10n ** 12n, 8).map(quantity), movements, (held, moved) => {
        expect(laterCoins(held, place(10), moved).lte(held)).toBe(true);
      }),
    );
  });
});

it('places no trade later than itself', () => {
  expect(isLater(place(10), place(10))).toBe(false);
});

const MINUTE = 60_000;

type Step = {
  readonly kind: 'BUY' | 'SELL' | 'EXIT';
  readonly amount: Quantity;
  readonly share: ReturnType<typeof fraction>;
  /** How many steps later it is executed than its trade was made. */
  readonly late: number;
};

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('BUY', 'BUY', 'SELL', 'SELL', 'EXIT'),
    amount: decimals(1n, 10n ** 10n, 8).map(quantity),
    share: decimals(1n, 100n, 2).map(fraction),
    late: fc.constantFrom(0, 0, 1, 3, 8),
  }) satisfies fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 14 },
);

interface Lot {
  readonly of: TradePlace;
  left: Quantity;
}

const sumOf = (lots: readonly Lot[]): Quantity =>
  lots.reduce((sum, { left }) => plus(sum, left), ZERO_QUANTITY);
const near = (a: Quantity, b: Quantity): boolean => a.minus(b).abs().lte('1e-14');
const keepOf = (lots: readonly Lot[], share: ReturnType<typeof fraction>): void => {
  for (const lot of lots) lot.left = lessAtMost(lot.left, scale(lot.left, share));
};

/**
 * Runs a history, sales sized by `laterCoins`, beside lots that are kept apart by hand.
 * @param lateness of what is executed; BUYs are not later than the next step
 */
const run = (history: readonly Step[], lateness: (step: Step) => number) => {
  const executed = history
    .map((step, index) => ({ ...step, of: place((index + 1) * MINUTE), index }))
    .map((step) => ({ ...step, at: step.of.at + lateness(step) * MINUTE + step.index }))
    .sort((a, b) => a.at - b.at);
  const lots: Lot[] = [];
  const moved: { readonly at: number; readonly movement: Movement }[] = [];
  const sales: { readonly sold: Quantity; readonly due: Quantity; readonly onTime: boolean }[] = [];
  let held = ZERO_QUANTITY;
  for (const { kind, amount, share, of, at } of executed) {
    if (kind === 'BUY') {
      held = plus(held, amount);
      lots.push({ of, left: amount });
      moved.push({ at, movement: { direction: 'IN', quantity: amount, of } });
      continue;
    }
    const older = lots.filter((lot) => kind === 'EXIT' || !isLater(lot.of, of));
    const since = moved.flatMap((one) => (one.at >= of.at ? [one.movement] : []));
    const reach = kind === 'EXIT' ? held : lessAtMost(held, laterCoins(held, of, since));
    const sold = scale(reach, share);
    if (kind === 'SELL')
      sales.push({ sold, due: scale(sumOf(older), share), onTime: older.length === lots.length });
    if (kind === 'SELL' && older.length === lots.length) expect(text(reach)).toBe(text(held));
    held = lessAtMost(held, sold);
    keepOf(older, share);
    moved.push({
      at,
      movement: { direction: 'OUT', quantity: sold, ...(kind === 'SELL' ? { of } : {}) },
    });
  }
  return { held, lots, sales };
};

describe('copied BUYs, exits, and SELLs that come whenever they come', () => {
  it('sell for each trade its fraction of what came from trades up to it, and of nothing else', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { held, lots, sales } = run(history, ({ kind, late }) =>
          kind === 'BUY' ? Math.min(late, 1) : kind === 'SELL' ? late : 0,
        );

        for (const { sold, due } of sales) expect(near(sold, due)).toBe(true);
        expect(near(held, sumOf(lots))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leave what the same sales in time would have left, where BUYs were in time', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const late = run(history, (step) => (step.kind === 'SELL' ? step.late : 0));
        const inTime = run(history, () => 0);

        expect(near(late.held, inTime.held)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('take, in time, their fraction of the whole position', () => {
    fc.assert(
      fc.property(steps, (history) => {
        expect(run(history, () => 0).sales.every(({ onTime }) => onTime)).toBe(true);
      }),
    );
  });
});
