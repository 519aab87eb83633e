import { describe, expect, it } from 'vitest';
import {
  HEARTBEAT_PERIODS,
  healthOf,
  type MasterStatus,
  MOST_AHEAD_MS,
  viewOf,
} from '../../shared/copying/master-status.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';
import { NOON } from './made.ts';

const status = (facts: Partial<MasterStatus> = {}): MasterStatus => ({
  masterId: 'm-apex',
  healthy: true,
  reason: 'ok',
  at: NOON,
  periodMs: MINUTE,
  ...facts,
});

describe('a master', () => {
  it('is not healthy before it has published a status', () => {
    expect(healthOf(undefined, NOON)).toEqual({
      healthy: false,
      reason: 'the master has never published a status',
    });
  });

  it.each([
    ['of this moment', 0, true],
    ['as old as three periods', HEARTBEAT_PERIODS * MINUTE, true],
    ['a millisecond older', HEARTBEAT_PERIODS * MINUTE + 1, false],
    ['a little ahead of our clock', -500, true],
    ['as far ahead of our clock as may be', -MOST_AHEAD_MS, true],
    ['a millisecond further ahead', -MOST_AHEAD_MS - 1, false],
    ['of next year', -365 * DAY, false],
  ])('with a heartbeat %s is judged by its age', (_, age, healthy) => {
    expect(healthOf(status(), NOON + age).healthy).toBe(healthy);
  });

  it('that says it is not healthy is not, for the reason that it gives', () => {
    expect(healthOf(status({ healthy: false, reason: 'its key was revoked' }), NOON)).toEqual({
      healthy: false,
      reason: 'its key was revoked',
    });
  });

  it('that has fallen silent is not healthy, whatever it said last', () => {
    const silent = { healthy: false, reason: "the master's last heartbeat is 600 s old" };
    expect(healthOf(status(), NOON + 10 * MINUTE)).toEqual(silent);
    expect(healthOf(status({ healthy: false, reason: 'tick failed' }), NOON + 10 * MINUTE)).toEqual(silent);
  });

  it('whose heartbeat lies in the future is not healthy until that is past, and says why', () => {
    const skewed = status({ at: NOON + HOUR });

    expect(healthOf(skewed, NOON)).toEqual({
      healthy: false,
      reason: "the master's last heartbeat is 3600 s ahead of our clock: one of the clocks is wrong",
    });
    expect(healthOf(skewed, NOON + HOUR)).toEqual({ healthy: true });
  });
});

describe('whoever follows a master', () => {
  const seen = (read: Parameters<typeof viewOf>[1], now = NOON) => viewOf('m-apex', read, now);

  it('sees the age of its heartbeat in seconds, healthy or not', () => {
    expect(seen({ readable: true, value: status() }, NOON + 90_499)).toEqual({
      masterId: 'm-apex',
      healthy: true,
      reason: 'ok',
      heartbeatAgeSeconds: 90,
    });
    expect(
      seen({ readable: true, value: status({ healthy: false, reason: 'its key was revoked' }) }, NOON),
    ).toEqual({ masterId: 'm-apex', healthy: false, reason: 'its key was revoked', heartbeatAgeSeconds: 0 });
  });

  it('sees no age below zero', () => {
    expect(seen({ readable: true, value: status({ at: NOON + 30_000 }) })).toMatchObject({
      healthy: true,
      heartbeatAgeSeconds: 0,
    });
  });

  it('sees no age where there is no status, or none that can be read, and then it is not healthy', () => {
    expect(seen({ readable: true, value: undefined })).toEqual({
      masterId: 'm-apex',
      healthy: false,
      reason: 'the master has never published a status',
    });
    expect(seen({ readable: false, why: 'the table is gone' })).toEqual({
      masterId: 'm-apex',
      healthy: false,
      reason: "the master's status could not be read: the table is gone",
    });
  });
});
