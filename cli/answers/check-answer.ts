import * as z from 'zod';

/** What `account-check` answers for one account. */
export const zCheckAnswer = z.looseObject({
  accountId: z.string(),
  state: z.enum(['COMPLETED', 'FAILED']),
  at: z.number(),
  durationMs: z.number(),
  steps: z.array(
    z.discriminatedUnion('state', [
      z.looseObject({ step: z.string(), state: z.literal('DONE'), result: z.unknown() }),
      z.looseObject({
        step: z.string(),
        state: z.literal('FAILED'),
        code: z.string(),
        message: z.string(),
        permanent: z.boolean(),
      }),
    ]),
  ),
});
export type CheckAnswer = z.infer<typeof zCheckAnswer>;
