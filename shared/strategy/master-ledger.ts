import type { AccountId } from '../account/account.ts';
import type { MasterStatus } from '../copying/master-status.ts';
import type { Trade } from '../copying/trade.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Instant } from '../time/clock.ts';

/** A strategy's own memory of one open position (stop, targets hit, …) or of the account; plain JSON, validated by the strategy. */
export interface StrategyStateStore {
  get(accountId: AccountId, key: MarketSymbol | 'account'): Promise<unknown>;
  put(accountId: AccountId, key: MarketSymbol | 'account', state: unknown): Promise<void>;
  remove(accountId: AccountId, key: MarketSymbol | 'account'): Promise<void>;
}

/** Up to which moment a master's executions were ingested. */
export interface CursorStore {
  get(accountId: AccountId): Promise<Instant | undefined>;
  /** Never moves backwards. */
  advance(accountId: AccountId, to: Instant): Promise<void>;
}

/** What only the master plane uses of the ledger. */
export interface MasterLedger extends Ledger {
  readonly cursors: CursorStore;
  readonly strategyStates: StrategyStateStore;
  /** Oldest first. */
  trades(masterId: AccountId): Promise<readonly Trade[]>;
  publishStatus(status: MasterStatus): Promise<void>;
}
