import * as z from 'zod';

const GUARANTEES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '13', 'liveness'] as const;

/** A mistake that somebody could make: in each file one text in place of another, which stands there exactly once. */
export const zPlantedBug = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  /** Mostly one. `file` is relative to the project. */
  edits: z
    .array(z.strictObject({ file: z.string().min(1), find: z.string().min(1), replace: z.string() }))
    .min(1),
  /** Which of them it breaks, by the number with which an invariant's name begins. */
  guarantee: z.enum(GUARANTEES),
  /** How much happens in each seed; drawn by the seed where it is not said. What takes long to come about needs more. */
  steps: z.int().min(1).optional(),
  /** Of so many seeds, from the first on, at least one tells. */
  withinSeeds: z.int().min(1),
});
export type PlantedBug = z.infer<typeof zPlantedBug>;
export type Edit = PlantedBug['edits'][number];

/** `4 at most one order for a cause` is of guarantee 4. */
export const guaranteeOf = (invariant: string): string => /^\w+/.exec(invariant)?.[0] ?? invariant;
