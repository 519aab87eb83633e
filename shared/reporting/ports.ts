import type { Account, AccountId, Role } from '../account/account.ts';
import type { Attestation, KeyState } from '../account/key-watch.ts';
import type { AccountStore } from '../account/stores.ts';
import type { Copy, CopyStore } from '../copying/copy.ts';
import type { FollowingState } from '../copying/following.ts';
import type { MasterStatusReader } from '../copying/master-status.ts';
import type { Trade } from '../copying/trade.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { ExitStore } from '../exit/exit-request.ts';
import type { PositionStore, RecordedFill } from '../ledger/ledger.ts';
import type { Read } from '../ledger/read.ts';
import type { OrderRecord, OrderStore } from '../order/order.ts';
import type { Circuit } from '../protection/circuit.ts';
import type { ControlStore } from '../protection/control.ts';
import type { ProtectionStore } from '../protection/protective-exit.ts';
import type { Unjudged } from '../protection/unjudged.ts';
import type { Progress, ReconciliationStore } from '../reconciliation/reconciliation-store.ts';
import type { CurveSnapshot, EquitySnapshot } from '../snapshot/snapshot.ts';
import type { StrategyStateStore } from '../strategy/master-ledger.ts';
import type { Clock, Instant } from '../time/clock.ts';
import type { DeadLetterQueue } from './dead-letters.ts';

/** What is kept of an account in single items. Each says by itself whether it could be read. */
export interface AccountRecords {
  readonly profile: Read<Account | undefined>;
  readonly keyState: Read<KeyState | undefined>;
  readonly attestation: Read<Attestation | undefined>;
  readonly circuit: Read<Circuit | undefined>;
  readonly following: Read<FollowingState | undefined>;
  readonly unjudged: Read<Unjudged | undefined>;
  readonly reconciliation: Read<Progress | undefined>;
}

/** A master's trade, which may be damaged. */
export interface PastTrade {
  readonly tradeId: string;
  readonly at: Instant;
  readonly trade: Read<Trade>;
}

export interface TradePlace {
  readonly at: Instant;
  readonly tradeId: string;
}

/** What operators look back at. Unless it says otherwise a method throws a LedgerError. */
export interface LedgerHistory {
  /** Never throws. */
  records(accountId: AccountId): Promise<AccountRecords>;
  /** Damaged or not. */
  hasAccount(accountId: AccountId): Promise<boolean>;
  /** Whether one of these masters has made it, damaged or not. */
  hasTrade(masterIds: readonly AccountId[], tradeId: string): Promise<boolean>;
  /** Between two moments, both included, oldest first, in pages. */
  curve(accountId: AccountId, from: Instant, to: Instant): AsyncIterable<readonly CurveSnapshot[]>;
  lastSnapshot(accountId: AccountId): Promise<EquitySnapshot | undefined>;
  /** Of users: of a master, fills have no order by time. */
  lastFill(accountId: AccountId, symbol: MarketSymbol): Promise<RecordedFill | undefined>;
  /** Newest first, those at `from` and `to` included; only those behind `before`, where given. */
  trades(
    masterId: AccountId,
    range: { readonly from: Instant; readonly to: Instant; readonly before?: TradePlace },
    limit: number,
  ): Promise<readonly PastTrade[]>;
  /** In the order of `rows`; undefined where the account has no copy of the trade. */
  copies(
    rows: readonly { readonly accountId: AccountId; readonly tradeId: string }[],
  ): Promise<readonly (Read<Copy> | undefined)[]>;
  /** At most so many of an account's orders, in no order. */
  orders(
    accountId: AccountId,
    most: number,
  ): Promise<{ readonly orders: readonly Read<OrderRecord>[]; readonly complete: boolean }>;
}

/** The ledger as operators see it: nothing of it writes. */
export interface ReadingLedger {
  readonly accounts: Pick<AccountStore, 'ownerOf' | 'followersOf' | 'list'>;
  readonly masterStatus: MasterStatusReader;
  readonly control: Pick<ControlStore, 'halt' | 'runaway' | 'trail'>;
  readonly positions: Pick<PositionStore, 'list'>;
  readonly protections: Pick<ProtectionStore, 'watches' | 'exits'>;
  readonly orders: Pick<OrderStore, 'inDoubt'>;
  readonly copies: Pick<CopyStore, 'unfinished'>;
  readonly exits: Pick<ExitStore, 'list' | 'unfinished'>;
  readonly reconciliation: Pick<ReconciliationStore, 'drifts' | 'adjustments'>;
  readonly strategyStates: Pick<StrategyStateStore, 'all'>;
  readonly history: LedgerHistory;
}

export interface ReportingPorts {
  readonly ledger: ReadingLedger;
  readonly clock: Clock;
  readonly stage: string;
  /** How often accounts are checked, as the schedule has it. */
  readonly checkEveryMs: number;
  /** Which functions may read the secrets of a role, by what is deployed. */
  readonly secretReaders: Readonly<Record<Role, readonly string[]>>;
  /** Where what was given up lies; only the doctor asks them. */
  readonly deadLetters?: readonly DeadLetterQueue[];
}
