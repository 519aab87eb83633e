import { createHash } from 'node:crypto';
import { TRADING_PERMISSIONS } from '../../../infra/local/kraken/accounts.ts';
import type { BookedOrder, BookedTrade } from '../../../infra/local/kraken/books.ts';
import type { LogLine } from '../../../infra/local/local-host.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { StreamedChange } from '../../aws/dynamodb/stream.ts';
import type { StoredItem } from '../../aws/dynamodb/value.ts';
import type { Seen, World } from '../../world/world.ts';
import { causeOf, type OrderCause } from './causes.ts';
import { Holdings } from './holdings.ts';
import { Invocations } from './invocations.ts';

/** An order that Nija placed, as the exchange has booked it, with what the table said of it at that moment. */
export interface OurOrder {
  readonly order: BookedOrder;
  readonly item: StoredItem | undefined;
  readonly cause: OrderCause | undefined;
}

type Listener<T> = (what: T) => void;

/**
 * What happened in a world, told once to each who listens: new orders and executions from the exchange's own
 * books, new writes from the table's stream, new log lines. Nothing of it is what a ledger believes, unless a
 * listener asks for an item.
 */
export class Evidence {
  readonly world: World;
  readonly invocations: Invocations;
  readonly holdings: Holdings;
  readonly #items = new Map<string, StoredItem>();
  readonly #ownKeys: ReadonlyMap<string, string>;
  readonly #ours = new Map<string, OurOrder>();
  readonly #tradeItems = new Map<string, StoredItem>();
  readonly #orderListeners: Listener<OurOrder>[] = [];
  readonly #tradeListeners: ((trade: BookedTrade, ours: OurOrder | undefined) => void)[] = [];
  readonly #changeListeners: Listener<StreamedChange>[] = [];
  readonly #lineListeners: Listener<LogLine>[] = [];
  readonly #restListeners: (() => void)[] = [];
  #orders = 0;
  #trades = 0;
  #change: string | undefined;
  #lines = 0;

  constructor(world: World) {
    this.world = world;
    this.#ownKeys = new Map(world.members.map(({ accountId, ownKey }) => [accountId, ownKey]));
    this.invocations = new Invocations(this);
    this.holdings = new Holdings(this);
    this.holdings.listen();
  }

  /** Of Nija's keys alone; before the executions that came with it. */
  onOrder(listener: Listener<OurOrder>): void {
    this.#orderListeners.push(listener);
  }

  /** Of everybody; without an order of ours where the owner traded. */
  onTrade(listener: (trade: BookedTrade, ours: OurOrder | undefined) => void): void {
    this.#tradeListeners.push(listener);
  }

  onChange(listener: Listener<StreamedChange>): void {
    this.#changeListeners.push(listener);
  }

  onLine(listener: Listener<LogLine>): void {
    this.#lineListeners.push(listener);
  }

  /** After all that is new was told, where the table has changed. */
  onRest(listener: () => void): void {
    this.#restListeners.push(listener);
  }

  onSeen(listener: (seen: Seen, at: Instant) => void): void {
    this.world.onSeen(listener);
  }

  /** As it is now; what a listener is told of is there already. */
  item(pk: string, sk: string): StoredItem | undefined {
    return this.#items.get(`${pk} ${sk}`);
  }

  /** As a master published it. */
  tradeItem(tradeId: string): StoredItem | undefined {
    return this.#tradeItems.get(tradeId);
  }

  /** In the order in which they were published. */
  tradeItems(): IterableIterator<StoredItem> {
    return this.#tradeItems.values();
  }

  items(): IterableIterator<StoredItem> {
    return this.#items.values();
  }

  /** Every order of ours that the exchange ever took. */
  ours(): IterableIterator<OurOrder> {
    return this.#ours.values();
  }

  /** Undefined for one of the owner's own. */
  ourOrder(orderId: string): OurOrder | undefined {
    return this.#ours.get(orderId);
  }

  /** Whether it is Nija's and not the owner's. */
  isOurs({ accountId, apiKey }: Pick<BookedOrder, 'accountId' | 'apiKey'>): boolean {
    return this.#ownKeys.get(accountId) !== apiKey;
  }

  /** Whether Nija can work with the account's key now: neither revoked nor restricted, and the registered one. */
  keyWorks(accountId: string): boolean {
    const { members, exchange } = this.world;
    const apiKey = members.find((member) => member.accountId === accountId)?.apiKey;
    const key = exchange.books.keys().find((known) => known.apiKey === apiKey);
    const registered = this.item(accountId, 'PROFILE')?.['keyFingerprint'];
    if (apiKey === undefined || key === undefined || key.revoked || registered !== fingerprintOf(apiKey))
      return false;
    return TRADING_PERMISSIONS.every((permission) => key.permissions.includes(permission));
  }

  /** Tells what is new. */
  catchUp(): void {
    const { exchange, changes, lines } = this.world;
    const changed = changes.last !== this.#change;
    if (changed) this.#tellChanges();
    const orders = exchange.books.ordersAfter(this.#orders);
    const trades = exchange.books.tradesAfter(this.#trades);
    if (orders.length > 0 || trades.length > 0) {
      this.#orders += orders.length;
      this.#trades += trades.length;
      this.#tellTrading(orders, trades);
    }
    while (this.#lines < lines.length) {
      const line = lines[this.#lines];
      this.#lines += 1;
      if (line !== undefined) for (const listener of this.#lineListeners) listener(line);
    }
    if (changed) for (const listener of this.#restListeners) listener();
  }

  #tellChanges(): void {
    const fresh = this.world.changes.changesSince(this.#change);
    for (const change of fresh) {
      const { pk, sk, after, sequenceNumber } = change;
      this.#change = sequenceNumber;
      if (after === undefined) this.#items.delete(`${pk} ${sk}`);
      else this.#items.set(`${pk} ${sk}`, after);
      if (after !== undefined && sk.startsWith('TRADE#'))
        this.#tradeItems.set(sk.slice('TRADE#'.length), after);
      for (const listener of this.#changeListeners) listener(change);
    }
  }

  /** Each order, then what was executed of it, then what was executed of older ones. */
  #tellTrading(orders: readonly BookedOrder[], trades: readonly BookedTrade[]): void {
    const told = new Set<BookedTrade>();
    for (const order of orders) {
      if (this.isOurs(order)) this.#tellOrder(order);
      for (const trade of trades) {
        if (trade.orderId !== order.orderId) continue;
        told.add(trade);
        this.#tellTrade(trade);
      }
    }
    for (const trade of trades) if (!told.has(trade)) this.#tellTrade(trade);
  }

  #tellOrder(order: BookedOrder): void {
    const item = this.item(order.accountId, `ORDER#${order.clientOrderId ?? ''}`);
    const ours = { order, item, cause: causeOf(item) };
    this.#ours.set(order.orderId, ours);
    for (const listener of this.#orderListeners) listener(ours);
  }

  #tellTrade(trade: BookedTrade): void {
    const ours = this.#ours.get(trade.orderId);
    for (const listener of this.#tradeListeners) listener(trade, ours);
  }
}

/** How the ledger names a key that nobody may read. */
const fingerprintOf = (apiKey: string): string =>
  createHash('sha256').update(`nija-key:${apiKey}`).digest('hex').slice(0, 16);

const known = new WeakMap<World, Evidence>();

/** One for each world, whoever asks. */
export const evidenceOf = (world: World): Evidence => {
  const found = known.get(world) ?? new Evidence(world);
  known.set(world, found);
  return found;
};
