import * as z from 'zod';
import { zAccountName, zAccountPage, zDecimalText, zInstant, zRole } from './figures.ts';
import { zFinding } from './finding.ts';

/**
 * What an account does, in a word; the first that is true, in this order. failing: its profile cannot be read.
 * halted: all buying is. standalone: its master is not healthy. unattested: nobody has asked yet what its key may do.
 * following, independent (follows nobody): a user's. trading, paper, unhealthy: a master's.
 * None of them stops a SELL.
 */
export const ACCOUNT_STATES = [
  'failing',
  'disabled',
  'key-problem',
  'exit-only',
  'halted',
  'unhealthy',
  'standalone',
  'paused',
  'unattested',
  'following',
  'independent',
  'trading',
  'paper',
] as const;

/** What is missing says why: nobody may read it as 0. */
export const zWorth = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    /** Quote units: free cash, cash locked in open orders, and both with the value of all assets. */
    cash: zDecimalText,
    held: zDecimalText,
    equity: zDecimalText,
    /** equity − paidIn. */
    profit: zDecimalText,
    /** The first equity and all that came less what left since. */
    paidIn: zDecimalText,
    /** When it was measured, and how long ago: it is the last known, not the balance of now. */
    at: zInstant,
    ageMs: z.number(),
  }),
  z.object({ known: z.literal(false), why: z.string() }),
]);

/** Only ever a fingerprint of the key. */
export const zKeyView = z.object({
  /** Absent where the profile cannot be read. */
  fingerprint: z.string().exactOptional(),
  /** As checks have last seen it; absent where that cannot be read. */
  usable: z.boolean().exactOptional(),
  /** Of a key that is not usable: since when, the code, and what to do. */
  problem: z.object({ since: zInstant, code: z.string(), remedy: z.string() }).exactOptional(),
  /** When the exchange was last asked what this key may do, and what it said; absent where it never was. */
  attested: z
    .object({
      at: zInstant,
      permissions: z.array(z.string()),
      findings: z.array(
        z.object({ code: z.string(), level: z.string(), says: z.string(), todo: z.string() }),
      ),
    })
    .exactOptional(),
});

export const zProtectionSettings = z.object({
  enabled: z.boolean(),
  stopLoss: zDecimalText.nullable(),
  takeProfit: z.array(z.object({ at: zDecimalText, sell: zDecimalText })),
  trailing: z.object({ activateAt: zDecimalText, distance: zDecimalText }).nullable(),
  maxHoldingHours: z.number().nullable(),
  onMaxDrawdown: z.string(),
  onDailyLoss: z.string(),
});

/** What an operator or a registration has set; fractions, not percents. */
export const zProfile = z.object({
  exchange: z.string(),
  quoteCurrency: z.string(),
  registeredAt: zInstant,
  follows: zAccountName.exactOptional(),
  followsSince: zInstant.exactOptional(),
  enabled: z.boolean(),
  copyPaused: z.boolean(),
  exitOnly: z.boolean(),
  limits: z.object({
    maxTradeFraction: zDecimalText,
    maxOpenPositions: z.number(),
    maxSlippageBps: zDecimalText,
    maxTradeAgeSeconds: z.number(),
    maxDailyLoss: zDecimalText,
    maxDrawdown: zDecimalText,
    cashReserve: zDecimalText,
    minimumEquity: zDecimalText,
    maxOrdersPerHour: z.number(),
    maxHourlyTurnover: zDecimalText,
  }),
  sizing: z.discriminatedUnion('mode', [
    z.object({ mode: z.literal('proportional'), multiplier: zDecimalText }),
    z.object({ mode: z.literal('fixed-amount'), amount: zDecimalText }),
    z.object({ mode: z.literal('fixed-ratio'), ratio: zDecimalText }),
  ]),
  /** Users only: a master's strategy protects its own positions. */
  protection: zProtectionSettings.exactOptional(),
  deniedSymbols: z.array(z.string()),
  allowedSymbols: z.array(z.string()).exactOptional(),
  /** Masters only. */
  strategy: z
    .object({ name: z.string(), mode: z.enum(['paper', 'live']), symbols: z.array(z.string()) })
    .exactOptional(),
});

export const zAccountView = z.object({
  accountId: zAccountName,
  role: zRole,
  state: z.enum(ACCOUNT_STATES),
  /** Why, in a sentence. */
  reason: z.string(),
  /** Absent where it cannot be read: then `state` is `failing`. */
  profile: zProfile.exactOptional(),
  worth: zWorth,
  key: zKeyView,
  /** When a check, or of a master a tick, was last through; absent where none ever was. */
  lastCheck: z.object({ at: zInstant, ageMs: z.number(), overdue: z.boolean() }).exactOptional(),
  /** What checks and readings have found, the worst first. */
  findings: z.array(zFinding),
  /** Parts that could not be read, and why. What depends on them is absent or says so itself. */
  failing: z.array(z.object({ part: z.string(), why: z.string() })),
});
export type AccountView = z.infer<typeof zAccountView>;

export const zAccountsAnswer = z.object({
  query: z.literal('accounts'),
  at: zInstant,
  accounts: z.array(zAccountView),
  page: zAccountPage,
});

export const zAccountAnswer = z.object({
  query: z.literal('account'),
  at: zInstant,
  account: zAccountView,
  /** Orders whose end is not known yet, sales that are owed, exits that are not flat; absent where they cannot be read. */
  unfinished: z
    .object({
      ordersInDoubt: z.int(),
      openCopies: z.int(),
      owedSales: z.int(),
      exits: z.array(z.object({ requestId: z.string(), requestedAt: zInstant, scope: z.string() })),
    })
    .exactOptional(),
});
