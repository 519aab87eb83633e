import type { ExchangeOrder, Fill, OrderToSend, Placement } from '../../shared/exchange/exchange.ts';
import type { SellOutPorts, SellTarget } from '../../shared/exit/sell-out.ts';
import type { Position } from '../../shared/ledger/position.ts';
import {
  least,
  lessAtMost,
  notional,
  price,
  type Quantity,
  quantity,
  quote,
  ZERO_QUANTITY,
} from '../../shared/money/money.ts';
import { BTC, market, NOON } from '../copying/made.ts';
import { ACCOUNT, atTheExchange, closedOrder, orderItems, unasked } from '../order/at-the-exchange.ts';

export const COIN = market(BTC, {
  quantityStep: quantity('0.01'),
  minimumQuantity: quantity('0.05'),
  minimumCost: quote('10'),
});
const PRICE = price('100');
/** Of each unit sold, in quote units. */
const FEE = price('0.25');

/** What one order meets: at most so much is bought, or the exchange answers with something else. */
export type Meets = { readonly buys: string } | Placement;

export interface Holdings {
  readonly managed: string;
  readonly total: string;
  /** All, where not given. */
  readonly free?: string;
  readonly bonded?: string;
  /** What the orders meet, one after the other; all is bought after the last. */
  readonly meets?: readonly Meets[];
  readonly feeAsset?: string;
  /** The exchange lists the coin among the balances, unless said otherwise. */
  readonly listed?: false;
  /** The holdings as of the second look. */
  readonly later?: { readonly total: string };
}

/** One account with one coin, at an exchange that buys it at 100 a piece for a quarter a piece. */
export const oneCoin = (holdings: Holdings) => {
  let total = quantity(holdings.total);
  let free = quantity(holdings.free ?? holdings.total);
  let looks = 0;
  let position: Position | undefined =
    holdings.managed === '0'
      ? undefined
      : {
          accountId: ACCOUNT,
          symbol: BTC,
          quantity: quantity(holdings.managed),
          costBasis: quote('50'),
          openedAt: NOON,
          version: 1,
        };
  const meets = [...(holdings.meets ?? [])];
  const executed = new Map<string, { readonly order: ExchangeOrder; readonly fills: readonly Fill[] }>();
  const recorded: Fill[] = [];
  const told: string[] = [];
  const kept: number[] = [];

  const trade = (sent: OrderToSend, most: Quantity): string => {
    const exchangeOrderId = `O-${executed.size + 1}`;
    const filled = least(sent.quantity, most, free);
    total = lessAtMost(total, filled);
    free = lessAtMost(free, filled);
    const common = { exchangeOrderId, symbol: BTC, side: 'SELL', cost: notional(filled, PRICE) } as const;
    const fill: Fill = {
      ...common,
      fillId: `F-${exchangeOrderId}`,
      quantity: filled,
      price: PRICE,
      fee: { asset: holdings.feeAsset ?? 'USD', amount: quantity(notional(filled, FEE)) },
      at: NOON,
    };
    executed.set(exchangeOrderId, {
      order: closedOrder({
        ...common,
        quantity: sent.quantity,
        clientOrderId: sent.clientOrderId,
        filled,
        fillIds: [fill.fillId],
      }),
      fills: filled.isZero() ? [] : [fill],
    });
    return exchangeOrderId;
  };

  const there = atTheExchange({
    place: async (sent) => {
      const met = meets.shift() ?? { buys: '1000000' };
      return 'outcome' in met ? met : { outcome: 'PLACED', exchangeOrderId: trade(sent, quantity(met.buys)) };
    },
  });
  const orders = orderItems();
  const known = (id: string) => {
    const found = executed.get(id);
    if (found === undefined) throw new Error(`nobody placed ${id}`);
    return found;
  };
  const ports: SellOutPorts = {
    ledger: {
      orders,
      positions: {
        get: async () => position,
        list: async () => (position === undefined ? [] : [position]),
      },
      fills: {
        recorded: async () => new Set(recorded.map(({ fillId }) => fillId)),
        list: unasked,
        since: unasked,
      },
      copies: {
        create: unasked,
        get: unasked,
        progress: unasked,
        finish: unasked,
        list: unasked,
        unfinished: unasked,
        saveOwed: unasked,
      },
      recordExecution: async ({ fills, position: { after }, order }) => {
        recorded.push(...fills);
        position = after;
        if (order !== undefined) await orders.replace(order.before, order.after);
      },
    },
    session: {
      ...there.ports.session,
      balances: async () => {
        looks += 1;
        if (looks === 2 && holdings.later !== undefined) {
          total = quantity(holdings.later.total);
          free = total;
        }
        const bonded = holdings.bonded === undefined ? {} : { bonded: quantity(holdings.bonded) };
        return [
          { asset: 'USD', total: quantity('7'), free: quantity('7'), held: ZERO_QUANTITY },
          ...(holdings.listed === false
            ? []
            : [{ asset: 'BTC', total, free, held: lessAtMost(total, free), ...bonded }]),
        ];
      },
      findByClientOrderId: async (id) =>
        [...executed.values()].find(({ order }) => order.clientOrderId === id)?.order,
      order: async (id) => known(id).order,
      fillsOf: async ({ exchangeOrderId }) => known(exchangeOrderId).fills,
    },
    everListed: [market('ETH/USD'), COIN],
    priceOf: async () => PRICE,
    clock: there.ports.clock,
    log: there.ports.log,
    meter: {
      count: (metric: string) => {
        told.push(metric);
      },
      milliseconds: () => {},
      basisPoints: () => {},
      quoteUnits: () => {},
    },
    keep: async () => {
      kept.push(there.ports.clock.now());
    },
  };
  return {
    ...there,
    ports,
    orders,
    trade,
    told,
    kept,
    recorded,
    position: () => position,
    looks: () => looks,
  };
};

export const target = (facts: Partial<SellTarget> = {}): SellTarget => ({
  accountId: ACCOUNT,
  scope: 'managed',
  symbol: BTC,
  mayRest: false,
  earlier: undefined,
  why: 'exit out',
  causeOf: (round) => ({ kind: 'exit', accountId: ACCOUNT, requestId: 'out', symbol: BTC, round }),
  ...facts,
});
