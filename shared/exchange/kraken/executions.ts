import { plus, text, ZERO_QUANTITY } from '../../money/money.ts';
import type { Instant } from '../../time/clock.ts';
import type { ExchangeOrder, Fill } from '../exchange.ts';
import { failure, resultOf } from './answer.ts';
import type { KrakenClient } from './client.ts';
import { fillFrom, orderFrom, paysFeeInBase } from './orders.ts';
import type { MarketIndex } from './pairs.ts';
import { type RawOrder, type RawTrade, zQueriedOrders, zQueriedTrades, zTradesHistory } from './schemas.ts';

const TRADES_PER_CALL = 20;
const ORDERS_PER_CALL = 50;

const slices = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, page) =>
    items.slice(page * size, (page + 1) * size),
  );

/** Which of an account's orders pay fees in base: trades do not say it, orders do. */
export type FeeSides = Map<string, boolean>;

export interface Executions {
  order(exchangeOrderId: string): Promise<ExchangeOrder>;
  orders(exchangeOrderIds: readonly string[]): Promise<readonly ExchangeOrder[]>;
  fillsOf(order: ExchangeOrder): Promise<readonly Fill[]>;
  fillsSince(since: Instant): Promise<readonly Fill[]>;
}

/** Reads orders by id and what was executed of them. */
export const executionsOf = (client: KrakenClient, index: MarketIndex, feeSides: FeeSides): Executions => {
  const { caller } = client;

  const queryOrders = async (ids: readonly string[]): Promise<Readonly<Record<string, RawOrder>>> => {
    // Consolidated executions could change under an id that was recorded already.
    const params = { txid: ids.join(','), trades: 'true', consolidate_taker: 'false' };
    const orders = resultOf(caller, 'QueryOrders', await client.ask('QueryOrders', params), zQueriedOrders);
    for (const [id, raw] of Object.entries(orders)) feeSides.set(id, paysFeeInBase(raw));
    return orders;
  };

  const order = async (exchangeOrderId: string): Promise<ExchangeOrder> => {
    const raw = (await queryOrders([exchangeOrderId]))[exchangeOrderId];
    if (raw === undefined) {
      throw failure(caller, 'QueryOrders', 'UNKNOWN_ORDER', `no order ${exchangeOrderId}`);
    }
    return orderFrom(exchangeOrderId, raw, index);
  };

  const orders = async (exchangeOrderIds: readonly string[]): Promise<readonly ExchangeOrder[]> => {
    const found: ExchangeOrder[] = [];
    for (const ids of slices(exchangeOrderIds, ORDERS_PER_CALL)) {
      for (const [id, raw] of Object.entries(await queryOrders(ids))) found.push(orderFrom(id, raw, index));
    }
    return found;
  };

  const toFills = async (
    endpoint: string,
    trades: ReadonlyMap<string, RawTrade>,
  ): Promise<readonly Fill[]> => {
    const orderIds = [...new Set([...trades.values()].map((trade) => trade.ordertxid))];
    const unknown = orderIds.filter((id) => !feeSides.has(id));
    for (const ids of slices(unknown, ORDERS_PER_CALL)) await queryOrders(ids);
    return [...trades].map(([fillId, raw]) => {
      const feeInBase = feeSides.get(raw.ordertxid);
      if (feeInBase === undefined) {
        throw failure(
          caller,
          endpoint,
          'MALFORMED_ANSWER',
          `fill ${fillId} belongs to no order that is shown`,
        );
      }
      return fillFrom(caller, endpoint, fillId, raw, index, feeInBase);
    });
  };

  const fillsOf = async (asked: ExchangeOrder): Promise<readonly Fill[]> => {
    if (asked.filled.isZero()) return [];
    const listed = asked.fillIds.length > 0 ? asked : await order(asked.exchangeOrderId);
    const trades = new Map<string, RawTrade>();
    for (const ids of slices(listed.fillIds, TRADES_PER_CALL)) {
      const answer = await client.ask('QueryTrades', { txid: ids.join(',') });
      const found = resultOf(caller, 'QueryTrades', answer, zQueriedTrades);
      for (const [id, trade] of Object.entries(found)) {
        if (trade.ordertxid === asked.exchangeOrderId) trades.set(id, trade);
      }
    }
    const fills = await toFills('QueryTrades', trades);
    const sum = fills.reduce((total, fill) => plus(total, fill.quantity), ZERO_QUANTITY);
    if (!sum.eq(listed.filled)) {
      const said = `the fills of order ${asked.exchangeOrderId} add up to ${text(sum)}, the order says ${text(listed.filled)}`;
      throw failure(caller, 'QueryTrades', 'MALFORMED_ANSWER', said);
    }
    return inOrder(fills);
  };

  const fillsSince = async (since: Instant): Promise<readonly Fill[]> => {
    const trades = await allTrades(client, since);
    const wanted = new Map([...trades].filter(([, trade]) => trade.time >= since));
    return inOrder(await toFills('TradesHistory', wanted));
  };

  return { order, orders, fillsOf, fillsSince };
};

/**
 * All pages. The newest trades come first, so a trade that happens meanwhile pushes the list down: pages then
 * overlap, and the ids tell. What is newer than the first page is left to the next call.
 */
const allTrades = async (client: KrakenClient, since: Instant): Promise<ReadonlyMap<string, RawTrade>> => {
  const endpoint = 'TradesHistory';
  // Whole seconds and exclusive at the exchange: ask for one second more.
  const start = String(Math.max(0, Math.floor(since / 1000) - 1));
  const trades = new Map<string, RawTrade>();
  let offset = 0;
  for (let atLeast: number | undefined; ; ) {
    const params = { start, ofs: String(offset), type: 'all', consolidate_taker: 'false' };
    const page = resultOf(client.caller, endpoint, await client.ask(endpoint, params), zTradesHistory);
    const entries = Object.entries(page.trades);
    for (const [id, trade] of entries) trades.set(id, trade);
    atLeast ??= page.count;
    offset += entries.length;
    if (entries.length > 0 && offset < page.count) continue;
    if (trades.size >= atLeast) return trades;
    const said = `${trades.size} trades came of ${atLeast} announced`;
    throw failure(client.caller, endpoint, 'MALFORMED_ANSWER', said);
  }
};

/** By time, then by id. */
const inOrder = (fills: readonly Fill[]): readonly Fill[] =>
  fills.toSorted((a, b) => a.at - b.at || (a.fillId < b.fillId ? -1 : a.fillId > b.fillId ? 1 : 0));
