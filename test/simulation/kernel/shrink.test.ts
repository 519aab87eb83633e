import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunSeed, SeedResult } from '../../../simulation/kernel/seed-run.ts';
import { shrink } from '../../../simulation/kernel/shrink.ts';
import { START } from './made.ts';
import { toyBank } from './toy-bank.ts';

const result = (ids: readonly string[], invariant?: string): SeedResult => ({
  simulatedMs: 0,
  events: 0,
  hash: '',
  deviations: ids.map((id) => ({ id, at: START })),
  ...(invariant === undefined ? {} : { violation: { invariant, message: '', at: START } }),
  trace: () => ids.join('\n'),
});

/** A world that breaks when all of the causes happen. */
const breaksBy =
  (all: readonly string[], causes: ReadonlySet<string>): RunSeed =>
  async ({ allow }) => {
    const taken = all.filter((id) => allow === undefined || allow.has(id));
    return result(taken, [...causes].every((id) => taken.includes(id)) ? 'guarantee' : undefined);
  };
const run = { seed: 1, steps: 1 };

describe('shrinking', () => {
  it('finds exactly the deviations that are needed, whichever they are', async () => {
    const all = Array.from({ length: 60 }, (_, index) => `d${index}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...all), { maxLength: 5 }), async (causes) => {
        const world = breaksBy(all, new Set(causes));

        const shrunk = await shrink(world, run, await world(run));

        expect([...shrunk.needed].sort()).toEqual([...causes].sort());
        expect(shrunk.complete).toBe(true);
      }),
    );
  });

  it('does not take another broken guarantee for the same', async () => {
    const world: RunSeed = async ({ allow }) => {
      const taken = ['a', 'b'].filter((id) => allow === undefined || allow.has(id));
      return result(taken, taken.length === 2 ? 'isolation' : 'liveness');
    };

    const shrunk = await shrink(world, run, await world(run));

    expect([shrunk.needed, shrunk.result.violation?.invariant]).toEqual([['a', 'b'], 'isolation']);
  });

  it('counts what a run took, where leaving one out takes others along', async () => {
    const world: RunSeed = async ({ allow }) => {
      const may = (id: string) => allow === undefined || allow.has(id);
      const taken = ['kill', 'retry', 'late'].filter((id) => may(id) && (id !== 'retry' || may('late')));
      return result(taken, may('kill') ? 'guarantee' : undefined);
    };

    const shrunk = await shrink(world, run, await world(run));

    expect(shrunk.needed).toEqual(['kill']);
  });

  it('says so when the runs are used up first, and refuses what did not fail', async () => {
    const all = Array.from({ length: 60 }, (_, index) => `d${index}`);
    const world = breaksBy(all, new Set(['d3', 'd30', 'd57']));

    const shrunk = await shrink(world, run, await world(run), 5);

    expect([shrunk.complete, shrunk.runs]).toEqual([false, 5]);
    await expect(shrink(world, run, result([]))).rejects.toThrow('(given seed 1)');
  });
});

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe('a bank whose transfers are made over faulty stores', () => {
  it('has one history for each seed, to the last letter of its trace', async () => {
    const bank = toyBank('one write');

    const [first, again, other] = [
      await bank({ seed: 5, steps: 20 }),
      await bank({ seed: 5, steps: 20 }),
      await bank({ seed: 6, steps: 20 }),
    ];

    expect(again.trace()).toBe(first.trace());
    expect([again.hash, again.events, again.deviations]).toEqual([
      first.hash,
      first.events,
      first.deviations,
    ]);
    expect(other.hash).not.toBe(first.hash);
  });

  it('conserves money whatever happens when a transfer is one write', async () => {
    const bank = toyBank('one write');
    let faults = 0;

    for (const seed of SEEDS) {
      const { violation, deviations } = await bank({ seed, steps: 15 });
      faults += deviations.filter(({ id }) => id.startsWith('transfer@')).length;
      expect(violation).toBeUndefined();
    }

    expect(faults).toBeGreaterThan(10);
  });

  it('loses or makes money when a transfer is two writes, and nothing of the shortest history can be left out', async () => {
    const bank = toyBank('two writes');
    const caught: number[] = [];
    for (const seed of SEEDS) {
      if (caught.length === 3) break;
      const failing = await bank({ seed, steps: 15 });
      if (failing.violation === undefined) continue;
      caught.push(seed);

      const { needed, result: shortest, complete } = await shrink(bank, { seed, steps: 15 }, failing);

      expect([shortest.violation?.invariant, complete]).toEqual(['no money appears or vanishes', true]);
      expect(needed.length).toBeLessThan(failing.deviations.length);
      expect(needed.some((id) => id.startsWith('teller#'))).toBe(true);
      expect(needed.some((id) => !id.startsWith('teller#'))).toBe(true);
      for (const left of needed) {
        const allow = new Set(needed.filter((id) => id !== left));
        expect((await bank({ seed, steps: 15, allow })).violation).toBeUndefined();
      }
    }

    expect(caught).toHaveLength(3);
  });
});
