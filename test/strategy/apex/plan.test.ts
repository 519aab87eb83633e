import { describe, expect, it } from 'vitest';
import { fraction, price, quantity, quote } from '../../../shared/money/money.ts';
import { type Plan, planOf, readPlan, storedPlan } from '../../../shared/strategy/apex/plan.ts';
import { config, NOON } from '../made.ts';

const HOUR = 3_600_000;
const FEE = fraction('0.008');

/** As decided at 100, not yet filled. */
const decided: Plan = {
  decidedAt: NOON,
  entry: price('100'),
  stop: price('99'),
  first: price('101.2'),
  second: price('102'),
  third: price('103'),
  reached: 0,
  highest: price('100'),
  reasons: ['volume present'],
};

/** Ten units at 100, 0.4 % of fee. */
const position = {
  quantity: quantity('10'),
  costBasis: quote('1004'),
  openedAt: NOON + 1_000,
  state: storedPlan(decided) as unknown,
};

const plan = (change: Partial<typeof position>, now = NOON + HOUR) =>
  planOf({ ...position, ...change }, now, price('100.5'), FEE, config);

describe('the plan of a position', () => {
  it('has no quantity that it started with until the position was seen', () => {
    expect(readPlan(storedPlan(decided))).toStrictEqual(decided);
  });

  it('survives being stored', () => {
    const stored = storedPlan({
      ...decided,
      startedWith: quantity('10'),
      held: quantity('10'),
      grownAt: NOON + 1,
    });

    const { plan: read, rebuilt } = plan({ state: JSON.parse(JSON.stringify(stored)) });

    expect(storedPlan(read)).toEqual(stored);
    expect(stored.reasons).toEqual(['volume present']);
    expect(rebuilt).toBe(false);
  });

  it('follows the price really paid and the quantity really bought', () => {
    const { plan: read } = plan({ quantity: quantity('4'), costBasis: quote('405.616') });

    expect(storedPlan(read)).toMatchObject({
      startedWith: '4',
      entry: '101',
      stop: '99',
      first: '103',
      second: '105',
      third: '107',
      decidedAt: NOON,
    });
  });

  it('keeps the stop within its band below the price really paid', () => {
    const { plan: dearer } = plan({ costBasis: quote('1044.16') });
    const { plan: cheaper } = plan({ costBasis: quote('993.96') });

    expect([dearer.entry, dearer.stop].map((it) => it.toFixed())).toEqual(['104', '101.92']);
    expect([cheaper.entry, cheaper.stop].map((it) => it.toFixed())).toEqual(['99', '98.505']);
  });

  it('never lowers a stop when more is bought', () => {
    const state = storedPlan({ ...decided, startedWith: quantity('10'), stop: price('99.9') });

    const { plan: read } = plan({ state, quantity: quantity('20'), costBasis: quote('1957.8') });

    expect(read.entry.toFixed()).toBe('97.5');
    expect(read.stop.toFixed()).toBe('99.9');
    expect(read.startedWith?.toFixed()).toBe('20');
  });

  it('stays as it is when some was sold', () => {
    const stored = storedPlan({ ...decided, startedWith: quantity('10'), held: quantity('10') });

    const { plan: read } = plan({ state: stored, quantity: quantity('5'), costBasis: quote('502') });

    expect(storedPlan(read)).toEqual({ ...stored, held: '5' });
  });

  it.each([
    ['than it ever held', '10', '20'],
    ['after a part was sold, though less than it started with', '5', '9'],
  ])('has its targets reached anew where more was bought %s', (_, before, now) => {
    const reached = { reached: 1, highest: price('104') } as const;
    const state = storedPlan({
      ...decided,
      ...reached,
      startedWith: quantity('10'),
      held: quantity(before),
    });

    const { plan: read } = plan({
      state,
      quantity: quantity(now),
      costBasis: quote(quantity(now).times('100.4').toFixed()),
    });

    expect(storedPlan(read)).toMatchObject({
      startedWith: now,
      held: now,
      grownAt: NOON + HOUR,
      reached: 0,
      highest: '100.5',
      decidedAt: NOON,
    });
  });

  it('is read, and its quantity noted, where it was stored before that was done', () => {
    const state = storedPlan({ ...decided, startedWith: quantity('10'), reached: 1 });

    const { plan: read, rebuilt } = plan({ state, quantity: quantity('9'), costBasis: quote('903.6') });

    expect(rebuilt).toBe(false);
    expect(storedPlan(read)).toEqual({ ...state, held: '9' });
  });

  it.each([
    ['there is none', undefined],
    ['it is null', null],
    ['it is of another shape', { stop: 1 }],
    ['a figure in it is no decimal', { ...storedPlan(decided), stop: 'low' }],
    ['a price in it is zero', { ...storedPlan(decided), entry: '0' }],
  ])('is rebuilt from the cost basis where %s', (_, state) => {
    const { plan: read, rebuilt } = plan({ state });

    expect(rebuilt).toBe(true);
    expect(storedPlan(read)).toMatchObject({
      decidedAt: NOON + HOUR,
      startedWith: '10',
      entry: '100',
      stop: '98',
      first: '102',
      reached: 0,
      reasons: ['rebuilt from the cost basis'],
    });
  });

  it('is rebuilt where the stored one is of an earlier position', () => {
    expect(plan({ openedAt: NOON + HOUR }).rebuilt).toBe(true);
    expect(plan({ openedAt: NOON + HOUR / 6 }).rebuilt).toBe(false);
  });

  it('belongs to a position that stands on unsellable remains of an older one', () => {
    expect(plan({ openedAt: NOON - 100 * HOUR }).rebuilt).toBe(false);
  });

  it('starts at the bid where the position cost nothing', () => {
    const { plan: read } = plan({ state: undefined, costBasis: quote('0') });

    expect([read.entry, read.stop].map((it) => it.toFixed())).toEqual(['100.5', '98.49']);
  });
});
