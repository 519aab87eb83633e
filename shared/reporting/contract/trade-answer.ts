import * as z from 'zod';
import { zAccountName, zDecimalText, zInstant, zSide } from './figures.ts';

/** One trade × one follower. UNREADABLE: the row is damaged; `detail` says how. OPEN: it has no outcome yet. */
export const zCopyView = z.object({
  accountId: zAccountName,
  tradeId: z.string(),
  /** These are absent only where the row is UNREADABLE, and its trade was not read either. */
  masterId: zAccountName.exactOptional(),
  symbol: z.string().exactOptional(),
  side: zSide.exactOptional(),
  tradedAt: zInstant.exactOptional(),
  outcome: z.enum(['FILLED', 'SKIPPED', 'FAILED', 'OPEN', 'UNREADABLE']),
  /** Why it was skipped or failed, as a code (`HALTED`) and in a sentence. */
  reason: z.string().exactOptional(),
  detail: z.string().exactOptional(),
  /** What the trade called for; absent where that was never known. */
  requested: zDecimalText.exactOptional(),
  filled: zDecimalText.exactOptional(),
  price: zDecimalText.exactOptional(),
  fees: zDecimalText.exactOptional(),
  /** From the master's fill to our order being sent, and to our fill; milliseconds. */
  orderLatencyMs: z.number().exactOptional(),
  fillLatencyMs: z.number().exactOptional(),
  /** Against the master's price, in basis points; positive is worse. */
  slippageBps: zDecimalText.exactOptional(),
  finishedAt: zInstant.exactOptional(),
  /** What its end left to be sold, and what became of that. */
  owed: z
    .object({
      since: zInstant,
      remaining: zDecimalText.exactOptional(),
      sold: zDecimalText,
      tries: z.int(),
      lastReason: z.string(),
      madeGood: z.object({ at: zInstant, by: z.string(), detail: z.string() }).exactOptional(),
    })
    .exactOptional(),
});
export type CopyView = z.infer<typeof zCopyView>;

const zCopies = z.object({
  counts: z.object({
    filled: z.int(),
    skipped: z.int(),
    failed: z.int(),
    open: z.int(),
    unreadable: z.int(),
  }),
  list: z.array(zCopyView),
  /** There are more accounts to look at: ask `copies` of this trade with this cursor. The counts are of the list. */
  next: z.string().exactOptional(),
});

export const zTradeView = z.discriminatedUnion('readable', [
  z.object({
    readable: z.literal(true),
    tradeId: z.string(),
    masterId: zAccountName,
    symbol: z.string(),
    side: zSide,
    quantity: zDecimalText,
    price: zDecimalText,
    notional: zDecimalText,
    masterEquityBefore: zDecimalText,
    /** Of a SELL: which share of the master's position was sold. */
    soldFraction: zDecimalText,
    at: zInstant,
    /** Absent where copies were not asked for. */
    copies: zCopies.exactOptional(),
  }),
  z.object({
    readable: z.literal(false),
    tradeId: z.string(),
    masterId: zAccountName,
    at: zInstant,
    why: z.string(),
  }),
]);
export type TradeView = z.infer<typeof zTradeView>;

export const zTradesAnswer = z.object({
  query: z.literal('trades'),
  at: zInstant,
  /** Newest first. */
  trades: z.array(zTradeView),
  /** Masters whose trades could not be read, and why. */
  failing: z.array(z.object({ accountId: zAccountName, why: z.string() })),
  /** The cursor of older ones. */
  next: z.string().exactOptional(),
});

export const zCopiesAnswer = z.object({
  query: z.literal('copies'),
  at: zInstant,
  /** Of one account newest first; of one trade by account. */
  copies: z.array(zCopyView),
  next: z.string().exactOptional(),
});

/** By nearest rank, so that each figure is one that occurred. Decimal texts for basis points, numbers for milliseconds. */
const zSpread = <T extends z.ZodType>(figure: T) =>
  z.object({
    count: z.int().min(1),
    min: figure,
    median: figure,
    p95: figure,
    max: figure,
    /** All of them, rising: for a histogram. */
    values: z.array(figure),
  });
const zMilliseconds = zSpread(z.number());

export const zDistributionAnswer = z.object({
  query: z.literal('distribution'),
  at: zInstant,
  /** Which copies are counted: those of trades from here on. Later than asked for where there were too many. */
  since: zInstant,
  /** False where there were more copies than one answer counts: the newest are. */
  complete: z.boolean(),
  copies: z.int(),
  /** How they ended: `FILLED`, `OPEN`, or the reason. */
  outcomes: z.record(z.string(), z.int()),
  /** Of filled copies; null where there is none. */
  orderLatencyMs: zMilliseconds.nullable(),
  fillLatencyMs: zMilliseconds.nullable(),
  slippageBps: zSpread(zDecimalText).nullable(),
});
