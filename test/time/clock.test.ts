import { describe, expect, it } from 'vitest';
import { DAY, HOUR, iso, MINUTE, SECOND, utcDay } from '../../shared/time/clock.ts';
import { systemClock } from '../../shared/time/system-clock.ts';

describe('an instant', () => {
  it('is counted in milliseconds since 1970', () => {
    expect(iso(DAY + HOUR + MINUTE + SECOND + 1)).toBe('1970-01-02T01:01:01.001Z');
  });

  it('is of the day that it is in UTC', () => {
    const midnight = Date.UTC(2026, 1, 1);

    expect([utcDay(midnight - 1), utcDay(midnight)]).toEqual(['2026-01-31', '2026-02-01']);
  });
});

describe('the clock of the system', () => {
  it('says what time it is', () => {
    const before = Date.now();

    const now = systemClock.now();

    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('lets as much time pass as it sleeps', async () => {
    const before = systemClock.now();

    await systemClock.sleep(30);

    // A timer may ring within the millisecond before.
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(29);
  });
});
