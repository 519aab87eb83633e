import * as z from 'zod';
import { zAccountView } from './account-answer.ts';
import { zAccountName, zAccountPage, zInstant } from './figures.ts';
import { zFinding } from './finding.ts';

/** A master as its followers see it. */
export const zMasterHealth = z.object({
  masterId: zAccountName,
  /** What is missing, old, unreadable or from the future counts as unhealthy. */
  healthy: z.boolean(),
  /** `ok` where it is healthy; else why it is not, in a sentence. */
  reason: z.string(),
  /** The heartbeat that its last tick published; absent where none can be read. */
  lastTick: z.object({ at: zInstant, ageMs: z.number(), periodMs: z.number() }).exactOptional(),
  /** Since when its followers' checks have seen it so; absent where none has noted this yet. */
  since: zInstant.exactOptional(),
  mode: z.enum(['paper', 'live']).exactOptional(),
  strategy: z.string().exactOptional(),
  /** Accounts that follow it now; absent where they cannot be counted. */
  followers: z.int().exactOptional(),
});
export type MasterHealthView = z.infer<typeof zMasterHealth>;

/** What stops every BUY, everywhere, and never a SELL. */
export const zHaltView = z.discriminatedUnion('state', [
  z.object({ state: z.literal('off') }),
  z.object({ state: z.literal('on'), by: z.string(), why: z.string(), since: zInstant }),
  /** Nobody buys then. */
  z.object({ state: z.literal('unreadable'), why: z.string() }),
]);
/** The breaker over the BUYs of all accounts together. */
export const zBreakerView = z.discriminatedUnion('state', [
  z.object({ state: z.literal('off') }),
  z.object({ state: z.literal('on'), by: zAccountName, why: z.string(), since: zInstant }),
  z.object({ state: z.literal('unreadable'), why: z.string() }),
]);

export const zHalts = z.object({ halt: zHaltView, breaker: zBreakerView });

export const zMastersAnswer = z.object({
  query: z.literal('masters'),
  at: zInstant,
  masters: z.array(zMasterHealth),
  halts: zHalts,
});

/** What a first page shows, in one answer: masters, halts, a page of accounts, and what is wrong. */
export const zOverviewAnswer = z.object({
  query: z.literal('overview'),
  at: zInstant,
  stage: z.string(),
  masters: z.array(zMasterHealth),
  halts: zHalts,
  accounts: z.array(zAccountView),
  /** Of all that is on this page. */
  findings: z.array(zFinding),
  page: zAccountPage,
});
