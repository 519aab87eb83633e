import { expect, test } from 'vitest';
import { faultsOf, reportOf } from '../../bench/rehearsal/judge.ts';
import { COPIES_AT_ONCE, type Rehearsed } from '../../bench/rehearsal/rehearse.ts';

const well: Rehearsed = {
  stop: 'by control halt',
  users: 40,
  callMs: 6,
  buysBefore: 16,
  buysAfter: 2,
  lastBuyMs: 25,
  halted: 22,
  holders: 17,
  sold: 17,
  exit: 'FLAT',
  wrong: [],
};

test('a stop that held only what was in flight is found right', () => {
  expect(faultsOf(well)).toEqual([]);
});

test.each<[string, Partial<Rehearsed>, string]>([
  [
    'more BUYs after it than were in flight',
    { buysAfter: COPIES_AT_ONCE + 1, halted: 22 - COPIES_AT_ONCE + 1 },
    '17 BUYs came after the stop; no more than 16 were in flight',
  ],
  ['a copy that never ended', { halted: 21 }, 'so some are missing'],
  ['nobody who was stopped', { buysBefore: 38, halted: 0 }, 'nobody was stopped'],
  ['an account that could not sell', { sold: 16 }, '17 accounts were to sell, and 16 did'],
  ['an exit that did not end flat', { exit: 'INCOMPLETE' }, "otherwise than flat (given 'INCOMPLETE')"],
  ['books that do not add up', { wrong: ['u-1: the balance is 3'] }, 'u-1: the balance is 3'],
])('%s is found wrong', (_what, change, fault) => {
  expect(faultsOf({ ...well, ...change })).toEqual([expect.stringContaining(fault)]);
});

test('the report says how long after the stop the last BUY came, and where none came it says so', () => {
  expect(reportOf(well)).toMatch(/until the last BUY reached it +25 ms/);
  expect(reportOf({ ...well, buysAfter: 0, lastBuyMs: 0 })).toMatch(/the last BUY reached it +none came/);
});
