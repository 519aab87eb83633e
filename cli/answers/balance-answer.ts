import * as z from 'zod';
import { zDecimal } from './decimal.ts';

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
    cash: zDecimal,
    held: zDecimal,
    equity: zDecimal,
    assets: z.array(
      z.looseObject({ asset: text, total: zDecimal, free: zDecimal, value: zDecimal.optional() }),
    ),
    unpriced: z.array(text),
    owed: z.array(text),
    complete: z.boolean(),
  }),
  z.looseObject({
    connected: z.literal(false),
    ...head,
    code: text,
    message: text,
    lastKnown: z.looseObject({ cash: zDecimal, equity: zDecimal, at: z.number() }).optional(),
  }),
]);
export type BalanceAnswer = z.infer<typeof zBalanceAnswer>;
