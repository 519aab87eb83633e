import * as z from 'zod';
import { zDecimal } from './decimal.ts';

const text = z.string();

/** What `exit` answers: decimals are texts. */
export const zExitAnswer = z.looseObject({
  accountId: text,
  requestId: text,
  resumed: z.boolean(),
  scope: text,
  state: z.enum(['FLAT', 'INCOMPLETE', 'PLANNED']),
  canceledOrders: z.array(text),
  results: z.array(
    z.looseObject({
      symbol: text,
      state: text,
      quantity: zDecimal,
      price: zDecimal.optional(),
      proceeds: zDecimal,
      fees: zDecimal,
      left: zDecimal,
      detail: text,
    }),
  ),
  notes: z.array(text),
});
export type ExitAnswer = z.infer<typeof zExitAnswer>;
