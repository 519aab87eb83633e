import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../simulation/kernel/event-queue.ts';
import { sinceStart } from '../../../simulation/kernel/trace.ts';
import { aSim, FOREVER, START, stateOf } from './made.ts';

describe('the event queue', () => {
  it('gives out everything that was not cancelled, by time, and of one time as it came', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(20), cancelled: fc.boolean() })), (events) => {
        const queue = new EventQueue();
        const added = events.map(({ at }) => queue.add(at, () => {}));
        events.forEach(({ cancelled }, index) => {
          const event = added[index];
          if (cancelled && event !== undefined) event.run = undefined;
        });

        const taken = [];
        for (let event = queue.take(); event !== undefined; event = queue.take()) taken.push(event);

        const wanted = added.filter(({ run }) => run !== undefined);
        wanted.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
        expect(taken).toEqual(wanted);
      }),
    );
  });
});

describe('the simulation', () => {
  it('never runs two events out of order, also such as events themselves bring', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(50), fc.nat(50))), async (delays) => {
        const sim = aSim();
        const times: number[] = [];
        for (const [first, second] of delays) {
          sim.after(first, () => {
            times.push(sim.now());
            sim.after(second - 10, () => times.push(sim.now()));
          });
        }

        await sim.run(FOREVER);

        expect(times).toHaveLength(2 * delays.length);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  it('lets all that an event sets free happen before the next event', async () => {
    const sim = aSim();
    const seen: string[] = [];
    const chain = async (name: string) => {
      for (let step = 0; step < 20; step += 1) await Promise.resolve();
      seen.push(name);
    };
    sim.after(5, () => void chain('first'));
    sim.after(5, () => seen.push('second'));

    await sim.run(FOREVER);

    expect(seen).toEqual(['first', 'second']);
  });

  it('stands at the moment it was run to, with what comes later still to come', async () => {
    const sim = aSim();
    const seen: number[] = [];
    for (const ms of [10, 20, 30]) sim.after(ms, () => seen.push(sim.now() - START));

    await sim.run(START + 25);

    expect([sim.now() - START, seen]).toEqual([25, [10, 20]]);
  });

  it('ends with what an observer throws, or a background task fails with', async () => {
    const observed = aSim();
    observed.observe(() => {
      if (observed.now() > START) throw new RangeError('a guarantee broke');
    });
    observed.after(1, () => {});
    const watched = aSim();
    watched.after(1, () => watched.watch(Promise.reject(new TypeError('a source broke'))));

    await expect(observed.run(FOREVER)).rejects.toThrow('a guarantee broke');
    await expect(watched.run(FOREVER)).rejects.toThrow('a source broke');
  });

  it('refuses a process that waits for real time, and names it', async () => {
    const sim = aSim();
    const process = sim.process('copy-worker');
    sim.after(1, () => {
      process.busy = true;
      stateOf(new Promise((resolve) => setTimeout(resolve, 1)));
    });
    sim.after(10, () => {});

    await expect(sim.run(FOREVER)).rejects.toThrow('(given copy-worker.1)');
  });

  it('asks of each place on its own: more askings at one change nothing at another', () => {
    const asked = (others: number) => {
      const sim = aSim();
      return Array.from({ length: 50 }, () => {
        for (let other = 0; other < others; other += 1) sim.deviates('elsewhere', 'late', 0.5);
        return sim.deviates('here', 'late', 0.5);
      });
    };

    expect(asked(3)).toEqual(asked(0));
    expect(new Set(asked(0))).toEqual(new Set([true, false]));
  });

  it('lets happen what is allowed alone, and chance nothing while faults are off', () => {
    const free = aSim();
    const all = Array.from({ length: 20 }, () => free.deviates('here', 'late', 0.5));
    const wanted = free.choices.taken.slice(1, 3).map(({ id }) => id);
    const bound = aSim({ allow: new Set(wanted) });
    const off = aSim();
    off.faults = 'off';

    const allowed = all.map(() => bound.deviates('here', 'late', 0.5));
    const acted = [bound.acts('owner', 'exits'), off.acts('owner', 'exits')];

    expect(allowed.filter(Boolean)).toHaveLength(2);
    expect(bound.choices.taken.map(({ id }) => id)).toEqual(wanted);
    expect(all.map(() => off.deviates('here', 'late', 1))).toEqual(all.map(() => false));
    expect(acted).toEqual([false, true]);
  });
});

describe('the trace', () => {
  it('tells each event in a line, with the time since the start, and keeps the last ones in a ring', () => {
    const [ring, whole] = [aSim({ traceLimit: 2 }), aSim()];
    for (const sim of [ring, whole])
      for (let count = 1; count <= 7; count += 1) sim.note('owner', `act ${count}`, 'ok');

    expect(ring.trace.render()).toBe(
      '0:00:00.000  owner                    act 6 → ok\n0:00:00.000  owner                    act 7 → ok',
    );
    expect([ring.trace.count, ring.trace.hash]).toEqual([7, whole.trace.hash]);
    expect(sinceStart(100 * 3_600_000 + 61_007)).toBe('100:01:01.007');
  });
});
