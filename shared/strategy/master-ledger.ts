import type { AccountId } from '../account/account.ts';
import type { MasterStatus } from '../copying/master-status.ts';
import type { Trade } from '../copying/trade.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Read } from '../ledger/read.ts';

/** One open position, the account, where executions may not be recorded, or the fee as last read. */
type StateKey = MarketSymbol | 'account' | 'unrecorded' | 'round-trip-fee';

/** What a tick and its strategy remember: plain JSON. */
export interface StrategyStateStore {
  /** All of an account, in one read; one that is damaged says so and hides no other. */
  all(accountId: AccountId): Promise<ReadonlyMap<string, Read<unknown>>>;
  put(accountId: AccountId, key: StateKey, state: unknown): Promise<void>;
  remove(accountId: AccountId, key: StateKey): Promise<void>;
}

/** What only the master plane uses of the ledger. */
export interface MasterLedger extends Ledger {
  readonly strategyStates: StrategyStateStore;
  /** Oldest first. */
  trades(masterId: AccountId): Promise<readonly Trade[]>;
  publishStatus(status: MasterStatus): Promise<void>;
}
