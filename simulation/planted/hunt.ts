import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { type PlantedBug, zPlantedBug } from './bug.ts';

/** Seeds are played in their order from here on. */
export const FIRST_SEED = 1;
const YOUNG_GENERATION_MB = 128;

/** What a hunter starts with. Without a bug it looks for a violation all the same: there is to be none. */
export const zHunt = z.object({
  bug: zPlantedBug.optional(),
  seeds: z.int().min(1),
});
export type Hunt = z.infer<typeof zHunt>;

const zViolation = z.object({ seed: z.int(), invariant: z.string(), message: z.string() });

/** All violations up to the one that was looked for, and that one where it was found. */
export const zHunted = z.object({
  caught: zViolation.extend({ seeds: z.int() }).optional(),
  others: z.array(zViolation),
});
export type Hunted = z.infer<typeof zHunted>;

/**
 * Plays seeds in a thread of its own, with the bug in what it loads, until one breaks the bug's guarantee.
 *
 * @throws NotPlanted, and what the simulation itself fails with
 */
export const hunt = async (bug: PlantedBug | undefined, seeds: number): Promise<Hunted> => {
  const { promise, resolve, reject } = Promise.withResolvers<Hunted>();
  const task: Hunt = { seeds, ...(bug === undefined ? {} : { bug }) };
  const hunter = new Worker(new URL('./hunter.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  hunter.once('message', (message: unknown) => resolve(zHunted.parse(message)));
  hunter.once('error', reject);
  hunter.once('exit', (code) => reject(new Error(`a hunter ended without a word (exit code ${code})`)));
  return await promise;
};
