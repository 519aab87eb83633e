import { describe, expect, it } from 'vitest';
import { killedAfter, killedBefore, slow } from '../../../simulation/kernel/faults.ts';
import { aSim, aSimWith, aWrite, FOREVER, START, stateOf } from './made.ts';

const lost = { name: 'lost answer', probability: 1, acts: 1, ends: () => new Error('lost') } as const;

describe('a point of a process', () => {
  it('is done at one time, and answered at a later one', async () => {
    const sim = aSim();
    const process = sim.process('p');
    const times: number[] = [];

    const answered = process.point(aWrite, () => times.push(sim.now())).then(() => times.push(sim.now()));
    await sim.run(FOREVER);
    await answered;

    const [done = 0, seen = 0] = times;
    expect(START < done && done < seen).toBe(true);
  });

  it('hands on what the other side throws or rejects with', async () => {
    const sim = aSim();
    const process = sim.process('p');
    const thrown = stateOf(
      process.point(aWrite, () => {
        throw new RangeError('refused');
      }),
    );
    const rejected = stateOf(process.point(aWrite, () => Promise.reject(new TypeError('refused'))));

    await sim.run(FOREVER);

    expect([thrown.now, rejected.now]).toEqual(['rejected: RangeError', 'rejected: TypeError']);
  });

  it.each([
    ['killed before', killedBefore(1), 0, 'pending', false],
    ['killed after', killedAfter(1), 1, 'pending', false],
    ['lost answer', lost, 1, 'rejected: Error', true],
    ['never sent', { ...lost, acts: 0 as const }, 0, 'rejected: Error', true],
    ['repeated', { ...lost, acts: 2 as const, ends: 'answer' as const }, 2, 'resolved: 2', true],
    ['slow', slow(1, { from: 500, to: 900 }), 1, 'resolved: 1', true],
    ['silence', { ...lost, acts: 0 as const, ends: 'answer' as const }, 0, 'pending', true],
  ])('that has the fault "%s" acts and ends as it says', async (_name, fault, acts, end, alive) => {
    const sim = aSimWith('store', [fault]);
    const process = sim.process('p');
    let done = 0;

    const state = stateOf(
      process.point(aWrite, () => {
        done += 1;
        return done;
      }),
    );
    await sim.run(FOREVER);

    expect([done, state.now, process.alive]).toEqual([acts, end, alive]);
  });

  it('is repeated without being done again where the other side knows the token', async () => {
    const sim = aSimWith('store', [{ ...lost, acts: 2, ends: 'answer' }]);
    let done = 0;

    const state = stateOf(
      sim.process('p').point({ ...aWrite, repeatable: true }, () => {
        done += 1;
        return `answer ${done}`;
      }),
    );
    await sim.run(FOREVER);

    expect([done, state.now]).toEqual([1, 'resolved: answer 1']);
  });

  it('is given up by its caller after its own time, and may be done nevertheless', async () => {
    const sim = aSimWith('exchange', [slow(1, { from: 60_000, to: 60_000 })]);
    const process = sim.process('p');
    let done = 0;
    const timeout = { ms: 10_000, error: (what: string) => new RangeError(what) };

    const state = stateOf(
      process.point({ port: 'exchange', name: 'AddOrder', writes: true, timeout }, () => {
        done += 1;
      }),
    );
    await sim.run(START + 10_001);
    const then = state.now;
    await sim.run(FOREVER);

    expect([then, state.now, done]).toEqual(['rejected: RangeError', 'rejected: RangeError', 1]);
  });
});

describe('a killed process', () => {
  it('never goes on, not even from a sleep, while what it has sent still arrives', async () => {
    const sim = aSim();
    const process = sim.process('p');
    let done = 0;
    const slept = stateOf(process.clock.sleep(1_000));
    const sent = stateOf(
      process.point(aWrite, () => {
        done += 1;
      }),
    );

    process.kill('out of memory');
    const later = stateOf(process.point(aWrite, () => done));
    await sim.run(FOREVER);

    expect([slept.now, sent.now, later.now, done]).toEqual(['pending', 'pending', 'pending', 1]);
  });

  it('dies at the point that was planned, before or after it is done, whatever the dice', async () => {
    const dying = async (when: 'before' | 'after') => {
      const sim = aSim();
      sim.faults = 'off';
      sim.plan.killAt('p.1', 3, when);
      const process = sim.process('p');
      let done = 0;
      const work = async () => {
        for (let call = 0; call < 5; call += 1)
          await process.point(aWrite, () => {
            done += 1;
          });
      };
      stateOf(work());
      await sim.run(FOREVER);
      return done;
    };

    expect([await dying('before'), await dying('after')]).toEqual([2, 3]);
  });

  it('is not meant by a planned fault of another call', async () => {
    const sim = aSim();
    sim.plan.next((process, _point, { name }) => process.id === 'u-2.1' && name === 'AddOrder', lost);
    const calls = ['u-1', 'u-2', 'u-2'].map((name, index) =>
      stateOf(
        (index < 2 ? sim.process(name) : sim.process('other')).point(
          { port: 'exchange', name: 'AddOrder', writes: true },
          () => 'ok',
        ),
      ),
    );

    await sim.run(FOREVER);

    expect(calls.map(({ now }) => now)).toEqual(['resolved: ok', 'rejected: Error', 'resolved: ok']);
  });
});

describe('a frozen process', () => {
  it('gets what came meanwhile when it thaws', async () => {
    const sim = aSim();
    const process = sim.process('p');
    const state = stateOf(process.point(aWrite, () => 'ok'));
    process.freeze();
    await sim.run(START + 1_000);
    const frozen = state.now;

    process.thaw();
    await sim.run(START + 2_000);

    expect([frozen, state.now]).toEqual(['pending', 'resolved: ok']);
  });
});

describe('the clocks of processes', () => {
  it('differ from true time a little, of some by more, and stay as they are', () => {
    const sim = aSim({ skew: { usualMs: 20, badMs: 2_000, badProbability: 0.1 } });
    const off = Array.from({ length: 500 }, () => sim.process('p').clock.now() - START);

    expect(off.filter((ms) => Math.abs(ms) > 20).length).toBeGreaterThan(20);
    expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(2_000);
    expect(sim.choices.taken.length).toBeGreaterThanOrEqual(off.filter((ms) => Math.abs(ms) > 20).length);
  });
});
