import * as z from 'zod';

const zEntry = z.looseObject({
  at: z.number(),
  by: z.string(),
  why: z.string(),
  switch: z.string().optional(),
  setting: z.string().optional(),
  before: z.unknown(),
  after: z.unknown(),
});
export type AuditLine = z.infer<typeof zEntry>;

/** What `control` answers. */
export const zControlAnswer = z.looseObject({
  summary: z.string(),
  lastChanges: z.array(zEntry).optional(),
});
export type ControlAnswer = z.infer<typeof zControlAnswer>;
