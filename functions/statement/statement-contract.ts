import * as z from 'zod';
import { zAccountId } from '../../shared/account/account.ts';
import { zFraction } from '../../shared/money/schema.ts';
import { METHODS, zStatement } from '../../shared/statement/statement.ts';

export const STATEMENT_FORMATS = ['json', 'csv', 'html'] as const;

export const zStatementInput = z.strictObject({
  accountId: zAccountId,
  month: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month looks like 2026-11; it is that of the calendar in UTC'),
  method: z.enum(METHODS).default('fifo'),
  /** "0.2": a fifth of the profit above the high-water mark. Computed and shown, never taken. */
  profitShare: zFraction
    .refine((rate) => rate.lte(1), 'profitShare is a fraction between 0 and 1: "0.2" is twenty percent')
    .exactOptional(),
  as: z.enum(STATEMENT_FORMATS).default('json'),
});
export type StatementInput = z.output<typeof zStatementInput>;

/** The function's answer: with `as: json` the statement itself, else a file to be kept. */
export const zStatementAnswer = z.discriminatedUnion('as', [
  z.object({ as: z.literal('json'), summary: z.string(), statement: zStatement }),
  z.object({
    as: z.enum(['csv', 'html']),
    summary: z.string(),
    /** `nija-u-ann-2026-11-fifo.csv` */
    fileName: z.string(),
    /** `text/csv; charset=utf-8` or `text/html; charset=utf-8`. */
    contentType: z.string(),
    body: z.string(),
  }),
]);
export type StatementAnswer = z.output<typeof zStatementAnswer>;
