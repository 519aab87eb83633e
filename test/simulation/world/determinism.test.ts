import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { runSeed } from '../../../simulation/world/run-seed.ts';

const STEPS = 12;
const SEEDS = [11, 12, 13];
const RUN_SEED = new URL('../../../simulation/world/run-seed.ts', import.meta.url).href;

/** The hashes of those seeds, as another process comes to them. */
const elsewhere = (): readonly string[] => {
  const program = `
    const { runSeed } = await import(${JSON.stringify(RUN_SEED)});
    for (const seed of ${JSON.stringify(SEEDS)}) console.log((await runSeed({ seed, steps: ${STEPS} })).hash);`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return out.trim().split('\n');
};

const hashes = async (seeds: readonly number[]): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const seed of seeds) found.push((await runSeed({ seed, steps: STEPS })).hash);
  return found;
};

describe('one seed has one history', () => {
  test('here and in another process, first or after others', async () => {
    const here = await hashes(SEEDS);
    const backwards = await hashes([...SEEDS].reverse());

    expect([...backwards].reverse()).toEqual(here);
    expect(elsewhere()).toEqual(here);
    expect(new Set(here).size).toBe(SEEDS.length);
  });

  test('also where its own deviations are all that may happen', async () => {
    const free = await runSeed({ seed: 11, steps: STEPS });
    const allow = new Set(free.deviations.map(({ id }) => id));

    const bound = await runSeed({ seed: 11, steps: STEPS, allow });

    expect(bound.hash).toBe(free.hash);
    expect(bound.deviations).toEqual(free.deviations);
  });

  test('and another one without them', async () => {
    const free = await runSeed({ seed: 11, steps: STEPS });

    const quiet = await runSeed({ seed: 11, steps: STEPS, allow: new Set() });

    expect(quiet.deviations).toEqual([]);
    expect(quiet.hash).not.toBe(free.hash);
    expect(quiet.violation).toBeUndefined();
  });
});
