import { plus, text, ZERO_QUANTITY } from '../../money/money.ts';
import type { Instant } from '../../time/clock.ts';
import {
  atOnce,
  type ExchangeOrder,
  type Executions,
  type Fill,
  type PagedReading,
  type Patience,
  type UnlistedFill,
} from '../exchange.ts';
import { failure, resultOf } from './answer.ts';
import type { KrakenClient } from './client.ts';
import { tradesSince } from './history.ts';
import { fillFrom, orderFrom, paysFeeInBase, type TradedMarket } from './orders.ts';
import type { MarketIndex } from './pairs.ts';
import { type RawOrder, type RawTrade, zQueriedOrders, zQueriedTrades } from './schemas.ts';

const TRADES_PER_CALL = 20;
const ORDERS_PER_CALL = 50;

const slices = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, page) =>
    items.slice(page * size, (page + 1) * size),
  );

/** Which of an account's orders pay fees in base: trades do not say it, orders do. */
export type FeeSides = Map<string, boolean>;

export interface ExecutionCalls {
  order(exchangeOrderId: string): Promise<ExchangeOrder>;
  orders(exchangeOrderIds: readonly string[], patiently?: Patience): Promise<readonly ExchangeOrder[]>;
  fillsOf(order: ExchangeOrder, patiently?: Patience): Promise<readonly Fill[]>;
  fillsSince(since: Instant, reading: PagedReading): Promise<Executions>;
}

/** Whether a trade's order pays fees in base. */
type FeeSide = (fillId: string, trade: RawTrade) => boolean;

/** Reads orders by id and what was executed of them. */
export const executionsOf = (
  client: KrakenClient,
  index: MarketIndex,
  feeSides: FeeSides,
): ExecutionCalls => {
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

  const orders = async (
    exchangeOrderIds: readonly string[],
    patiently: Patience = atOnce,
  ): Promise<readonly ExchangeOrder[]> => {
    const found: ExchangeOrder[] = [];
    for (const ids of slices(exchangeOrderIds, ORDERS_PER_CALL)) {
      const told = await patiently(() => queryOrders(ids));
      for (const [id, raw] of Object.entries(told)) found.push(orderFrom(id, raw, index));
    }
    return found;
  };

  const feeSidesOf = async (
    endpoint: string,
    trades: ReadonlyMap<string, RawTrade>,
    patiently: Patience = atOnce,
  ): Promise<FeeSide> => {
    const orderIds = [...new Set([...trades.values()].map((trade) => trade.ordertxid))];
    const unknown = orderIds.filter((id) => !feeSides.has(id));
    for (const ids of slices(unknown, ORDERS_PER_CALL)) await patiently(() => queryOrders(ids));
    return (fillId, { ordertxid }) => {
      const feeInBase = feeSides.get(ordertxid);
      if (feeInBase !== undefined) return feeInBase;
      const said = `fill ${fillId} belongs to no order that is shown`;
      throw failure(caller, endpoint, 'MALFORMED_ANSWER', said);
    };
  };

  const fillsOf = async (asked: ExchangeOrder, patiently: Patience = atOnce): Promise<readonly Fill[]> => {
    if (asked.filled.isZero()) return [];
    const endpoint = 'QueryTrades';
    const listed = asked.fillIds.length > 0 ? asked : await patiently(() => order(asked.exchangeOrderId));
    const trades = new Map<string, RawTrade>();
    for (const ids of slices(listed.fillIds, TRADES_PER_CALL)) {
      const found = await patiently(async () => {
        const answer = await client.ask(endpoint, { txid: ids.join(',') });
        return resultOf(caller, endpoint, answer, zQueriedTrades);
      });
      for (const [id, trade] of Object.entries(found)) {
        if (trade.ordertxid === asked.exchangeOrderId) trades.set(id, trade);
      }
    }
    const feeSide = await feeSidesOf(endpoint, trades, patiently);
    const fills = [...trades].map(([id, raw]) => {
      const market = index.byPair(raw.pair);
      if (market !== undefined) return fillFrom(caller, endpoint, id, raw, market, feeSide(id, raw));
      // Whoever asks for an order's fills records them, and that needs the rules of the market.
      const said = `fill ${id} is in a market that is not in the cached rules (given '${raw.pair}')`;
      throw failure(caller, endpoint, 'UNKNOWN_PAIR', said);
    });
    const sum = fills.reduce((total, fill) => plus(total, fill.quantity), ZERO_QUANTITY);
    if (!sum.eq(listed.filled)) {
      const said = `the fills of order ${asked.exchangeOrderId} add up to ${text(sum)}, the order says ${text(listed.filled)}`;
      throw failure(caller, endpoint, 'MALFORMED_ANSWER', said);
    }
    return inOrder(fills);
  };

  const fillsSince = async (since: Instant, reading: PagedReading): Promise<Executions> => {
    const endpoint = 'TradesHistory';
    const { trades: listed, readTo } = await tradesSince(client, since, reading);
    const trades = new Map([...listed].filter(([, raw]) => !isOnMargin(raw)));
    const feeSide = await feeSidesOf(endpoint, trades, reading.patiently);
    const fills: Fill[] = [];
    const unlisted: UnlistedFill[] = [];
    for (const [fillId, raw] of trades) {
      const as = (market: TradedMarket): Fill =>
        fillFrom(caller, endpoint, fillId, raw, market, feeSide(fillId, raw));
      const market = index.byPair(raw.pair);
      if (market !== undefined) fills.push(as(market));
      else {
        const { ordertxid: exchangeOrderId, pair, time: at } = raw;
        const guessed = index.byName(pair);
        const read = guessed === undefined ? {} : { read: as(guessed) };
        unlisted.push({ fillId, exchangeOrderId, pair, at, ...read });
      }
    }
    const upTo = readTo === undefined ? {} : { readTo };
    const onMargin = [...listed.values()]
      .filter(isOnMargin)
      .map(({ time }) => time)
      .sort((a, b) => a - b);
    return { fills: inOrder(fills), unlisted: inOrder(unlisted), onMargin, ...upTo };
  };

  return { order, orders, fillsOf, fillsSince };
};

/** Whether it opened a position on margin, or closed one: what the account itself has of the asset is as before. */
const isOnMargin = ({ margin, misc, posstatus }: RawTrade): boolean =>
  typeof posstatus === 'string' || margin?.gt(0) === true || misc?.split(',').includes('closing') === true;

/** By time, then by id. */
const inOrder = <T extends Pick<Fill, 'fillId' | 'at'>>(fills: readonly T[]): readonly T[] =>
  fills.toSorted((a, b) => a.at - b.at || (a.fillId < b.fillId ? -1 : a.fillId > b.fillId ? 1 : 0));
