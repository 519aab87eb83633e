import * as z from 'zod';
import { EXCHANGES, marketSymbol } from '../exchange/market.ts';
import { zProtection } from '../protection/protection-settings.ts';
import { zLimits } from './limits.ts';
import { zSizing } from './sizing.ts';

export const ROLES = ['master', 'user'] as const;
export type Role = (typeof ROLES)[number];

/** `m-…` for masters, `u-…` for users: table keys and IAM conditions tell them apart by it. */
const ID = /^[mu]-[a-z0-9][a-z0-9-]{0,38}$/;
const idOf = (letter: 'm' | 'u', looks: string) =>
  z.string(looks).regex(ID, looks).startsWith(`${letter}-`, looks);
export const zMasterId = idOf('m', 'a master id looks like m-apex');
export const zUserId = idOf('u', 'a user id looks like u-ann');
export const zAccountId = z
  .string()
  .regex(ID, 'an account id looks like m-apex or u-ann: a letter, a dash, then a-z, 0-9 and dashes');
export type AccountId = z.infer<typeof zAccountId>;

export const roleOf = (accountId: AccountId): Role => (accountId.startsWith('m-') ? 'master' : 'user');

export const zSymbol = z
  .string()
  .regex(/^[A-Z0-9.]{1,20}\/[A-Z0-9]{1,20}$/, 'a market symbol looks like BTC/USD')
  .transform(marketSymbol);

export const zQuoteCurrency = z.enum(['USD', 'USDT', 'USDC']);
export const zSymbols = z.array(zSymbol);

/** What the ledger can keep with a margin: DynamoDB takes 32 levels. */
const DEEPEST_CONFIG = 16;
const isNestedAtMost = (levels: number, value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isNestedAtMost(levels - 1, inner)));

/** Masters only: which strategy, with its own validated settings, and whether it may send orders. */
export const zMasterStrategy = z.strictObject({
  name: z.string().min(1),
  symbols: zSymbols.min(1),
  mode: z.enum(['paper', 'live']).default('paper'),
  config: z
    .record(z.string(), z.unknown())
    .refine(
      (config) => isNestedAtMost(DEEPEST_CONFIG, config),
      `a strategy's config is nested at most ${DEEPEST_CONFIG} levels deep`,
    )
    .default({}),
});

/** An account as it is stored: what is absent has its default. What an operator names of one is `zRegistration`. */
export const zAccount = z.strictObject({
  accountId: zAccountId,
  role: z.enum(ROLES),
  exchange: z.enum(EXCHANGES),
  quoteCurrency: zQuoteCurrency.default('USD'),
  /** Users only. */
  follows: zMasterId.optional(),
  /** When it began to follow that master: what the master traded before is not copied. Absent: `registeredAt`. */
  followsSince: z.number().optional(),
  enabled: z.boolean().default(true),
  copyPaused: z.boolean().default(false),
  exitOnly: z.boolean().default(false),
  limits: zLimits.prefault({}),
  sizing: zSizing.prefault({ mode: 'proportional' }),
  /** Users only: what sells their positions by itself. */
  protection: zProtection.prefault({}),
  deniedSymbols: zSymbols.default([]),
  /** Only these, where given. */
  allowedSymbols: zSymbols.optional(),
  strategy: zMasterStrategy.optional(),
  keyFingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  registeredAt: z.number(),
});
export type Account = z.infer<typeof zAccount>;
/** The same with decimals as texts: what is stored. */
export type AccountRecord = z.input<typeof zAccount>;
