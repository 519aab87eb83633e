import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2019, 0, 1);

describe('the virtual clock', () => {
  it('starts where it is told and goes on as real time does', async () => {
    const clock = new VirtualClock(START);

    const before = clock.now();
    await clock.sleep(5);

    expect(before).toBeGreaterThanOrEqual(START);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 5);
    expect(clock.now()).toBeLessThan(START + HOUR);
  });

  it('wakes sleepers in their order when it is moved past them, and leaves the others asleep', async () => {
    const clock = new VirtualClock(START);
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(name);
    };
    const sleepers = [sleep('late', 3 * HOUR), sleep('second', 2 * HOUR), sleep('first', HOUR)];

    clock.advanceTo(START + 2 * HOUR + 60_000);
    await Promise.all(sleepers.slice(1));
    const wokenAtTwo = [...woken];
    clock.advanceTo(START + 4 * HOUR);
    await Promise.all(sleepers);

    expect(wokenAtTwo).toEqual(['first', 'second']);
    expect(woken).toEqual(['first', 'second', 'late']);
  });

  it('never goes backwards', () => {
    const clock = new VirtualClock(START);
    clock.advanceTo(START + HOUR);

    clock.advanceTo(START);

    expect(clock.now()).toBeGreaterThanOrEqual(START + HOUR);
  });

  it('forgets an alarm that is no longer wanted', () => {
    const clock = new VirtualClock(START);
    const rung: string[] = [];
    const forget = clock.at(START + HOUR, () => rung.push('forgotten'));
    clock.at(START + HOUR, () => rung.push('kept'));

    forget();
    clock.advanceTo(START + 2 * HOUR);

    expect(rung).toEqual(['kept']);
  });

  it('accepts a new alarm from within an alarm', () => {
    const clock = new VirtualClock(START);
    const rung: number[] = [];
    clock.at(START + HOUR, () => {
      rung.push(1);
      clock.at(START + 3 * HOUR, () => rung.push(2));
    });

    clock.advanceTo(START + 2 * HOUR);
    const afterTwo = [...rung];
    clock.advanceTo(START + 3 * HOUR);

    expect(afterTwo).toEqual([1]);
    expect(rung).toEqual([1, 2]);
  });
});
