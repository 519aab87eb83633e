import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { Account, Permission } from './accounts.ts';
import { assetCode } from './asset-names.ts';
import { audit } from './audit.ts';
import { ZERO } from './decimal.ts';
import type { Order, Trade } from './order-book.ts';
import type { World } from './world.ts';

/** An order as the exchange itself knows it; all amounts are exact decimal texts. */
export interface BookedOrder {
  readonly orderId: string;
  readonly accountId: string;
  /** The key that placed it. */
  readonly apiKey: string;
  readonly clientOrderId: string | undefined;
  readonly symbol: MarketSymbol;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'market' | 'limit';
  readonly quantity: string;
  readonly limitPrice: string | undefined;
  readonly filled: string;
  readonly cost: string;
  readonly fee: string;
  readonly status: 'open' | 'closed' | 'canceled';
  readonly reason: string | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | undefined;
  readonly tradeIds: readonly string[];
}

export interface BookedTrade {
  readonly tradeId: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: MarketSymbol;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  readonly quantity: string;
  readonly cost: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly at: Instant;
}

export interface BookedBalance {
  readonly total: string;
  readonly held: string;
  readonly free: string;
}

/** Money that came from or went outside. */
export interface BookedTransfer {
  /** Unified asset code. */
  readonly asset: string;
  /** Negative where it left. */
  readonly amount: string;
  readonly at: Instant;
}

/** A key as it is now, without its secret. */
export interface BookedKey {
  readonly apiKey: string;
  readonly accountId: string;
  readonly revoked: boolean;
  readonly permissions: readonly Permission[];
}

export interface RequestCount {
  /** Undefined for callers without a key. */
  readonly apiKey: string | undefined;
  readonly endpoint: string;
  readonly count: number;
}

/** What no client sees: the exchange's own record of everybody, for proofs. */
export interface Books {
  /** Oldest first for each account. */
  orders(): readonly BookedOrder[];
  trades(): readonly BookedTrade[];
  /** Of everybody, in the order in which they came, without the first so many: for who looks only at what is new. */
  ordersAfter(count: number): readonly BookedOrder[];
  tradesAfter(count: number): readonly BookedTrade[];
  /** As it is now. */
  order(orderId: string): BookedOrder | undefined;
  /** Oldest first. @throws TypeError for an unknown account */
  transfers(accountId: string): readonly BookedTransfer[];
  /** Every key that ever was. */
  keys(): readonly BookedKey[];
  /** Whether balance calls of the account show something older than what is true now. */
  showsOldBalances(accountId: string): boolean;
  /** By unified asset code. @throws TypeError for an unknown account */
  balances(accountId: string): Readonly<Record<string, BookedBalance>>;
  accounts(): readonly string[];
  requests(): readonly RequestCount[];
  /** Every sum that does not add up, as a sentence; empty when the books are right. */
  audit(): readonly string[];
}

const sideOf = (side: 'buy' | 'sell'): 'BUY' | 'SELL' => (side === 'buy' ? 'BUY' : 'SELL');
const milliseconds = (stamp: number): Instant => Math.floor(stamp / 1000);

const booked = (order: Order): BookedOrder => ({
  orderId: order.id,
  accountId: order.accountId,
  apiKey: order.apiKey,
  clientOrderId: order.clientId,
  symbol: order.pair.symbol,
  side: sideOf(order.side),
  type: order.type,
  quantity: order.volume.toFixed(),
  limitPrice: order.price?.toFixed(),
  filled: order.executed.toFixed(),
  cost: order.cost.toFixed(),
  fee: order.fee.toFixed(),
  status: order.status,
  reason: order.reason,
  openedAt: milliseconds(order.openStamp),
  closedAt: order.closeStamp === undefined ? undefined : milliseconds(order.closeStamp),
  tradeIds: order.trades.map((trade) => trade.id),
});

const bookedTrade = (trade: Trade): BookedTrade => ({
  tradeId: trade.id,
  orderId: trade.orderId,
  accountId: trade.accountId,
  symbol: trade.pair.symbol,
  side: sideOf(trade.side),
  price: trade.price.toFixed(),
  quantity: trade.volume.toFixed(),
  cost: trade.cost.toFixed(),
  fee: trade.fee.toFixed(),
  feeAsset: trade.feeInBase ? trade.pair.base.code : trade.pair.quote.code,
  maker: trade.maker,
  at: milliseconds(trade.stamp),
});

/** Counts requests by key and endpoint. */
export class RequestCounts {
  readonly #counts = new Map<string, RequestCount>();

  add(apiKey: string | undefined, endpoint: string, count = 1): void {
    const name = `${apiKey ?? ''} ${endpoint}`;
    const before = this.#counts.get(name)?.count ?? 0;
    this.#counts.set(name, { apiKey, endpoint, count: before + count });
  }

  list(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }
}

const NOTHING: readonly never[] = [];

export const booksOf = (world: World, requests: RequestCounts): Books => {
  const accountNamed = (accountId: string): Account => {
    const account = world.accounts.get(accountId);
    if (account === undefined) {
      throw new TypeError(`the exchange has no such account (given '${accountId}'); create it first`);
    }
    return account;
  };
  return {
    orders: () => world.orders.orders().map(booked),
    trades: () => world.orders.trades().map(bookedTrade),
    ordersAfter: (count) => {
      const orders = world.orders.orders();
      return orders.length === count ? NOTHING : orders.slice(count).map(booked);
    },
    tradesAfter: (count) => {
      const trades = world.orders.trades();
      return trades.length === count ? NOTHING : trades.slice(count).map(bookedTrade);
    },
    order: (orderId) => {
      const order = world.orders.order(orderId);
      return order && booked(order);
    },
    transfers: (accountId) =>
      accountNamed(accountId).transfers.map(({ asset, amount, at }) => ({
        asset: assetCode(world.listing, asset),
        amount: amount.toFixed(),
        at,
      })),
    keys: () =>
      [...world.keys.values()].map(({ apiKey, accountId, revoked, permissions }) => ({
        apiKey,
        accountId,
        revoked,
        permissions: [...permissions],
      })),
    showsOldBalances: (accountId) => world.visibility.isFrozen(accountId, world.clock.now()),
    balances: (accountId) => {
      const account = accountNamed(accountId);
      return Object.fromEntries(
        [...account.balances].map(([asset, total]) => {
          const held = account.held.get(asset) ?? ZERO;
          return [
            assetCode(world.listing, asset),
            { total: total.toFixed(), held: held.toFixed(), free: total.minus(held).toFixed() },
          ];
        }),
      );
    },
    accounts: () => [...world.accounts.keys()],
    requests: () => requests.list(),
    audit: () => audit(world),
  };
};
