import type { AccountId } from '../account/account.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { ExitSymbolResult } from '../exit/exit-request.ts';
import type { Quantity } from '../money/money.ts';
import type { Cause } from '../order/order.ts';
import type { Instant } from '../time/clock.ts';
import type { UnjudgedStore } from './unjudged.ts';
import type { Watch } from './watch.ts';

/** In the order in which they are asked; the first that says so sells. */
export const PROTECTION_RULES = [
  'stop-loss',
  'max-drawdown',
  'daily-loss',
  'trailing-stop',
  'take-profit',
  'max-holding',
] as const;
export type ProtectionRule = (typeof PROTECTION_RULES)[number];

/**
 * The PROTECTION item: a decision to sell, with the numbers that led to it, and what came of it. RUNNING until
 * it was carried out, whatever fails. ABANDONED: it has lost its reason; `result` is what it had sold until then.
 */
export interface ProtectiveExit {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  /** Since when the position had been watched: tells it from other positions in the symbol. */
  readonly since: Instant;
  readonly rule: ProtectionRule;
  /** Of take profit: the level's `at`. */
  readonly level?: string;
  /** At most this is sold; absent: the whole position. */
  readonly most?: Quantity;
  readonly because: string;
  /** `price` (the bid, where there was one), `threshold`, `averageCost`, `position` and what else the rule compared. */
  readonly numbers: Readonly<Record<string, string>>;
  readonly decidedAt: Instant;
  readonly state: 'RUNNING' | 'SOLD' | 'FLAT' | 'DUST' | 'ABANDONED';
  readonly result?: ExitSymbolResult;
  readonly endedAt?: Instant;
  readonly version: number;
}

/**
 * Unique within the account: a rule, or a level of it, fires once in the life of a position. Where its exit was
 * abandoned, a new life has begun.
 */
export const exitIdOf = ({
  symbol,
  since,
  rule,
  level,
}: Pick<ProtectiveExit, 'symbol' | 'since' | 'rule' | 'level'>): string =>
  [symbol, since, rule, ...(level === undefined ? [] : [level])].join('#');

export const causeOf = (exit: ProtectiveExit, round: number): Cause => ({
  kind: 'protection',
  accountId: exit.accountId,
  exitId: exitIdOf(exit),
  round,
});

/** What protection remembers and has done. Every method may throw a LedgerError. */
export interface ProtectionStore {
  readonly unjudged: UnjudgedStore;
  /** One for each symbol that was ever watched. */
  watches(accountId: AccountId): Promise<readonly Watch[]>;
  exit(accountId: AccountId, exitId: string): Promise<ProtectiveExit | undefined>;
  /** All, in the order in which they were decided. */
  exits(accountId: AccountId): Promise<readonly ProtectiveExit[]>;
  /**
   * Writes a watch, and with it an exit: both or neither; version 1 if absent, else the version after the
   * stored one.
   * @throws ConcurrentChange
   */
  save(watch: Watch, exit?: ProtectiveExit): Promise<void>;
}
