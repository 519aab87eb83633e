import type { AccountId } from '../account/account.ts';
import type { Asset, MarketSymbol } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { Drift } from '../ledger/drift.ts';
import type { Position } from '../ledger/position.ts';
import type { Quantity } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';

/** How far an account's executions were looked at. */
export interface Progress {
  /** They are read again from a little before it: see missed-fills.ts. */
  readonly cursor: Instant;
  /** The exchange's ids of our orders with executions that could not be recorded yet. */
  readonly pending: readonly string[];
  /** Since which check on they could not be read up to its time; absent where they are. */
  readonly behindSince?: Instant;
}

/** The executions of an asset that are not ours, of a time in which no more of them will be listed. */
export interface OwnTrades {
  readonly accountId: AccountId;
  readonly asset: Asset;
  /** Counted are those at or after `since` and before `readTo`. */
  readonly since: Instant;
  readonly readTo: Instant;
  /** What they took of the asset, and what they brought, fees included. */
  readonly out: Quantity;
  readonly in: Quantity;
}

/** What reconciliation remembers of an account, and the one way to change a position without an execution. */
export interface ReconciliationStore {
  /** Undefined before the first time. */
  progress(accountId: AccountId): Promise<Progress | undefined>;
  saveProgress(accountId: AccountId, progress: Progress): Promise<void>;
  ownTrades(accountId: AccountId, asset: Asset): Promise<OwnTrades | undefined>;
  saveOwnTrades(trades: OwnTrades): Promise<void>;
  /** The last drift of each asset, closed ones too. */
  drifts(accountId: AccountId): Promise<readonly Drift[]>;
  /** Writes version 1 if absent, else the version after the stored one. @throws ConcurrentChange */
  saveDrift(drift: Drift): Promise<void>;
  adjustment(accountId: AccountId, id: string): Promise<Adjustment | undefined>;
  /** All there are; oldest first. */
  adjustments(accountId: AccountId): Promise<readonly Adjustment[]>;
  /** Of one symbol, from this time on; oldest first; the rest is not read. */
  adjustmentsSince(accountId: AccountId, symbol: MarketSymbol, at: Instant): Promise<readonly Adjustment[]>;
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
