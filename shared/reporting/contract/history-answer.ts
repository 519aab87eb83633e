import * as z from 'zod';
import { zAccountName, zAccountPage, zDecimalText, zInstant, zRole, zUnreadable } from './figures.ts';
import { SEVERITIES } from './finding.ts';

export const EVENT_KINDS = [
  'protection',
  'exit',
  'drift',
  'adjustment',
  'halt',
  'resume',
  'runaway',
  'switch',
  'settings',
  'registration',
  'key',
  'master',
] as const;

/** Something that happened to an account, or to all, and who did it. */
export const zEventView = z.object({
  at: zInstant,
  kind: z.enum(EVENT_KINDS),
  severity: z.enum(SEVERITIES),
  /** Absent where it concerns all accounts. */
  accountId: zAccountName.exactOptional(),
  symbol: z.string().exactOptional(),
  /** What happened, in a sentence. */
  what: z.string(),
  /** Of what somebody did: who, and why. */
  by: z.string().exactOptional(),
  why: z.string().exactOptional(),
  /** Of what goes on: how it stands, and when it ended. */
  state: z.string().exactOptional(),
  endedAt: zInstant.exactOptional(),
  /** The figures that it was decided by, or what was changed: texts by name. */
  numbers: z.record(z.string(), z.string()),
});
export type EventView = z.infer<typeof zEventView>;

export const zEventsAnswer = z.object({
  query: z.literal('events'),
  at: zInstant,
  from: zInstant,
  to: zInstant,
  /** Newest first; those of the accounts of this page, and with each page those that concern all. */
  events: z.array(zEventView),
  /** There were more in this time: the newest are shown. */
  cut: z.boolean(),
  /** Of which kinds there were more. */
  cutKinds: z.array(z.enum(EVENT_KINDS)).default([]),
  /** Whose events, or which of them, could not be read, and why. */
  failing: z.array(z.object({ accountId: zAccountName.exactOptional(), part: z.string(), why: z.string() })),
  page: zAccountPage,
});

export const zEquityPoint = z.object({
  at: zInstant,
  cash: zDecimalText,
  held: zDecimalText,
  equity: zDecimalText,
  /** The first equity and all that came less what left since: profit is equity less this. */
  paidIn: zDecimalText,
  /** Growth since the first point of this answer, 1 there; deposits and withdrawals do not move it. */
  index: zDecimalText,
  /**
   * False where what came and left is not known up to here: what prices do not explain is then taken for it, so that
   * what trading brought or cost is missing from the index.
   */
  flowsKnown: z.boolean(),
});
export type EquityPoint = z.infer<typeof zEquityPoint>;

export const zEquityAnswer = z.object({
  query: z.literal('equity'),
  at: zInstant,
  from: zInstant,
  to: zInstant,
  accounts: z.array(
    z.discriminatedUnion('readable', [
      z.object({
        accountId: zAccountName,
        readable: z.literal(true),
        role: zRole,
        /** Oldest first; thinned to the number asked for, the first and the last always among them. */
        points: z.array(zEquityPoint),
        /** How many were measured in this time. */
        measured: z.int(),
        /** Of some stretch, between points that are shown or not, what came and left is not known: see `flowsKnown`. */
        unknownFlows: z.literal(true).exactOptional(),
        /** What came and left; all of them, also between the points. */
        flows: z.array(
          z.object({
            at: zInstant,
            kind: z.enum(['DEPOSIT', 'WITHDRAWAL']),
            asset: z.string(),
            amount: zDecimalText,
            /** Quote units; absent where the asset has no price in cash. */
            value: zDecimalText.exactOptional(),
          }),
        ),
      }),
      zUnreadable,
    ]),
  ),
  page: zAccountPage,
});
