import { Decimal, shown, ZERO } from './decimal.ts';
import type { Order, Trade } from './order-book.ts';

/** Seconds with a fraction, as the exchange writes time. */
export const seconds = (stamp: number): number => stamp / 1e6;

const VOLUME_DECIMALS = 8;

/** `buy 1.25000000 XBTUSD @ limit 37500.0` */
export const described = (order: Pick<Order, 'side' | 'type' | 'volume' | 'price' | 'pair'>): string => {
  const head = `${order.side} ${shown(order.volume, VOLUME_DECIMALS)} ${order.pair.altname} @ ${order.type}`;
  return order.price === undefined ? head : `${head} ${shown(order.price, order.pair.pairDecimals)}`;
};

const averagePrice = (order: Order): Decimal =>
  order.executed.isZero() ? ZERO : order.cost.div(order.executed);

/** An order as OpenOrders, ClosedOrders and QueryOrders list it. */
export const renderOrder = (order: Order, withTrades: boolean): Record<string, unknown> => {
  const { pairDecimals, costDecimals } = order.pair;
  const executed = order.inQuote ? order.cost : order.executed;
  return {
    refid: null,
    userref: order.userref ?? null,
    ...(order.clientId === undefined ? {} : { cl_ord_id: order.clientId }),
    status: order.status,
    ...(order.status === 'open' ? {} : { reason: order.reason }),
    opentm: seconds(order.openStamp),
    ...(order.closeStamp === undefined ? {} : { closetm: seconds(order.closeStamp) }),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: order.pair.altname,
      type: order.side,
      ordertype: order.type,
      price: order.price === undefined ? '0' : shown(order.price, pairDecimals),
      price2: '0',
      leverage: 'none',
      order: described(order),
      close: '',
    },
    vol: shown(order.volume, VOLUME_DECIMALS),
    vol_exec: shown(executed, VOLUME_DECIMALS),
    cost: shown(order.cost, costDecimals),
    fee: shown(feeInQuote(order, order.trades), costDecimals),
    price: averagePrice(order).toFixed(pairDecimals, Decimal.ROUND_HALF_UP),
    stopprice: shown(ZERO, costDecimals),
    limitprice: shown(ZERO, costDecimals),
    misc: '',
    oflags: order.flags,
    ...(withTrades && order.trades.length > 0 ? { trades: order.trades.map((trade) => trade.id) } : {}),
  };
};

/** In quote units also where it was taken in base: so Kraken shows it, and only its ledger tells what was taken. */
const feeInQuote = (
  { fee, feeInBase }: Pick<Trade, 'fee' | 'feeInBase'>,
  trades: readonly Pick<Trade, 'fee' | 'price'>[],
): Decimal => (feeInBase ? trades.reduce((sum, trade) => sum.plus(trade.fee.times(trade.price)), ZERO) : fee);

/** An execution as TradesHistory and QueryTrades list it. */
export const renderTrade = (trade: Trade): Record<string, unknown> => ({
  ordertxid: trade.orderId,
  postxid: trade.positionId,
  pair: trade.pair.id,
  time: seconds(trade.stamp),
  type: trade.side,
  ordertype: trade.type,
  price: shown(trade.price, trade.pair.pairDecimals),
  cost: shown(trade.cost, trade.pair.costDecimals),
  fee: shown(feeInQuote(trade, [trade]), trade.pair.costDecimals),
  vol: shown(trade.volume, VOLUME_DECIMALS),
  margin: shown(ZERO, trade.pair.costDecimals),
  misc: '',
  trade_id: trade.number,
  maker: trade.maker,
  ledgers: trade.ledgerIds,
});
