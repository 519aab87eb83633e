import type { AccountId } from '../account/account.ts';
import type { MasterStatus } from '../copying/master-status.ts';
import type { Trade } from '../copying/trade.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Read } from '../ledger/read.ts';

/** What a tick and its strategy remember: plain JSON, by symbol for one open position each, and for the account. */
export interface StrategyStateStore {
  /** All of an account, in one read; one that is damaged says so and hides no other. */
  all(accountId: AccountId): Promise<ReadonlyMap<string, Read<unknown>>>;
  put(accountId: AccountId, key: MarketSymbol | 'account', state: unknown): Promise<void>;
  remove(accountId: AccountId, key: MarketSymbol | 'account'): Promise<void>;
}

/** What only the master plane uses of the ledger. */
export interface MasterLedger extends Ledger {
  readonly strategyStates: StrategyStateStore;
  /** Oldest first. */
  trades(masterId: AccountId): Promise<readonly Trade[]>;
  publishStatus(status: MasterStatus): Promise<void>;
}
