import type { Account, AccountId } from '../account/account.ts';
import type { KeyWatchStore } from '../account/key-watch.ts';
import type { AccountStore } from '../account/stores.ts';
import type { Copy, CopyOutcome, CopyStore } from '../copying/copy.ts';
import type { FollowingStore } from '../copying/following.ts';
import type { MasterStatus, MasterStatusReader } from '../copying/master-status.ts';
import type { Trade } from '../copying/trade.ts';
import type { Fill } from '../exchange/exchange.ts';
import type { ExchangeName, Market, MarketSymbol } from '../exchange/market.ts';
import type { ExitStore } from '../exit/exit-request.ts';
import type { OrderRecord, OrderStore } from '../order/order.ts';
import type { Circuit, CircuitStore } from '../protection/circuit.ts';
import type { ControlStore, Halt } from '../protection/control.ts';
import type { ProtectionStore } from '../protection/protective-exit.ts';
import type { RiskState, RiskStore } from '../protection/risk.ts';
import type { RunawayBreaker, RunawayStore } from '../protection/runaway.ts';
import type { ReconciliationStore } from '../reconciliation/reconciliation-store.ts';
import type { SnapshotStore } from '../snapshot/snapshot.ts';
import type { Instant } from '../time/clock.ts';
import type { Position } from './position.ts';
import type { Read } from './read.ts';

export interface PositionStore {
  get(accountId: AccountId, symbol: MarketSymbol): Promise<Position | undefined>;
  /** Those with a quantity above zero. */
  list(accountId: AccountId): Promise<readonly Position[]>;
}

/** The FILL item. */
export interface RecordedFill extends Fill {
  readonly recordedAt: Instant;
  /** Of the order that it executed, as the ORDER item has it. */
  readonly cause?: string;
}

/** Which executions are recorded. */
export interface FillStore {
  /** Of these, the ids recorded already. */
  recorded(accountId: AccountId, fillIds: readonly string[]): Promise<ReadonlySet<string>>;
  list(accountId: AccountId): Promise<readonly RecordedFill[]>;
  /** Of a user's symbol, from this time on by the exchange's clock, oldest first; the rest is not read. Strongly consistent. */
  since(accountId: AccountId, symbol: MarketSymbol, at: Instant): Promise<readonly RecordedFill[]>;
}

/**
 * What one transaction records of an execution: new fills of one symbol, the position they lead to, and
 * whatever ends with them. All or nothing; a fill is recorded once ever.
 */
export interface Execution {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  /** At most 90, none recorded before (see FillStore.recorded). May be empty where an order filled nothing. */
  readonly fills: readonly Fill[];
  /** Why our order was made that is executed here (see OrderRecord). Absent where the order is not known. */
  readonly cause?: string;
  /** The position as read before, and as the fills leave it; equal versions where nothing changes. */
  readonly position: { readonly before: Position | undefined; readonly after: Position | undefined };
  readonly order?: { readonly before: OrderRecord; readonly after: OrderRecord };
  readonly copy?: { readonly before: Copy; readonly outcome: CopyOutcome };
  readonly trade?: Trade;
  readonly at: Instant;
}

/** Market rules, shared by all accounts of an exchange. */
export interface MarketStore {
  /** Undefined before the first save. */
  all(
    exchange: ExchangeName,
  ): Promise<{ readonly markets: readonly Market[]; readonly savedAt: Instant } | undefined>;
  save(exchange: ExchangeName, markets: readonly Market[], savedAt: Instant): Promise<void>;
}

/** What a copy is decided on, read at one moment. */
export interface CopyContext {
  readonly copy: Copy | undefined;
  readonly account: Account | undefined;
  /** The order of this copy's cause. */
  readonly order: OrderRecord | undefined;
  readonly halt: Read<Halt>;
  readonly masterStatus: Read<MasterStatus | undefined>;
  readonly risk: Read<RiskState | undefined>;
  readonly runaway: Read<RunawayBreaker>;
  readonly circuit: Read<Circuit | undefined>;
}

/** The durable record, as far as copying and the user plane need it. Every method may throw a LedgerError: nothing was read, or it is unknown whether it was written. */
export interface Ledger {
  readonly accounts: AccountStore;
  readonly orders: OrderStore;
  readonly fills: FillStore;
  readonly positions: PositionStore;
  readonly copies: CopyStore;
  readonly exits: ExitStore;
  readonly control: ControlStore;
  readonly masterStatus: MasterStatusReader;
  readonly following: FollowingStore;
  readonly keyWatch: KeyWatchStore;
  readonly risk: RiskStore;
  readonly runaway: RunawayStore;
  readonly circuits: CircuitStore;
  readonly snapshots: SnapshotStore;
  readonly protections: ProtectionStore;
  readonly reconciliation: ReconciliationStore;
  readonly markets: MarketStore;
  /** In one round trip, strongly consistent. */
  copyContext(accountId: AccountId, tradeId: string, masterId: AccountId): Promise<CopyContext>;
  /**
   * @throws ConcurrentChange when a fill was recorded before, or the position, order or copy changed since
   * it was read: read again and recompute
   */
  recordExecution(execution: Execution): Promise<void>;
}

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}
