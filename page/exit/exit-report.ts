import * as z from 'zod';

const zText = z.string();

/** What `exit` answers, as far as a person is told of it. Figures are exact decimal texts. */
export const zExitReport = z.object({
  accountId: zText,
  requestId: zText,
  state: z.enum(['FLAT', 'INCOMPLETE', 'PLANNED']),
  canceledOrders: z.array(zText),
  results: z.array(
    z.object({
      symbol: zText,
      state: z.enum(['SOLD', 'FLAT', 'DUST', 'STAKED', 'DELISTED', 'WOULD_SELL', 'FAILED']),
      quantity: zText,
      price: zText.optional(),
      proceeds: zText,
      fees: zText,
      left: zText,
      detail: zText,
    }),
  ),
  notes: z.array(zText),
});
export type ShownExit = z.infer<typeof zExitReport>;
