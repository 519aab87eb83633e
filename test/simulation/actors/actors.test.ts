import { describe, expect, test } from 'vitest';
import { ACTORS } from '../../../simulation/actors/index.ts';
import { playSeed } from '../../../simulation/world/run-seed.ts';
import type { Actor } from '../../../simulation/world/world.ts';

const SEEDS = [1, 2, 3];
const STEPS = 8;
/** Somebody has to trade, or there is nothing that others could act on. */
const TRADING = ACTORS.filter(({ name }) => name === 'a master buys by hand');

/** Plays a seed with one actor that acts in two of three steps. */
const playWith = async (actor: Actor, seed: number) => {
  const weight = 2 * TRADING.reduce((sum, one) => sum + one.weight, 0);
  const actors = [...TRADING, { ...actor, weight }];
  return await playSeed({ seed, steps: STEPS }, { actors, invariants: [] });
};

describe('actors', () => {
  test('have names of their own and weights above zero', () => {
    const names = new Set(ACTORS.map(({ name }) => name));

    expect(names.size).toBe(ACTORS.length);
    expect(ACTORS.filter(({ weight }) => !(weight > 0))).toEqual([]);
  });

  test.each(ACTORS.map((actor) => [actor.name, actor] as const))(
    '%s: acts in each seed, and the world goes on to its end',
    { timeout: 600_000 },
    async (name, actor) => {
      for (const seed of SEEDS) {
        const { deviations } = await playWith(actor, seed);

        const acts = deviations.filter(({ id }) => id.startsWith('step ') && id.endsWith(` ${name}`));
        expect(acts.length).toBeGreaterThan(0);
      }
    },
  );

  test('do the same in each run of a seed', { timeout: 600_000 }, async () => {
    const [first, second] = [await playSeed({ seed: 5, steps: 25 }), await playSeed({ seed: 5, steps: 25 })];

    expect(second.hash).toBe(first.hash);
    expect(second.deviations).toEqual(first.deviations);
  });
});
