import * as z from 'zod';
import type { RunSeed } from '../kernel/seed-run.ts';
import { zPlantedBug } from '../planted/bug.ts';

/** What a worker starts with. */
export const zWorkerTask = z.object({
  world: z.string(),
  /** In each seed; drawn by the seed where it is not said. */
  steps: z.int().optional(),
  coverage: z.boolean(),
  plant: zPlantedBug.optional(),
});
export type WorkerTask = z.infer<typeof zWorkerTask>;

/** To a worker: run this seed. */
export const zSeedMessage = z.object({ seed: z.int() });
export type SeedMessage = z.infer<typeof zSeedMessage>;

const zFailure = z.object({
  invariant: z.string(),
  message: z.string(),
  deviations: z.int(),
  needed: z.array(z.string()),
  shrinkRuns: z.int(),
  complete: z.boolean(),
  trace: z.string(),
});

/** From a worker: what became of a seed. `error`: the simulation itself failed. */
export const zSeedReport = z.object({
  seed: z.int(),
  steps: z.int(),
  simulatedMs: z.number(),
  events: z.int(),
  failure: zFailure.optional(),
  error: z.string().optional(),
  coverage: z.record(z.string(), z.number()).optional(),
});
export type SeedReport = z.infer<typeof zSeedReport>;

/** A module that is a world. */
export const zWorld = z.looseObject({
  runSeed: z.custom<RunSeed>(
    (value) => typeof value === 'function',
    'the module exports no function runSeed',
  ),
});
