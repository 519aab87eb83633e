import * as z from 'zod';

/** What `register-user` and `register-master` answer: the account as it is stored now. */
export const zRegisteredAnswer = z.looseObject({
  accountId: z.string(),
  keyFingerprint: z.string(),
  follows: z.string().optional(),
  enabled: z.boolean(),
});
export type RegisteredAnswer = z.infer<typeof zRegisteredAnswer>;
