import type { AccountId } from '../account/account.ts';
import type { QuoteAmount } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';

/** What an account's own history says for the loss and rate guards. */
export interface RiskState {
  readonly accountId: AccountId;
  /** UTC day and the first equity seen on it. */
  readonly day: string;
  readonly dayOpenEquity: QuoteAmount;
  readonly peakEquity: QuoteAmount;
  /** The last equity read, and when: shown as last known, with its age. */
  readonly lastEquity: QuoteAmount;
  readonly lastCash: QuoteAmount;
  readonly lastAt: Instant;
  /** Orders of the last hour by client order id: the runaway breaker's window. */
  readonly recentOrders: readonly {
    readonly clientOrderId: string;
    readonly notional: QuoteAmount;
    readonly at: Instant;
  }[];
  readonly version: number;
}

export interface RiskStore {
  get(accountId: AccountId): Promise<RiskState | undefined>;
  /** @throws ConcurrentChange when the stored version is not `state.version - 1` (or, for version 1, exists) */
  save(state: RiskState): Promise<void>;
}
