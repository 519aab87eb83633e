import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterRefusal, type BackOff, restsAfter } from '../../shared/order/back-off.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { NOON } from '../copying/made.ts';

const refusedTimes = (times: number): BackOff => {
  let backOff = afterRefusal(undefined, NOON, 'no');
  for (let count = 1; count < times; count += 1) backOff = afterRefusal(backOff, NOON, 'no');
  return backOff;
};

describe('a sale that is refused again and again', () => {
  it('is tried with the next check, then a little more seldom, and every twenty minutes at least', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 100, 5_000].map(
      (times) => (refusedTimes(times).nextTryAt - NOON) / MINUTE,
    );

    expect(pauses).toEqual([0, 10, 20, 20, 20, 20, 20, 20, 20, 20]);
  });

  it('leaves a bounded number of orders, and is never given up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (minutes) => {
        let backOff: BackOff | undefined;
        let [orders, lastAt, longest] = [0, NOON, 0];
        for (let at = NOON; at < NOON + 240 * HOUR; at += minutes * MINUTE) {
          if (restsAfter(backOff, at) !== undefined) continue;
          longest = Math.max(longest, at - lastAt);
          backOff = afterRefusal(backOff, at, 'no');
          [orders, lastAt] = [orders + 1, at];
        }

        // Ten days: the first three tries, then one in twenty minutes.
        expect(orders).toBeLessThanOrEqual(3 + 240 * 3);
        expect(longest).toBeLessThanOrEqual((20 + minutes) * MINUTE);
      }),
      { numRuns: 30 },
    );
  });

  it('says until when it rests, why, and what helps', () => {
    const backOff = refusedTimes(2);

    expect(restsAfter(backOff, NOON)).toBe(
      'no (refused 2 times in a row: tried again from 2026-11-20T12:10:00.000Z on; an exit that you ask for tries at once)',
    );
    expect(restsAfter(backOff, backOff.nextTryAt)).toBeUndefined();
    expect(restsAfter(undefined, NOON)).toBeUndefined();
  });
});
