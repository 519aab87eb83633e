import * as z from 'zod';
import { zAccountName, zAccountPage, zInstant, zRole, zUnreadable } from './figures.ts';

/** That an account's key, secret and orders are its own. */
export const zSeparationView = z.object({
  accountId: zAccountName,
  readable: z.literal(true),
  role: zRole,
  /** Where its secret lies, never what it is. */
  secretName: z.string(),
  keyFingerprint: z.string(),
  /** Whom the ledger has as the owner of this key; it must be this account. */
  keyOwner: zAccountName.nullable(),
  /** Functions that may read this secret, by what is deployed. */
  readBy: z.array(z.string()),
  /** How many of its orders each account is named as the cause of: all of them, and only itself, must be its own. */
  ordersByOwner: z.record(z.string(), z.int()),
  orders: z.int(),
  /** False where there were more orders than one answer looks at: those looked at are the ones counted. */
  complete: z.boolean(),
  /** Orders that are not this account's, or whose client id is not that of their cause, in sentences; none: all are its own. */
  problems: z.array(z.string()),
});

export const zSeparationAnswer = z.object({
  query: z.literal('separation'),
  at: zInstant,
  /** True: all keys have one owner, and every order looked at is its account's own. */
  holds: z.boolean(),
  accounts: z.array(z.discriminatedUnion('readable', [zSeparationView, zUnreadable])),
  /** Two accounts with one key or with one order at the exchange, in sentences. */
  problems: z.array(z.string()),
  page: zAccountPage,
});
