import * as z from 'zod';
import { zDecimal } from './decimal.ts';

const text = z.string();

/** What `statement` answers, as far as the command shows it: decimals are texts. */
export const zStatementAnswer = z.discriminatedUnion('as', [
  z.looseObject({
    as: z.literal('json'),
    summary: text,
    statement: z.looseObject({
      accountId: text,
      month: text,
      currency: text,
      equity: z.looseObject({ opening: zDecimal, closing: zDecimal, change: zDecimal }),
      parts: z.array(z.looseObject({ part: text, amount: zDecimal })),
      result: zDecimal,
      trades: z.array(z.unknown()),
      copies: z.array(z.unknown()),
      tracking: z.discriminatedUnion('known', [
        z.looseObject({ known: z.literal(false), why: text }),
        z.looseObject({
          known: z.literal(true),
          masterId: text,
          accountBps: zDecimal,
          masterBps: zDecimal,
          differenceBps: zDecimal,
          causes: z.array(z.looseObject({ cause: text, bps: zDecimal })),
        }),
      ]),
      profitShare: z
        .looseObject({ rate: zDecimal, above: zDecimal, share: zDecimal, markBefore: zDecimal })
        .optional(),
      notes: z.array(text),
    }),
  }),
  z.looseObject({ as: z.enum(['csv', 'html']), summary: text, fileName: text, body: text }),
]);
export type StatementAnswer = z.infer<typeof zStatementAnswer>;
