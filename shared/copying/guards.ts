import type { Account } from '../account/account.ts';
import type { Ticker } from '../exchange/exchange.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import type { Position } from '../ledger/position.ts';
import type { Read } from '../ledger/read.ts';
import {
  floorTo,
  fraction,
  fractionOfBps,
  ONE,
  type Price,
  plus,
  price,
  type QuoteAmount,
  scale,
  text,
} from '../money/money.ts';
import { fitToMarket, minimumPriceOf } from '../order/fit.ts';
import type { Halt } from '../protection/control.ts';
import { type RunawayBreaker, whyTripped } from '../protection/runaway.ts';
import { type Instant, iso, SECOND } from '../time/clock.ts';
import type { BuyGuard } from './copy.ts';
import { QUEUE_RETRIES_MS } from './copy-message.ts';
import type { MasterHealth } from './master-status.ts';
import type { Trade } from './trade.ts';

/**
 * Whatever its owner allows: what comes later than the queue brings it may come after SELLs that were made in the
 * meantime, of which a BUY would know nothing.
 */
const OLDEST_MS = QUEUE_RETRIES_MS - 1;

export interface Refusal {
  readonly reason: BuyGuard;
  /** The figures that decided, in one sentence. */
  readonly detail: string;
}

export interface AdmissionFacts {
  readonly account: Account;
  readonly trade: Trade;
  readonly halt: Read<Halt>;
  readonly runaway: Read<RunawayBreaker>;
  readonly masterHealth: MasterHealth;
  /** Why the account's exchange is left alone for a while; undefined where it is not. */
  readonly exchangeFailing: string | undefined;
  readonly market: Market | undefined;
  readonly now: Instant;
}

/** The guards that need no exchange call, in the order of BUY_GUARDS. Asked again right before every send. */
export const admitBuy = ({
  account,
  trade,
  halt,
  runaway,
  masterHealth,
  exchangeFailing,
  market,
  now,
}: AdmissionFacts): Refusal | undefined => {
  if (!account.enabled) return { reason: 'ACCOUNT_DISABLED', detail: `${account.accountId} is disabled` };
  if (!halt.readable) return { reason: 'HALTED', detail: `the halt switch could not be read: ${halt.why}` };
  if (halt.value.engaged)
    return { reason: 'HALTED', detail: `halted by ${halt.value.by}: ${halt.value.why}` };
  const tripped = whyTripped(runaway);
  if (tripped !== undefined) return { reason: 'HALTED', detail: tripped };
  if (account.exitOnly) return { reason: 'EXIT_ONLY', detail: `${account.accountId} is set to exit-only` };
  if (account.copyPaused)
    return { reason: 'COPY_PAUSED', detail: `copying is paused for ${account.accountId}` };
  if (account.follows !== trade.masterId)
    return {
      reason: 'NOT_FOLLOWING',
      detail: `${account.accountId} follows ${account.follows ?? 'no master'} now, not ${trade.masterId}, whose trade this is`,
    };
  if (!masterHealth.healthy) return { reason: 'MASTER_UNHEALTHY', detail: masterHealth.reason };
  const age = now - trade.at;
  const oldest = Math.min(account.limits.maxTradeAgeSeconds * SECOND, OLDEST_MS);
  if (age > oldest)
    return {
      reason: 'STALE',
      detail: `the master's fill is ${Math.round(age / SECOND)} s old; at most ${Math.round(oldest / SECOND)} s`,
    };
  const since = account.followsSince ?? account.registeredAt;
  if (since > trade.at)
    return {
      reason: 'NOT_FOLLOWING',
      detail: `${account.accountId} follows ${trade.masterId} since ${iso(since)}, after this trade`,
    };
  if (exchangeFailing !== undefined) return { reason: 'EXCHANGE_FAILING', detail: exchangeFailing };
  if (market === undefined)
    return { reason: 'SYMBOL_UNSUPPORTED', detail: `${trade.symbol} is not traded at ${account.exchange}` };
  if (market.status !== 'online' && market.status !== 'limit_only') {
    return {
      reason: 'SYMBOL_UNSUPPORTED',
      detail: `${trade.symbol} is in ${market.status} mode at ${account.exchange}`,
    };
  }
  if (account.deniedSymbols.includes(trade.symbol))
    return { reason: 'SYMBOL_DENIED', detail: `${trade.symbol} is on the account's deny list` };
  if (account.allowedSymbols !== undefined && !account.allowedSymbols.includes(trade.symbol)) {
    return { reason: 'SYMBOL_DENIED', detail: `${trade.symbol} is not on the account's allow list` };
  }
  return undefined;
};

export interface AccountFacts {
  readonly account: Account;
  readonly trade: Trade;
  readonly market: Market;
  readonly equity: QuoteAmount;
  readonly ticker: Ticker | undefined;
  /** See `openSymbolsOf`. */
  readonly openSymbols: readonly MarketSymbol[];
}

/**
 * Symbols in which the account has a managed position that can be sold. Dust that a sale or a fee left cannot,
 * and would take the place of a position for ever.
 */
export const openSymbolsOf = (
  positions: readonly Position[],
  markets: readonly Market[],
  tickers: ReadonlyMap<MarketSymbol, Ticker>,
): readonly MarketSymbol[] =>
  positions
    .filter(({ symbol, quantity }) => {
      const market = markets.find((known) => known.symbol === symbol);
      return market === undefined || fitToMarket(quantity, market, minimumPriceOf(tickers.get(symbol))).fits;
    })
    .map(({ symbol }) => symbol);

/** The most a BUY pays: the master's price and the allowed slippage, down to the market's price tick. */
export const priceCap = (trade: Pick<Trade, 'price'>, account: Account, market: Market): Price =>
  price(
    floorTo(
      scale(trade.price, fraction(plus(ONE, fractionOfBps(account.limits.maxSlippageBps)))),
      market.priceTick,
    ),
  );

/**
 * The guards that need the account's own balance and prices, in the order of BUY_GUARDS; losses are judged by
 * what is remembered of the account, cash and minimum with the size. An equity below the account's minimum makes it exit-only by itself, and it
 * recovers by itself.
 */
export const admitAccount = ({
  account,
  trade,
  market,
  equity,
  ticker,
  openSymbols,
}: AccountFacts): Refusal | undefined => {
  const { limits } = account;
  if (equity.lt(limits.minimumEquity)) {
    return {
      reason: 'EXIT_ONLY',
      detail: `equity ${text(equity)} is below the account's minimum of ${text(limits.minimumEquity)}`,
    };
  }
  const cap = priceCap(trade, account, market);
  if (ticker === undefined)
    return { reason: 'PRICE_MOVED', detail: `there is no price for ${trade.symbol} now` };
  if (ticker.ask.gt(cap)) {
    return {
      reason: 'PRICE_MOVED',
      detail: `the ask ${text(ticker.ask)} is above ${text(cap)}, the master's ${text(trade.price)} and ${text(limits.maxSlippageBps)} bp`,
    };
  }
  if (!openSymbols.includes(trade.symbol) && openSymbols.length >= limits.maxOpenPositions) {
    return {
      reason: 'MAX_POSITIONS',
      detail: `${openSymbols.length} positions are open; at most ${limits.maxOpenPositions}`,
    };
  }
  return undefined;
};
