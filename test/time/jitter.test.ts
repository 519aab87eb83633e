import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededIds } from '../../infra/local/local-host.ts';
import { jittered } from '../../shared/time/jitter.ts';

describe('a pause with jitter', () => {
  it('is at least half of what was asked for and no more than that, in whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.string(), (ms, id) => {
        const pause = jittered(ms, { id: () => id });

        expect(pause).toBeGreaterThanOrEqual(ms / 2);
        expect(pause).toBeLessThanOrEqual(ms);
        expect(Number.isInteger(pause)).toBe(true);
      }),
    );
  });

  it('differs among those who wait for the same thing, over all of that span', () => {
    const chance = seededIds(1, 'waiting');

    const pauses = Array.from({ length: 300 }, () => jittered(1_000, chance));

    expect(Math.min(...pauses)).toBeLessThan(520);
    expect(Math.max(...pauses)).toBeGreaterThan(980);
    expect(new Set(pauses).size).toBeGreaterThan(150);
  });
});
