import type { Credentials } from '../account/credentials.ts';
import type { Fraction, Price, Quantity, QuoteAmount, Side } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import type { Asset, ExchangeName, Market, MarketSymbol } from './market.ts';

export interface Ticker {
  readonly symbol: MarketSymbol;
  readonly bid: Price;
  readonly ask: Price;
  readonly last: Price;
}

export interface Candle {
  /** When the candle opened. */
  readonly at: Instant;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** Base units traded. */
  readonly volume: Quantity;
}

/** Public market data of one exchange. Every call may throw an ExchangeError. */
export interface MarketData {
  readonly exchange: ExchangeName;
  /** All spot markets with their rules: large, for filling the cache only. */
  markets(): Promise<readonly Market[]>;
  /**
   * One call for all symbols. A symbol the exchange has no price for is absent from the map. `anew` asks the
   * exchange now, whatever was asked a moment ago.
   */
  tickers(
    symbols: readonly MarketSymbol[],
    options?: { readonly anew?: boolean },
  ): Promise<ReadonlyMap<MarketSymbol, Ticker>>;
  /** 5-minute candles, oldest first, at most 720, the last one possibly still open; from `since` on if given. */
  candles(symbol: MarketSymbol, since?: Instant): Promise<readonly Candle[]>;
}

/** One asset of one account, reward variants (`BTC.F`) included. total = free + held. */
export interface AssetBalance {
  readonly asset: Asset;
  readonly total: Quantity;
  readonly free: Quantity;
  /** Locked in open orders, or bonded: what no order can sell now. */
  readonly held: Quantity;
  /** Of what is held, what is staked or bonded: to be redeemed by its owner first. Absent where nothing is. */
  readonly bonded?: Quantity;
  /** Where there is less than nothing of it: how much, with a total of zero. Absent elsewhere. */
  readonly owed?: Quantity;
}

export type OrderType = 'LIMIT_IOC' | 'MARKET';

/** What is sent. Quantity and limit price already fit the market's steps. */
export type OrderToSend = {
  readonly clientOrderId: string;
  readonly market: Market;
  readonly quantity: Quantity;
  /** The exchange must refuse the order after this moment. */
  readonly deadline: Instant;
  /** The first send of this client id since it last was provably absent: sharpens the reading of a nonce error. */
  readonly firstSend: boolean;
} & (
  | { readonly side: 'BUY'; readonly type: 'LIMIT_IOC'; readonly limitPrice: Price }
  | { readonly side: 'SELL'; readonly type: 'MARKET' }
);

/** What an answer to a sent order proves, read from the exchange's raw text. `code` names the cause, `message` is scrubbed. */
export type Placement =
  | { readonly outcome: 'PLACED'; readonly exchangeOrderId: string }
  | {
      readonly outcome: 'REJECTED' | 'NOT_PLACED' | 'AMBIGUOUS';
      readonly code: ExchangeErrorCode;
      readonly message: string;
    };

export type ExchangeOrderStatus = 'OPEN' | 'CLOSED' | 'CANCELED' | 'EXPIRED';

export interface ExchangeOrder {
  readonly exchangeOrderId: string;
  readonly clientOrderId?: string;
  readonly symbol: MarketSymbol;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly filled: Quantity;
  readonly cost: QuoteAmount;
  readonly status: ExchangeOrderStatus;
  readonly openedAt: Instant;
  /** The exchange's ids of the executions, where it lists them with the order. */
  readonly fillIds: readonly string[];
}

export interface Fill {
  readonly fillId: string;
  readonly exchangeOrderId: string;
  readonly symbol: MarketSymbol;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly cost: QuoteAmount;
  readonly fee: { readonly asset: Asset; readonly amount: Quantity };
  readonly at: Instant;
}

/**
 * An execution in a market that the session was not given: listed since, or gone before anybody knew it. It is never
 * recorded, for its market's rules are not known.
 */
export interface UnlistedFill {
  readonly fillId: string;
  readonly exchangeOrderId: string;
  /** As the exchange calls it. */
  readonly pair: string;
  readonly at: Instant;
  /** What it moved, its symbol taken from the pair's name; absent where that does not tell the two assets. */
  readonly read?: Fill;
}

/** What was executed for an account, oldest first. */
export interface Executions {
  readonly fills: readonly Fill[];
  /** One market that is not known hides no execution in another. */
  readonly unlisted: readonly UnlistedFill[];
  /** When those were that opened or closed a position on margin, which moves no coins; oldest first. */
  readonly onMargin?: readonly Instant[];
  /** Every execution before this moment is here, and none at or after it; absent where all are. */
  readonly readTo?: Instant;
}

/** How a long list is read. */
export interface PagedReading {
  /** Called before each page but the first: keeps the key. Its failure ends the reading. */
  keep(): Promise<void>;
  /** At most so many pages, the oldest first. At least 2. */
  readonly mostPages: number;
  /** Makes each call of the reading, and may make it again. */
  readonly patiently?: Patience;
}

/** Makes a call, and again where it only came too soon. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>;

/** No patience: what came too soon fails. */
export const atOnce: Patience = (call) => call();

/** What a key may do, as the exchange says; what an exchange does not tell is absent. */
export interface KeyInfo {
  /** Balances, open orders and closed ones, of any time. */
  readonly canQuery: boolean;
  readonly canTrade: boolean;
  /** May withdraw, or add or change withdrawal addresses. */
  readonly canWithdraw: boolean;
  /** The exchange's own names, sorted. */
  readonly permissions: readonly string[];
  /** How far below the highest nonce used a nonce is still taken, in steps of the nonce: ours are microseconds. */
  readonly nonceWindow?: number;
  /** The addresses it may be used from, as the exchange writes them; none: from anywhere. */
  readonly ipAllowList?: readonly string[];
  /** Absent, too, for a key that never expires. */
  readonly expiresAt?: Instant;
}

/**
 * One account's authenticated calls, bound to one key and one lease; calls run one after the other.
 * Every method except `place` throws an ExchangeError on failure; `place` never throws for what the
 * exchange or the network does: it classifies. What the nonce source throws (LeaseLost) comes through as it
 * is from every method; `place` has sent nothing then. What may take several calls makes each of them patiently,
 * where that is given: begun anew, it would use up the key once more.
 */
export interface PrivateSession {
  readonly accountId: string;
  balances(): Promise<readonly AssetBalance[]>;
  place(order: OrderToSend): Promise<Placement>;
  /** Open orders first, then closed ones opened at or after `since`. */
  findByClientOrderId(
    clientOrderId: string,
    since: Instant,
    patiently?: Patience,
  ): Promise<ExchangeOrder | undefined>;
  order(exchangeOrderId: string): Promise<ExchangeOrder>;
  /** Those of the orders that the exchange knows, in as few calls as possible. */
  orders(exchangeOrderIds: readonly string[], patiently?: Patience): Promise<readonly ExchangeOrder[]>;
  /** All executions of one order; throws MALFORMED_ANSWER when they do not add up to what the order says is filled. */
  fillsOf(order: ExchangeOrder, patiently?: Patience): Promise<readonly Fill[]>;
  /** The executions of the account at or after `since`: all, or as many of the oldest as `reading` allows. */
  fillsSince(since: Instant, reading: PagedReading): Promise<Executions>;
  /** All of the account; one in a market that the session was not given has the symbol `<pair>/UNLISTED`. */
  openOrders(): Promise<readonly ExchangeOrder[]>;
  cancel(exchangeOrderId: string): Promise<void>;
  /** The taker fee this account pays on a market, as the exchange charges it now. */
  takerFee(market: Market): Promise<Fraction>;
  keyInfo(): Promise<KeyInfo>;
}

/** Gives the next nonce of a key, strictly rising; throws LeaseLost when the lease is over. */
export interface NonceSource {
  next(): number;
}

export interface Exchange {
  readonly marketData: MarketData;
  /** `markets`: all markets the session may meet; nothing is loaded from the exchange. */
  session(input: {
    readonly accountId: string;
    readonly credentials: Credentials;
    readonly nonces: NonceSource;
    readonly markets: readonly Market[];
  }): PrivateSession;
}

export const EXCHANGE_ERROR_CODES = [
  'TIMEOUT',
  'UNREACHABLE',
  'UNAVAILABLE',
  'RATE_LIMITED',
  'LOCKED_OUT',
  'INVALID_NONCE',
  'INVALID_KEY',
  'INVALID_SIGNATURE',
  'PERMISSION_DENIED',
  'INSUFFICIENT_FUNDS',
  'BELOW_MINIMUM',
  'INVALID_PRICE',
  'INVALID_ARGUMENTS',
  'UNKNOWN_PAIR',
  'UNKNOWN_ORDER',
  'MARKET_RESTRICTED',
  'DEADLINE_ELAPSED',
  'ORDER_LIMIT',
  'MALFORMED_ANSWER',
  'UNKNOWN',
] as const;
export type ExchangeErrorCode = (typeof EXCHANGE_ERROR_CODES)[number];

/** A call that the exchange or the network failed. The message is safe to log: no key, no signature, no signed URL. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: ExchangeErrorCode;
  readonly exchange: ExchangeName;

  constructor(exchange: ExchangeName, code: ExchangeErrorCode, message: string) {
    super(message);
    this.exchange = exchange;
    this.code = code;
  }
}
