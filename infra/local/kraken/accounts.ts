import type { KeyObject } from 'node:crypto';
import type { Instant } from '../../../shared/time/clock.ts';
import { type Decimal, ZERO } from './decimal.ts';
import { Refusal, TEXTS } from './errors.ts';
import type { Tier } from './rate-limits.ts';

export const PERMISSIONS = [
  'query-funds',
  'query-open-trades',
  'query-closed-trades',
  'modify-trades',
  'close-trades',
  'query-ledger',
  'export-data',
  'deposit-funds',
  'withdraw-funds',
  'add-withdraw-address',
  'update-withdraw-address',
  'earn-funds',
  'access-websockets',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** All that a trading client needs, and nothing that moves money out. */
export const TRADING_PERMISSIONS: readonly Permission[] = [
  'query-funds',
  'query-open-trades',
  'query-closed-trades',
  'modify-trades',
  'close-trades',
];

/** What the owner of a key may set beside its permissions. */
export interface KeyTerms {
  /** How far below the highest nonce used a nonce is still taken. Default 0. */
  readonly nonceWindow: number;
  /** Shown, not enforced: all callers are on 127.0.0.1. Default none. */
  readonly ipAllowList: readonly string[];
  /** From then on the key is not known any more. Default never. */
  readonly validUntil?: Instant;
}
export const DEFAULT_TERMS: KeyTerms = { nonceWindow: 0, ipAllowList: [] };

export interface ApiKey {
  readonly accountId: string;
  readonly apiKey: string;
  /** Base64. */
  readonly apiSecret: string;
  readonly signingKey: KeyObject;
  readonly name: string;
  readonly tier: Tier;
  readonly createdAt: Instant;
  permissions: ReadonlySet<Permission>;
  terms: KeyTerms;
  modifiedAt: Instant;
  revoked: boolean;
  lastNonce: bigint;
  lastUsedAt: Instant;
  failures: number;
  lockedUntil: Instant;
}

/** Money that came from or went outside: positive in, negative out. */
export interface Transfer {
  readonly asset: string;
  readonly amount: Decimal;
  readonly at: Instant;
}

/** One client of the exchange. Amounts by asset id (`XXBT`), exact. */
export class Account {
  readonly id: string;
  readonly balances = new Map<string, Decimal>();
  readonly held = new Map<string, Decimal>();
  readonly transfers: Transfer[] = [];
  /** How many ids were drawn for this account, and the last time stamp given, in microseconds. */
  drawn = 0;
  lastStamp = 0;

  constructor(id: string) {
    this.id = id;
  }

  balance(asset: string): Decimal {
    return this.balances.get(asset) ?? ZERO;
  }

  free(asset: string): Decimal {
    return this.balance(asset).minus(this.held.get(asset) ?? ZERO);
  }

  add(asset: string, amount: Decimal): void {
    this.balances.set(asset, this.balance(asset).plus(amount));
  }

  hold(asset: string, amount: Decimal): void {
    this.held.set(asset, (this.held.get(asset) ?? ZERO).plus(amount));
  }

  /** @throws Refusal when more would leave than is free */
  transfer(asset: string, amount: Decimal, at: Instant): void {
    if (amount.isNegative() && this.free(asset).plus(amount).isNegative()) {
      throw new Refusal(TEXTS.funds);
    }
    this.add(asset, amount);
    this.transfers.push({ asset, amount, at });
  }

  /**
   * Microseconds, rising with every call and never on a full millisecond: as on the real exchange, a time
   * stamp is no round number, and none is given twice to one account.
   */
  stamp(now: Instant): number {
    this.lastStamp = Math.max(now * 1000 + 1 + (this.drawn % 97), this.lastStamp + 1);
    return this.lastStamp;
  }
}
