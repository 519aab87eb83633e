import type { AccountId } from '../account/account.ts';
import type { ExchangeName, MarketSymbol } from '../exchange/market.ts';
import type { Fraction, Price, Quantity, QuoteAmount, Side } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';

/** A master's fills of one order, as ingested at once, published for copying. */
export interface Trade {
  readonly tradeId: string;
  readonly masterId: AccountId;
  readonly exchange: ExchangeName;
  readonly symbol: MarketSymbol;
  readonly side: Side;
  readonly quantity: Quantity;
  /** Average over the fills. */
  readonly price: Price;
  readonly notional: QuoteAmount;
  /** BUY: notional ÷ equity before. */
  readonly masterEquityBefore: QuoteAmount;
  /** SELL: quantity sold ÷ position before, at most 1; 1 where the ledger knew no position. */
  readonly soldFraction: Fraction;
  /** The last fill's time. */
  readonly at: Instant;
  readonly exchangeOrderId: string;
}

/** A stretch of a master's trades, by the trades' own time. */
export interface TradeRange {
  readonly since: Instant;
  /** Of the trades at `since`, only those behind this one. */
  readonly after?: string;
  /** Inclusive. */
  readonly until?: Instant;
}

export interface TradeReader {
  /** Oldest first, at most `limit`, strongly consistent. @throws LedgerError */
  list(masterId: AccountId, range: TradeRange, limit: number): Promise<readonly Trade[]>;
}
