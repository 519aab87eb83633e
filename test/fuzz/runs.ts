import * as z from 'zod';

const zWhole = z
  .string()
  .regex(/^\d{1,9}$/, 'takes a whole number')
  .transform(Number);
const zVariables = z.object({ NIJA_FUZZ_RUNS: zWhole.optional(), NIJA_FUZZ_SEED: zWhole.optional() });
const asked = zVariables.parse(process.env);

/** How often one property is tried: the same inputs each time, unless `npm run fuzz` asks for more or for others. */
export const runs = (usual: number): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: asked.NIJA_FUZZ_RUNS ?? usual,
  seed: asked.NIJA_FUZZ_SEED ?? 20_261_121,
});
