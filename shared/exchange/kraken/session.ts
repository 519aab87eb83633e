import { fraction } from '../../money/money.ts';
import { type Instant, MINUTE } from '../../time/clock.ts';
import { atOnce, type ExchangeOrder, type KeyInfo, type Patience, type PrivateSession } from '../exchange.ts';
import type { Market } from '../market.ts';
import { failure, resultOf } from './answer.ts';
import { balancesFrom } from './balances.ts';
import type { KrakenClient } from './client.ts';
import { executionsOf, type FeeSides } from './executions.ts';
import { orderFrom, paysFeeInBase } from './orders.ts';
import { indexOf } from './pairs.ts';
import { place } from './placement.ts';
import {
  type RawOrder,
  zBalances,
  zCanceled,
  zClosedOrders,
  zKeyInfo,
  zOpenOrders,
  zTradeVolume,
} from './schemas.ts';

/** How far the exchange's clock may be behind ours. */
const SKEW = 5 * MINUTE;

/** `Withdraw_Funds` and `withdrawFunds` are `withdraw-funds`. */
const kebab = (permission: string): string =>
  permission
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_\s]+/g, '-')
    .toLowerCase();

const QUERY = ['query-funds', 'query-open-trades', 'query-closed-trades'];
const TRADE = ['modify-trades', 'close-trades'];
const WITHDRAW = ['withdraw-funds', 'add-withdraw-address', 'update-withdraw-address'];

/** Of several orders under one client id the one that did the most; there should never be several. */
const weightiest = (a: ExchangeOrder, b: ExchangeOrder): number =>
  b.filled.comparedTo(a.filled) || b.openedAt - a.openedAt;

export const krakenSession = (
  accountId: string,
  client: KrakenClient,
  markets: readonly Market[],
  feeSides: FeeSides = new Map(),
): PrivateSession => {
  const { caller } = client;
  const index = indexOf(markets);
  const executions = executionsOf(client, index, feeSides);

  const toOrders = (raw: Readonly<Record<string, RawOrder>>): readonly ExchangeOrder[] =>
    Object.entries(raw).map(([id, order]) => {
      feeSides.set(id, paysFeeInBase(order));
      return orderFrom(id, order, index);
    });

  const open = async (filter: { readonly cl_ord_id?: string }): Promise<readonly ExchangeOrder[]> => {
    const answer = await client.ask('OpenOrders', { trades: 'true', ...filter });
    return toOrders(resultOf(caller, 'OpenOrders', answer, zOpenOrders).open);
  };

  const closed = async (
    clientOrderId: string,
    since: Instant,
    patiently: Patience,
  ): Promise<readonly ExchangeOrder[]> => {
    const start = String(Math.max(0, Math.floor((since - SKEW) / 1000)));
    const seen = new Set<string>();
    for (let offset = 0; ; ) {
      const params = {
        cl_ord_id: clientOrderId,
        start,
        ofs: String(offset),
        trades: 'true',
        consolidate_taker: 'false',
      };
      const page = await patiently(async () => {
        const answer = await client.ask('ClosedOrders', params);
        return resultOf(caller, 'ClosedOrders', answer, zClosedOrders);
      });
      const orders = toOrders(page.closed);
      const mine = orders.filter((order) => order.clientOrderId === clientOrderId);
      offset += orders.length;
      if (mine.length > 0 || offset >= page.count) return mine;
      const before = seen.size;
      for (const { exchangeOrderId } of orders) seen.add(exchangeOrderId);
      // Who is not on the pages that came may be on one that did not: that is no absence.
      if (seen.size === before) {
        const said = `${seen.size} closed orders came of ${page.count} announced`;
        throw failure(caller, 'ClosedOrders', 'MALFORMED_ANSWER', said);
      }
    }
  };

  return {
    accountId,
    balances: async () =>
      balancesFrom(resultOf(caller, 'BalanceEx', await client.ask('BalanceEx', {}), zBalances)),
    place: (order) => place(client, order),
    findByClientOrderId: async (clientOrderId, since, patiently = atOnce) => {
      const openOnes = await patiently(() => open({ cl_ord_id: clientOrderId }));
      const mine = openOnes.filter((order) => order.clientOrderId === clientOrderId);
      return mine[0] ?? (await closed(clientOrderId, since, patiently)).toSorted(weightiest)[0];
    },
    order: executions.order,
    orders: executions.orders,
    fillsOf: executions.fillsOf,
    fillsSince: executions.fillsSince,
    openOrders: () => open({}),
    cancel: async (exchangeOrderId) => {
      const answer = await client.ask('CancelOrder', { txid: exchangeOrderId });
      const { count } = resultOf(caller, 'CancelOrder', answer, zCanceled);
      if (count === 0) {
        throw failure(caller, 'CancelOrder', 'UNKNOWN_ORDER', `order ${exchangeOrderId} is not open`);
      }
    },
    takerFee: async (market) => {
      const answer = await client.ask('TradeVolume', { pair: market.exchangeId });
      const { fees } = resultOf(caller, 'TradeVolume', answer, zTradeVolume);
      const percent = (fees[market.exchangeId] ?? fees[market.altname])?.fee;
      if (percent === undefined) {
        throw failure(caller, 'TradeVolume', 'MALFORMED_ANSWER', `no fee for ${market.symbol}`);
      }
      return fraction(percent.div(100));
    },
    keyInfo: async (): Promise<KeyInfo> => {
      const answer = await client.ask('GetApiKeyInfo', {});
      const told = resultOf(caller, 'GetApiKeyInfo', answer, zKeyInfo);
      const { permissions, nonceWindow, ipAllowList, expiresAt, seesAllTimes } = told;
      const names = new Set(permissions.map(kebab));
      return {
        // What lies outside of its time would look as if it had never been.
        canQuery: seesAllTimes && QUERY.every((name) => names.has(name)),
        canTrade: TRADE.every((name) => names.has(name)),
        canWithdraw: WITHDRAW.some((name) => names.has(name)),
        permissions: permissions.toSorted(),
        ...(nonceWindow === undefined ? {} : { nonceWindow }),
        ...(ipAllowList === undefined ? {} : { ipAllowList }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
    },
  };
};
