import { STAYER } from '../../infra/local/scenario/cast.ts';
import { quantity } from '../../shared/money/money.ts';
import {
  found,
  isOf,
  soldCopy,
  type Tampering,
  unsold,
  withCopies,
  withMarket,
  withOrders,
  withOutage,
  withView,
} from './tamper.ts';

/** Lies about what was ordered, and for which cause. */
export const ORDER_TAMPERINGS: readonly Tampering[] = [
  {
    check: 'sellNeverBlocked',
    what: 'a SELL that had something to sell ended NO_POSITION',
    tamper: (evidence) => unsold(evidence, 'NO_POSITION'),
    names: /u-ben held \S+ \S+ and sold 0, not/,
  },
  {
    check: 'sellNeverBlocked',
    what: 'a SELL above the minimums ended BELOW_MINIMUM',
    tamper: (evidence) => unsold(evidence, 'BELOW_MINIMUM'),
    names: /u-ben held \S+ \S+ and sold 0, not/,
  },
  {
    check: 'sellNeverBlocked',
    what: 'a SELL sold two steps less than its share',
    tamper: (evidence) => {
      const { order } = soldCopy(evidence);
      return withOrders(evidence, (orders) =>
        orders.map((other) =>
          other.orderId === order.orderId
            ? { ...other, filled: (Number(other.filled) - 0.00000002).toFixed(8) }
            : other,
        ),
      );
    },
    names: /u-ben held \S+ \S+ and sold/,
  },
  {
    check: 'sellNeverBlocked',
    what: 'the exit had nothing to sell',
    tamper: (evidence) => withOutage(evidence, { exit: { ...evidence.outage.exit, results: [] } }),
    names: /the exit sold nothing/,
  },
  {
    check: 'oneOrderPerCause',
    what: 'an order was placed again under another id',
    tamper: (evidence) => {
      const { order } = soldCopy(evidence);
      return withOrders(evidence, (orders) => [
        ...orders,
        { ...order, orderId: 'O-AGAIN', clientOrderId: 'f'.repeat(32) },
      ]);
    },
    names: /O-AGAIN of u-ben has no cause/,
  },
  {
    check: 'oneOrderPerCause',
    what: 'the ledger knows two ids of one cause, and the exchange two orders',
    tamper: (evidence) => {
      const { order } = soldCopy(evidence);
      const twin = 'f'.repeat(32);
      const doubled = withOrders(evidence, (orders) => [
        ...orders,
        { ...order, orderId: 'O-AGAIN', clientOrderId: twin },
      ]);
      return withView(doubled, STAYER, (view) => ({
        ...view,
        orders: new Map([
          ...view.orders,
          [twin, found(view.orders.get(order.clientOrderId ?? ''), 'order in the ledger')],
        ]),
      }));
    },
    names: /u-ben × t-\w+ has the orders \S+, O-AGAIN/,
  },
  {
    check: 'oneOrderPerCause',
    what: 'an order was placed again under the same id',
    tamper: (evidence) => {
      const { order } = soldCopy(evidence);
      return withOrders(evidence, (orders) => [...orders, { ...order, orderId: 'O-AGAIN' }]);
    },
    names: /O-AGAIN/,
  },
  {
    check: 'oneOrderPerCause',
    what: 'no answer was lost',
    tamper: (evidence) => withMarket(evidence, { lostAnswers: 0 }),
    names: /no answer was lost/,
  },
  {
    check: 'oneOrderPerCause',
    what: 'the same exit request sold again',
    tamper: (evidence) => withOutage(evidence, { orders: { before: 9, after: 10 } }),
    names: /same exit request placed another order/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a trade of the master was never published',
    tamper: (evidence) => {
      const [dropped, ...trades] = evidence.collected.trades;
      const rest = { ...evidence, collected: { ...evidence.collected, trades } };
      return withCopies(rest, (copy) => (copy.trade.tradeId === dropped?.tradeId ? [] : [copy]));
    },
    names: /more was filled than published: BUY/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a trade was published with less than was filled',
    tamper: (evidence) => ({
      ...evidence,
      collected: {
        ...evidence.collected,
        trades: evidence.collected.trades.map((trade, index) =>
          index === 1 ? { ...trade, quantity: quantity(trade.quantity.minus('0.00000001')) } : trade,
        ),
      },
    }),
    names: /^0\.00000001 more was filled than published/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a follower has no copy of a trade',
    tamper: (evidence) => withCopies(evidence, (copy) => (isOf(soldCopy(evidence).copy)(copy) ? [] : [copy])),
    names: /has no copy for u-ben/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a copy has not ended',
    tamper: (evidence) => {
      const same = isOf(soldCopy(evidence).copy);
      return withCopies(evidence, (copy) => {
        const { outcome: _forgotten, ...open } = copy;
        return [same(copy) ? open : copy];
      });
    },
    names: /for u-ben has not ended/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a message lies in a dead-letter queue',
    tamper: (evidence) => ({ ...evidence, deadLetters: 1 }),
    names: /1 messages are in dead-letter queues/,
  },
];
