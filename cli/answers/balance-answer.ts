import * as z from 'zod';

const text = z.string();
const head = {
  accountId: text,
  exchange: text,
  currency: text,
  keyFingerprint: text,
  asOf: z.number(),
  status: text,
  statusReason: text,
};

/** What `balance` answers: decimals are texts. */
export const zBalanceAnswer = z.discriminatedUnion('connected', [
  z.looseObject({
    connected: z.literal(true),
    ...head,
    cash: text,
    held: text,
    equity: text,
    assets: z.array(z.looseObject({ asset: text, total: text, free: text, value: text.optional() })),
    unpriced: z.array(text),
    complete: z.boolean(),
  }),
  z.looseObject({
    connected: z.literal(false),
    ...head,
    code: text,
    message: text,
    lastKnown: z.looseObject({ cash: text, equity: text, at: z.number() }).optional(),
  }),
]);
export type BalanceAnswer = z.infer<typeof zBalanceAnswer>;
