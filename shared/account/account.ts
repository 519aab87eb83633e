import * as z from 'zod';
import { EXCHANGES, marketSymbol } from '../exchange/market.ts';
import { zBps, zFraction, zQuote } from '../money/schema.ts';

export const ROLES = ['master', 'user'] as const;
export type Role = (typeof ROLES)[number];

/** `m-…` for masters, `u-…` for users: table keys and IAM conditions tell them apart by it. */
const ID = /^[mu]-[a-z0-9][a-z0-9-]{0,38}$/;
export const zMasterId = z.string().regex(ID).startsWith('m-', 'a master id looks like m-apex');
export const zUserId = z.string().regex(ID).startsWith('u-', 'a user id looks like u-ann');
export const zAccountId = z
  .string()
  .regex(ID, 'an account id looks like m-apex or u-ann: a letter, a dash, then a-z, 0-9 and dashes');
export type AccountId = z.infer<typeof zAccountId>;

export const roleOf = (accountId: AccountId): Role => (accountId.startsWith('m-') ? 'master' : 'user');

export const zSymbol = z
  .string()
  .regex(/^[A-Z0-9.]{1,20}\/[A-Z0-9]{1,20}$/, 'a market symbol looks like BTC/USD')
  .transform(marketSymbol);

const share = (what: string) =>
  zFraction.refine((value) => value.lte(1), `${what} is a fraction between 0 and 1: 0.05 is five percent`);

/** What bounds a BUY for one account. All texts are decimals; fractions, not percents. */
export const zLimits = z.strictObject({
  /** Of equity, for one copied trade. */
  maxTradeFraction: share('maxTradeFraction').prefault('0.10'),
  maxOpenPositions: z.int().min(0).max(100).default(8),
  maxSlippageBps: zBps
    .refine((value) => value.gte(0) && value.lte(1000), 'maxSlippageBps lies between 0 and 1000')
    .prefault('50'),
  maxTradeAgeSeconds: z.int().min(1).max(3600).default(120),
  maxDailyLoss: share('maxDailyLoss').prefault('0.05'),
  maxDrawdown: share('maxDrawdown').prefault('0.15'),
  /** Of equity, kept as cash beside fees. */
  cashReserve: share('cashReserve').prefault('0.01'),
  /** Quote units; below it no BUY. */
  minimumEquity: zQuote.refine((value) => value.gte(0), 'minimumEquity must not be negative').prefault('25'),
  /** BUYs. */
  maxOrdersPerHour: z.int().min(0).max(1000).default(60),
  /** The notional of BUYs within an hour, as a multiple of equity. */
  maxHourlyTurnover: zFraction.prefault('4'),
});
export type Limits = z.infer<typeof zLimits>;

/** How a copied BUY is sized before caps. */
export const zSizing = z.discriminatedUnion('mode', [
  /** user equity × (master notional ÷ master equity) × multiplier */
  z.strictObject({ mode: z.literal('proportional'), multiplier: zFraction.prefault('1') }),
  /** A fixed number of quote units for each trade. */
  z.strictObject({
    mode: z.literal('fixed-amount'),
    amount: zQuote.refine((value) => value.gt(0), 'amount must be positive'),
  }),
  /** master quantity × ratio */
  z.strictObject({ mode: z.literal('fixed-ratio'), ratio: zFraction }),
]);
export type Sizing = z.infer<typeof zSizing>;

export const zAccount = z.strictObject({
  accountId: zAccountId,
  role: z.enum(ROLES),
  exchange: z.enum(EXCHANGES),
  quoteCurrency: z.enum(['USD', 'USDT', 'USDC']).default('USD'),
  /** Users only. */
  follows: zMasterId.optional(),
  /** When it began to follow that master: what the master traded before is not copied. Absent: `registeredAt`. */
  followsSince: z.number().optional(),
  enabled: z.boolean().default(true),
  copyPaused: z.boolean().default(false),
  exitOnly: z.boolean().default(false),
  limits: zLimits.prefault({}),
  sizing: zSizing.prefault({ mode: 'proportional' }),
  deniedSymbols: z.array(zSymbol).default([]),
  /** Only these, where given. */
  allowedSymbols: z.array(zSymbol).optional(),
  /** Masters only: which strategy, with its own validated settings, and whether it may send orders. */
  strategy: z
    .strictObject({
      name: z.string().min(1),
      symbols: z.array(zSymbol).min(1),
      mode: z.enum(['paper', 'live']).default('paper'),
      config: z.record(z.string(), z.unknown()).default({}),
    })
    .optional(),
  keyFingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  registeredAt: z.number(),
});
export type Account = z.infer<typeof zAccount>;
/** The same with decimals as texts: what is stored. */
export type AccountRecord = z.input<typeof zAccount>;
