import type { AccountId } from '../account/account.ts';
import type { QuoteAmount } from '../money/money.ts';
import type { RiskState } from '../protection/risk.ts';
import type { Instant } from '../time/clock.ts';
import type { Flow } from './flows.ts';
import type { Holding } from './holdings.ts';

/** One point of an account's equity curve. Quote units. profit = equity − paidIn. */
export interface EquitySnapshot {
  readonly accountId: AccountId;
  /** When the balances were read; later than the snapshot before. */
  readonly at: Instant;
  /** Free cash. */
  readonly cash: QuoteAmount;
  /** Cash locked in open orders. */
  readonly held: QuoteAmount;
  readonly equity: QuoteAmount;
  readonly holdings: readonly Holding[];
  /** Since the snapshot before, rounding included; none where they are not known. */
  readonly flows: readonly Flow[];
  /**
   * What the flows come to: negative where more left than came. Where they are not known, what prices do not explain,
   * trading included.
   */
  readonly flow: QuoteAmount;
  /** The equity of the first snapshot, and all flows since. */
  readonly paidIn: QuoteAmount;
  /** Executions at or after this moment that are counted in the holdings; the next snapshot counts the others. */
  readonly counted: readonly { readonly fillId: string; readonly at: Instant }[];
  readonly countedFrom: Instant;
  /** Flows are not known from then on: there were more executions than can be read. */
  readonly unknownSince?: Instant;
}

/** What a curve is drawn from: not what it was measured by. */
export type CurveSnapshot = Omit<EquitySnapshot, 'holdings' | 'counted' | 'countedFrom'>;

export interface SnapshotStore {
  get(accountId: AccountId, at: Instant): Promise<EquitySnapshot | undefined>;
  /** An account's equity curve between two moments, both included, oldest first, in pages. */
  list(accountId: AccountId, from: Instant, to: Instant): AsyncIterable<readonly EquitySnapshot[]>;
  /** The last at or before a moment. */
  lastUntil(accountId: AccountId, at: Instant): Promise<EquitySnapshot | undefined>;
  /** The first at or after a moment. */
  firstFrom(accountId: AccountId, at: Instant): Promise<EquitySnapshot | undefined>;
  /**
   * A snapshot and the risk state it leads to, both or neither: a flow moves the limits once.
   * @throws ConcurrentChange when the risk state changed since it was read, or there is such a snapshot
   */
  record(snapshot: EquitySnapshot, risk: RiskState): Promise<void>;
}
