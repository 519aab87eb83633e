import type { Account } from '../account/account.ts';
import type { Connection } from '../account/connect.ts';
import type { Valuation } from '../account/equity.ts';
import type { AssetBalance, Ticker } from '../exchange/exchange.ts';
import type { MarketSymbol } from '../exchange/market.ts';
import type { Instant } from '../time/clock.ts';

/**
 * What one check of an account works on: read once, by the only writer of its key, after its orders in doubt
 * were looked up. Nothing here is a master's.
 */
export interface CheckFacts {
  readonly account: Account;
  readonly connection: Connection;
  readonly balances: readonly AssetBalance[];
  readonly tickers: ReadonlyMap<MarketSymbol, Ticker>;
  /** Why no prices could be read: `tickers` is empty then, and what needs none goes on. */
  readonly pricesUnread?: Error;
  readonly valuation: Valuation;
  /** Symbols with an order whose end is not known, and why: nothing is concluded about these. */
  readonly doubtful: ReadonlyMap<MarketSymbol, string>;
  /** When the balances were read. */
  readonly at: Instant;
}
