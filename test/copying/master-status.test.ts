import { describe, expect, it } from 'vitest';
import { HEARTBEAT_PERIODS, healthOf, type MasterStatus } from '../../shared/copying/master-status.ts';
import { MINUTE } from '../../shared/time/clock.ts';
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
});
