import * as z from 'zod';

/** An exact decimal, as the ledger has it: `-12.50`. Never a binary float. */
export const zDecimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'a decimal text looks like -12.50');
/** Milliseconds since 1970-01-01T00:00:00Z. */
export const zInstant = z.number();
/** Of an account, as the ledger has it; an answer does not judge it again. */
export const zAccountName = z.string().min(1);
export const zSide = z.enum(['BUY', 'SELL']);
export const zRole = z.enum(['master', 'user']);

/** Which accounts an answer is about: a page of those of the ledger, by their ids. */
export const zAccountPage = z.object({
  /** Of the role or the account asked for. */
  accounts: z.int().min(0),
  covered: z.int().min(0),
  /** The cursor of the next page; absent after the last one. */
  next: z.string().exactOptional(),
});
export type AccountPage = z.infer<typeof zAccountPage>;

/** One account's part of an answer that could not be read: shown as failing, beside the others. Never as 0. */
export const zUnreadable = z.object({
  accountId: zAccountName,
  readable: z.literal(false),
  /** What happened and what to do, in a sentence; nothing secret. */
  why: z.string(),
});
