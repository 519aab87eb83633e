import * as z from 'zod';
import { zAccountId, zSymbol } from '../account/account.ts';
import { zBps, zFraction, zPrice, zQuantity, zQuote, zUnits } from '../money/schema.ts';

/** Which of the coins bought are taken to be sold first: the oldest, or all at their average cost. */
export const METHODS = ['fifo', 'average'] as const;
export type Method = (typeof METHODS)[number];

/**
 * What the change in equity is made of; all are signed, and together they are that change, to the last decimal.
 *
 * deposits, withdrawals: what came and what left, at the prices of when it was noticed. rounding: what came or left
 * by less than a cent each. realised, unrealised, fees: of the positions that Nija manages, before fees. handedOver:
 * what positions had gained that were given back to the owner, or found gone, without a sale. ownHoldings: how the
 * prices of the owner's other coins moved. otherTrades: what executions brought that the ledger does not have, the
 * owner's own above all. unpriced: coins that lost or got their price. unexplained: stretches of time of which
 * nobody knows what was traded, what came and what left.
 */
export const PARTS = [
  'deposits',
  'withdrawals',
  'rounding',
  'realised',
  'unrealised',
  'fees',
  'handedOver',
  'ownHoldings',
  'otherTrades',
  'unpriced',
  'unexplained',
] as const;
export type PartName = (typeof PARTS)[number];

/** Why the account's return is not its master's. `rest`: size, cash that lay idle, protection, own coins. */
export const TRACKING_CAUSES = ['latency', 'slippage', 'fees', 'skipped', 'rest'] as const;
export type TrackingCause = (typeof TRACKING_CAUSES)[number];

/** What made a trade: a copy, the master's strategy, an exit, a sale made good later, protection; other: the ledger does not say. */
export const ORIGINS = ['copy', 'tick', 'exit', 'owed', 'protection', 'other'] as const;
export type Origin = (typeof ORIGINS)[number];

const zInstant = z.number();
/** Quote units of what is sold, or is held: what it cost, and the fees of buying it. */
const zCost = { cost: zQuote, fees: zQuote };

const zProfit = z.object({
  /** Proceeds − cost. */
  beforeFees: zQuote,
  /** Of buying and of selling it. */
  fees: zQuote,
  afterFees: zQuote,
});

/** One execution. Quote units. */
const zTradeLine = z.object({
  fillId: z.string(),
  at: zInstant,
  symbol: zSymbol,
  side: z.enum(['BUY', 'SELL']),
  quantity: zQuantity,
  price: zPrice,
  /** quantity × price, as the exchange has it. */
  cost: zQuote,
  fee: z.object({ asset: z.string(), amount: zQuantity, value: zQuote }),
  origin: z.enum(ORIGINS),
  /** Of a sale of what was managed. */
  profit: zProfit.exactOptional(),
});
export type TradeLine = z.output<typeof zTradeLine>;

const zFlowLine = z.object({
  at: zInstant,
  kind: z.enum(['DEPOSIT', 'WITHDRAWAL']),
  asset: z.string(),
  amount: zQuantity,
  /** Absent where the asset had no price. */
  value: zQuote.exactOptional(),
});
export type FlowLine = z.output<typeof zFlowLine>;

const zHandOver = z.object({
  at: zInstant,
  symbol: zSymbol,
  reason: z.string(),
  why: z.string(),
  /** What management got, or (below zero) gave: its units, and what they were worth then, without sign. */
  units: zUnits,
  value: zQuote,
});
export type HandOver = z.output<typeof zHandOver>;

const zOpenPosition = z.object({
  symbol: zSymbol,
  quantity: zQuantity,
  ...zCost,
  /** Absent where it had none. */
  price: zPrice.exactOptional(),
  value: zQuote,
  /** value − cost, before fees */
  unrealised: zQuote,
});
export type OpenPosition = z.output<typeof zOpenPosition>;

const zCopyLine = z.object({
  at: zInstant,
  tradeId: z.string(),
  symbol: zSymbol,
  side: z.enum(['BUY', 'SELL']),
  state: z.enum(['FILLED', 'SKIPPED', 'FAILED', 'OPEN']),
  /** Of what was skipped or failed. */
  reason: z.string().exactOptional(),
  masterPrice: zPrice,
  quantity: zQuantity.exactOptional(),
  price: zPrice.exactOptional(),
  fees: zQuote.exactOptional(),
  orderLatencyMs: z.number().exactOptional(),
  fillLatencyMs: z.number().exactOptional(),
  slippageBps: zBps.exactOptional(),
});
export type CopyLine = z.output<typeof zCopyLine>;

const zTracking = z.discriminatedUnion('known', [
  z.object({ known: z.literal(false), why: z.string() }),
  z.object({
    known: z.literal(true),
    masterId: zAccountId,
    /** Time-weighted over the period, four decimals. */
    accountBps: zBps,
    masterBps: zBps,
    /** accountBps − masterBps */
    differenceBps: zBps,
    /** All of TRACKING_CAUSES, in that order; they add up to the difference. */
    causes: z.array(z.object({ cause: z.enum(TRACKING_CAUSES), bps: zBps })),
  }),
]);
export type Tracking = z.output<typeof zTracking>;

/** A share of what Nija's trades made, after fees, above the highest that they had made at the end of any month before. */
const zProfitShare = z.object({
  rate: zFraction,
  /** All that they had made before the period, and by its end. */
  before: zQuote,
  after: zQuote,
  markBefore: zQuote,
  markAfter: zQuote,
  /** after − markBefore, where above zero */
  above: zQuote,
  /** rate × above. Shown, never taken. */
  share: zQuote,
  /** How many ends of months the mark looks back on. */
  monthsBefore: z.int(),
});
export type ProfitShare = z.output<typeof zProfitShare>;

/** An account's month in UTC. Amounts in quote units unless told, as exact decimals; times in ms since 1970. */
export const zStatement = z.object({
  accountId: zAccountId,
  month: z.string(),
  method: z.enum(METHODS),
  currency: z.string(),
  follows: zAccountId.exactOptional(),
  /** The month, and the two snapshots that stand for its ends: months of an account follow without a gap. */
  period: z.object({ from: zInstant, to: zInstant, openedAt: zInstant, closedAt: zInstant }),
  equity: z.object({ opening: zQuote, closing: zQuote, change: zQuote }),
  /** All of PARTS, in that order. */
  parts: z.array(z.object({ part: z.enum(PARTS), amount: zQuote })),
  /** What Nija's trades made: realised + unrealised + fees + handedOver. */
  result: zQuote,
  realised: zProfit,
  trades: z.array(zTradeLine),
  flows: z.array(zFlowLine),
  handOvers: z.array(zHandOver),
  /** At the end of the period. */
  positions: z.array(zOpenPosition),
  copies: z.array(zCopyLine),
  tracking: zTracking,
  profitShare: zProfitShare.exactOptional(),
  /** Equity, and what it would be without the flows since the opening; at most a few hundred points, oldest first. */
  curve: z.array(z.object({ at: zInstant, equity: zQuote, withoutFlows: zQuote })),
  /** What the reader must know: which facts were not there, and what was taken instead. */
  notes: z.array(z.string()),
});
/** With decimals. */
export type Statement = z.output<typeof zStatement>;
/** With their texts: what goes over the wire. */
export type StatementRecord = z.input<typeof zStatement>;
