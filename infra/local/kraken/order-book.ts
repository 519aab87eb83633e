import type { Decimal } from './decimal.ts';
import type { PairSpec } from './pairs.ts';

export interface Trade {
  readonly id: string;
  readonly positionId: string;
  readonly ledgerIds: readonly string[];
  /** Of the pair, a number without meaning. */
  readonly number: number;
  readonly orderId: string;
  readonly accountId: string;
  readonly pair: PairSpec;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  readonly price: Decimal;
  readonly volume: Decimal;
  readonly cost: Decimal;
  /** In quote units, or in base units where the order says so. */
  readonly fee: Decimal;
  readonly feeInBase: boolean;
  readonly maker: boolean;
  /** Microseconds. */
  readonly stamp: number;
}

export interface Order {
  readonly id: string;
  readonly accountId: string;
  /** The key that placed it. */
  readonly apiKey: string;
  readonly pair: PairSpec;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit';
  /** Quote units where `inQuote`. */
  readonly volume: Decimal;
  readonly price: Decimal | undefined;
  readonly inQuote: boolean;
  readonly feeInBase: boolean;
  readonly flags: string;
  readonly clientId: string | undefined;
  readonly userref: number | undefined;
  /** Microseconds. */
  readonly openStamp: number;
  closeStamp: number | undefined;
  status: 'open' | 'closed' | 'canceled';
  reason: string | null;
  executed: Decimal;
  cost: Decimal;
  fee: Decimal;
  /** What is locked for it: in the quote asset for a buy, in the base asset for a sale. */
  held: Decimal;
  readonly trades: Trade[];
}

/** Every order and trade ever, found by id, account or client id. */
export class OrderBook {
  readonly #orders = new Map<string, Order>();
  readonly #byAccount = new Map<string, Order[]>();
  readonly #open = new Map<string, Order>();
  readonly #inOrder: Order[] = [];
  readonly #trades = new Map<string, Trade>();
  readonly #tradesInOrder: Trade[] = [];
  readonly #tradesByAccount = new Map<string, Trade[]>();

  add(order: Order): void {
    this.#orders.set(order.id, order);
    this.#inOrder.push(order);
    const own = this.#byAccount.get(order.accountId) ?? [];
    own.push(order);
    this.#byAccount.set(order.accountId, own);
    if (order.status === 'open') this.#open.set(order.id, order);
    for (const trade of order.trades) this.#index(trade);
  }

  addTrade(order: Order, trade: Trade): void {
    order.trades.push(trade);
    this.#index(trade);
  }

  close(order: Order): void {
    this.#open.delete(order.id);
  }

  order(id: string): Order | undefined {
    return this.#orders.get(id);
  }

  trade(id: string): Trade | undefined {
    return this.#trades.get(id);
  }

  /** In the order in which they came; shared with the book: never change it. */
  orders(): readonly Order[] {
    return this.#inOrder;
  }

  /** The same. */
  trades(): readonly Trade[] {
    return this.#tradesInOrder;
  }

  /** Oldest first. */
  ordersOf(accountId: string): readonly Order[] {
    return this.#byAccount.get(accountId) ?? [];
  }

  /** Oldest first. */
  tradesOf(accountId: string): readonly Trade[] {
    return this.#tradesByAccount.get(accountId) ?? [];
  }

  /** All accounts' open orders, oldest first. */
  open(): Iterable<Order> {
    return this.#open.values();
  }

  hasOpen(): boolean {
    return this.#open.size > 0;
  }

  openOf(accountId: string): readonly Order[] {
    if (this.#open.size === 0) return [];
    return [...this.#open.values()].filter((order) => order.accountId === accountId);
  }

  #index(trade: Trade): void {
    this.#trades.set(trade.id, trade);
    this.#tradesInOrder.push(trade);
    const own = this.#tradesByAccount.get(trade.accountId) ?? [];
    own.push(trade);
    this.#tradesByAccount.set(trade.accountId, own);
  }
}
