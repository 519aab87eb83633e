import type { AccountId } from '../account/account.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { Drift } from '../ledger/drift.ts';
import type { Position } from '../ledger/position.ts';
import type { Instant } from '../time/clock.ts';

/** What reconciliation remembers of an account, and the one way to change a position without an execution. */
export interface ReconciliationStore {
  /** Up to when the exchange's executions were looked at; undefined before the first time. */
  cursor(accountId: AccountId): Promise<Instant | undefined>;
  saveCursor(accountId: AccountId, cursor: Instant): Promise<void>;
  /** The last drift of each asset, closed ones too. */
  drifts(accountId: AccountId): Promise<readonly Drift[]>;
  /** Writes version 1 if absent, else the version after the stored one. @throws ConcurrentChange */
  saveDrift(drift: Drift): Promise<void>;
  adjustment(accountId: AccountId, id: string): Promise<Adjustment | undefined>;
  /** Oldest first. */
  adjustments(accountId: AccountId): Promise<readonly Adjustment[]>;
  /**
   * The position and the record of why, in one transaction.
   * @throws ConcurrentChange when the position changed since it was read, or the adjustment was made before
   */
  adjust(change: PositionAdjustment): Promise<void>;
}

export interface PositionAdjustment {
  readonly before: Position | undefined;
  readonly after: Position;
  readonly adjustment: Adjustment;
}
