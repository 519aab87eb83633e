import * as z from 'zod';
import { ORIGINS, type Origin } from './statement.ts';

const zCauseText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'a cause is a JSON list' });
    return z.NEVER;
  }
});
const zCause = zCauseText.pipe(z.tuple([z.enum(ORIGINS)], z.unknown()));

/** What an order's cause, as the ledger keeps it, says of why there is a trade. */
export const originOf = (cause: string | undefined): Origin => {
  const read = zCause.safeParse(cause);
  return read.success ? read.data[0] : 'other';
};
