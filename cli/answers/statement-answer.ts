import * as z from 'zod';

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
      equity: z.looseObject({ opening: text, closing: text, change: text }),
      parts: z.array(z.looseObject({ part: text, amount: text })),
      result: text,
      trades: z.array(z.unknown()),
      copies: z.array(z.unknown()),
      tracking: z.discriminatedUnion('known', [
        z.looseObject({ known: z.literal(false), why: text }),
        z.looseObject({
          known: z.literal(true),
          masterId: text,
          accountBps: text,
          masterBps: text,
          differenceBps: text,
          causes: z.array(z.looseObject({ cause: text, bps: text })),
        }),
      ]),
      profitShare: z.looseObject({ rate: text, above: text, share: text, markBefore: text }).optional(),
      notes: z.array(text),
    }),
  }),
  z.looseObject({ as: z.enum(['csv', 'html']), summary: text, fileName: text, body: text }),
]);
export type StatementAnswer = z.infer<typeof zStatementAnswer>;
