import type { Instant } from '../../../shared/time/clock.ts';
import type { Account, ApiKey } from './accounts.ts';
import { Decimal, ZERO } from './decimal.ts';
import { Refusal, TEXTS } from './errors.ts';
import type { Fees } from './fees.ts';
import { orderId } from './ids.ts';
import type { Book, MarketView } from './market-view.ts';
import { type Match, match, total } from './matching.ts';
import type { Order, OrderBook } from './order-book.ts';
import type { OrderRequest } from './order-request.ts';
import type { Listing, PairSpec } from './pairs.ts';
import type { RateLimits } from './rate-limits.ts';
import { settle } from './settlement.ts';

export interface EngineParts {
  readonly seed: number;
  readonly listing: Listing;
  readonly orders: OrderBook;
  readonly fees: Fees;
  readonly limits: RateLimits;
  readonly accounts: ReadonlyMap<string, Account>;
  /** By pair id. */
  readonly markets: ReadonlyMap<string, MarketView>;
}

/** Accepts, matches, rests and cancels orders. Everything happens at once: no order is ever half done. */
export class Engine {
  readonly #parts: EngineParts;
  #advancedTo: Instant | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** @returns the order's id, or undefined where the order was only to be validated. @throws Refusal */
  place(key: ApiKey, request: OrderRequest, now: Instant): Order | undefined {
    const account = this.#account(key.accountId);
    const { pair } = request;
    this.#checkStatus(request);
    const open = this.#parts.orders.openOf(account.id);
    if (request.clientId !== undefined && open.some((order) => order.clientId === request.clientId)) {
      throw new Refusal(TEXTS.duplicateClientId);
    }
    const market = this.#parts.markets.get(pair.id);
    const book = market?.book(now);
    if (market === undefined || book === undefined) throw new Refusal(TEXTS.unavailable);
    const matches = this.#match(request, book);
    this.#checkMinimums(request, book);
    const rate = this.#parts.fees.rate(account.id, 'taker', now);
    const needed = this.#needed(request, matches, rate);
    const asset = request.side === 'buy' ? pair.quote.id : pair.base.id;
    if (account.free(asset).lt(needed)) throw new Refusal(TEXTS.funds);
    if (request.validateOnly) return undefined;
    const openHere = open.filter((order) => order.pair.id === pair.id).length;
    this.#parts.limits.order(account.id, key.tier, pair.id, openHere, now);

    const order = this.#accept(key, account, request, needed, now);
    if (request.postOnly && matches.length > 0) {
      this.#end(order, account, 'canceled', 'Post only order', now);
      return order;
    }
    for (const { price, volume } of matches) this.#fill(order, account, price, volume, false, now);
    const complete = request.inQuote ? matches.length > 0 : order.executed.eq(order.volume);
    if (complete) this.#end(order, account, 'closed', null, now);
    else if (request.immediate || request.type === 'market') {
      this.#end(order, account, 'canceled', null, now);
    }
    return order;
  }

  /** @throws Refusal */
  cancel(key: ApiKey, order: Order, now: Instant): void {
    const account = this.#account(key.accountId);
    this.#parts.limits.cancel(account.id, key.tier, order.pair.id, now - order.openStamp / 1000, now);
    this.#end(order, account, 'canceled', 'User requested', now);
  }

  /** Up to when resting orders were looked after. */
  get advancedTo(): Instant | undefined {
    return this.#advancedTo;
  }

  resumeFrom(at: Instant): void {
    this.#advancedTo = at;
  }

  /** Fills resting orders that the price reached since the last call. */
  advance(now: Instant): void {
    const since = this.#advancedTo ?? now;
    this.#advancedTo = now;
    if (!this.#parts.orders.hasOpen()) return;
    for (const order of [...this.#parts.orders.open()]) {
      const opened = Math.floor(order.openStamp / 1000);
      const range = this.#parts.markets.get(order.pair.id)?.extremes(Math.max(since, opened), now);
      if (range === undefined || order.price === undefined) continue;
      const reached = order.side === 'buy' ? range.low.lte(order.price) : range.high.gte(order.price);
      if (!reached) continue;
      const account = this.#account(order.accountId);
      this.#fill(order, account, order.price, order.volume.minus(order.executed), true, now);
      this.#end(order, account, 'closed', null, now);
    }
  }

  /** Executes the rest of all that an account has open, each order at its limit. */
  fillOpen(accountId: string, now: Instant): void {
    this.advance(now);
    const account = this.#account(accountId);
    for (const order of this.#parts.orders.openOf(accountId)) {
      if (order.price === undefined) continue;
      this.#fill(order, account, order.price, order.volume.minus(order.executed), true, now);
      this.#end(order, account, 'closed', null, now);
    }
  }

  /** Cancels what is open on a pair that is no longer traded. */
  delist(pair: PairSpec, now: Instant): void {
    for (const order of [...this.#parts.orders.open()]) {
      if (order.pair.id !== pair.id) continue;
      this.#end(order, this.#account(order.accountId), 'canceled', 'Market delisted', now);
    }
  }

  #account(id: string): Account {
    const account = this.#parts.accounts.get(id);
    if (account === undefined) throw new Refusal(TEXTS.internal);
    return account;
  }

  #checkStatus(request: OrderRequest): void {
    switch (this.#parts.listing.status(request.pair)) {
      case 'online':
        return;
      case 'cancel_only':
        throw new Refusal(TEXTS.cancelOnly);
      case 'post_only':
        if (!request.postOnly) throw new Refusal(TEXTS.postOnlyMode);
        return;
      case 'limit_only':
        if (request.type !== 'limit') throw new Refusal(TEXTS.limitOnly);
        return;
      case 'reduce_only':
        throw new Refusal(TEXTS.reduceOnly);
      case 'maintenance':
        throw new Refusal(TEXTS.unavailable);
    }
  }

  #match(request: OrderRequest, book: Book): readonly Match[] {
    const levels = request.side === 'buy' ? book.asks : book.bids;
    return match(
      levels,
      request.side,
      request.volume,
      request.price,
      request.inQuote,
      request.pair.lotDecimals,
    );
  }

  #checkMinimums(request: OrderRequest, book: Book): void {
    const best = (request.side === 'buy' ? book.asks : book.bids).best()?.price;
    const price = request.price ?? best;
    if (price === undefined) throw new Refusal(TEXTS.unavailable);
    const base = request.inQuote ? request.volume.div(price) : request.volume;
    const minimums = this.#parts.listing.minimums(request.pair);
    if (base.lt(minimums.order)) throw new Refusal(TEXTS.orderMinimum);
    const cost = request.inQuote ? request.volume : request.volume.times(price);
    if (cost.lt(minimums.cost)) throw new Refusal(TEXTS.costMinimum);
  }

  /** What must be free: for a limit order what it may cost at its limit, fee included. */
  #needed(request: OrderRequest, matches: readonly Match[], rate: Decimal): Decimal {
    if (request.side === 'sell') {
      const fee = request.feeInBase ? request.volume.times(rate) : ZERO;
      return request.volume.plus(fee).toDecimalPlaces(request.pair.base.decimals, Decimal.ROUND_UP);
    }
    const cost = request.price === undefined ? total(matches) : request.volume.times(request.price);
    const fee = request.feeInBase ? ZERO : cost.times(rate);
    return cost.plus(fee).toDecimalPlaces(request.pair.costDecimals, Decimal.ROUND_UP);
  }

  #accept(key: ApiKey, account: Account, request: OrderRequest, needed: Decimal, now: Instant): Order {
    account.drawn += 1;
    const order: Order = {
      id: orderId(this.#parts.seed, account.id, account.drawn),
      accountId: account.id,
      apiKey: key.apiKey,
      pair: request.pair,
      side: request.side,
      type: request.type,
      volume: request.volume,
      price: request.price,
      inQuote: request.inQuote,
      feeInBase: request.feeInBase,
      flags: request.flags,
      clientId: request.clientId,
      userref: request.userref,
      openStamp: account.stamp(now),
      closeStamp: undefined,
      status: 'open',
      reason: null,
      executed: ZERO,
      cost: ZERO,
      fee: ZERO,
      held: needed,
      trades: [],
    };
    account.hold(order.side === 'buy' ? order.pair.quote.id : order.pair.base.id, needed);
    this.#parts.orders.add(order);
    return order;
  }

  #fill(order: Order, account: Account, price: Decimal, volume: Decimal, maker: boolean, now: Instant): void {
    const rate = this.#parts.fees.rate(account.id, maker ? 'maker' : 'taker', now);
    const trade = settle(order, account, { seed: this.#parts.seed, price, volume, maker, rate, now });
    this.#parts.orders.addTrade(order, trade);
    this.#parts.fees.record(account.id, now, trade.cost);
  }

  #end(
    order: Order,
    account: Account,
    status: 'closed' | 'canceled',
    reason: string | null,
    now: Instant,
  ): void {
    account.hold(order.side === 'buy' ? order.pair.quote.id : order.pair.base.id, order.held.negated());
    order.held = ZERO;
    order.status = status;
    order.reason = reason;
    order.closeStamp = account.stamp(now);
    this.#parts.orders.close(order);
  }
}
