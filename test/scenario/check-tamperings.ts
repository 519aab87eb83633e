import type { BookedOrder } from '../../infra/local/kraken/books.ts';
import { HANGING, MOVER, PROTECTED, REFUSED } from '../../infra/local/scenario/cast.ts';
import type { Evidence } from '../../infra/local/scenario/evidence.ts';
import { quantity } from '../../shared/money/money.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { found, type Tampering, withCopies, withOrders, withOutage, withView } from './tamper.ts';

const withProtection = (evidence: Evidence, change: Partial<Evidence['outage']['protection']>): Evidence =>
  withOutage(evidence, { protection: { ...evidence.outage.protection, ...change } });
const withHalt = (evidence: Evidence, change: Partial<Evidence['halt']>): Evidence => ({
  ...evidence,
  halt: { ...evidence.halt, ...change },
});
const withChecks = (evidence: Evidence, change: Partial<Evidence['checks']>): Evidence => ({
  ...evidence,
  checks: { ...evidence.checks, ...change },
});

const isStop =
  ({ outage: { protection } }: Evidence) =>
  ({ accountId, side, symbol, openedAt }: BookedOrder): boolean =>
    accountId === PROTECTED &&
    side === 'SELL' &&
    symbol === protection.symbol &&
    openedAt >= protection.fall.at;
const stopOrder = (evidence: Evidence): BookedOrder =>
  found(evidence.books.orders().find(isStop(evidence)), 'order of a stop');
const withStop = (evidence: Evidence, change: Partial<BookedOrder>): Evidence =>
  withOrders(evidence, (orders) =>
    orders.map((order) => (isStop(evidence)(order) ? { ...order, ...change } : order)),
  );

const soldTradeId = ({ collected, halt }: Evidence): string =>
  found(
    collected.trades.find(({ exchangeOrderId }) => exchangeOrderId === halt.soldOrderId),
    'trade sold while halted',
  ).tradeId;
const owedId = (evidence: Evidence, round: number): string =>
  clientOrderIdOf({ kind: 'owed', accountId: REFUSED, tradeId: soldTradeId(evidence), round });
const isOwed = (evidence: Evidence) => {
  const id = owedId(evidence, 1);
  return (order: BookedOrder): boolean => order.accountId === REFUSED && order.clientOrderId === id;
};
const withOwed = (evidence: Evidence, change: Partial<BookedOrder>): Evidence => {
  const isIt = isOwed(evidence);
  return withOrders(evidence, (orders) =>
    orders.map((order) => (isIt(order) ? { ...order, ...change } : order)),
  );
};
const unmade = (evidence: Evidence): Evidence =>
  withCopies(evidence, (copy) => {
    if (copy.owed === undefined) return [copy];
    const { madeGood: _forgotten, ...owed } = copy.owed;
    return [{ ...copy, owed }];
  });

/** Lies about what checks did, and about whom they waited for. */
export const CHECK_TAMPERINGS: readonly Tampering[] = [
  {
    check: 'haltStopsEveryBuy',
    what: 'the halt was lifted in between',
    tamper: (evidence) => withHalt(evidence, { engaged: [true, false] }),
    names: /the halt was not engaged/,
  },
  {
    check: 'haltStopsNoSell',
    what: 'the owner sold nothing while halted',
    tamper: (evidence) => withHalt(evidence, { soldOrderId: 'O-NONE' }),
    names: /no SELL was published while halted/,
  },
  {
    check: 'haltStopsNoSell',
    what: 'no follower sold while halted',
    tamper: (evidence) =>
      withOrders(evidence, (orders) => {
        const { from, until } = evidence.halt;
        return orders.filter(({ openedAt }) => openedAt < from || openedAt > until);
      }),
    names: /0 followers sold what the master sold/,
  },
  {
    check: 'haltStopsNoSell',
    what: 'the exit ran when nothing was halted',
    tamper: (evidence) => withOutage(evidence, { exitHalted: false }),
    names: /no exit of u-ann sold while halted/,
  },
  {
    check: 'haltStopsNoSell',
    what: 'the stop fired when nothing was halted',
    tamper: (evidence) => withProtection(evidence, { halted: false }),
    names: /no stop of u-cho sold while halted/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'the position was not sold',
    tamper: (evidence) => withOrders(evidence, (orders) => orders.filter((o) => !isStop(evidence)(o))),
    names: /0 orders sold the position of u-cho/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'the position was sold twice',
    tamper: (evidence) =>
      withOrders(evidence, (orders) => [...orders, { ...stopOrder(evidence), orderId: 'O-AGAIN' }]),
    names: /2 orders sold the position of u-cho/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'a half was sold',
    tamper: (evidence) => {
      const { filled, cost } = stopOrder(evidence);
      return withStop(evidence, { filled: String(Number(filled) / 2), cost: String(Number(cost) / 2) });
    },
    names: /u-cho held \S+ \S+ and sold/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'the sale came far below the stop',
    tamper: (evidence) => withStop(evidence, { cost: String(Number(stopOrder(evidence).cost) * 0.9) }),
    names: /u-cho was sold at \S+, its stop was/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'the sale came before the stop was reached',
    tamper: (evidence) => withStop(evidence, { cost: String(Number(stopOrder(evidence).cost) * 1.02) }),
    names: /u-cho was sold at \S+, its stop was/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'somebody asked for the sale',
    tamper: (evidence) =>
      withView(evidence, PROTECTED, (view) => ({
        ...view,
        orders: new Map([
          ...view.orders,
          [stopOrder(evidence).clientOrderId ?? '', { cause: '["exit","u-cho","asked","BTC/USD",1]' }],
        ]),
      })),
    names: /u-cho was sold for another cause: exit/,
  },
  {
    check: 'stopFiresWithoutTheMaster',
    what: 'the master was still there',
    tamper: (evidence) => withOutage(evidence, { masterError: undefined }),
    names: /the master was not away/,
  },
  {
    check: 'failedSaleIsMadeGood',
    what: 'no sale was refused',
    tamper: (evidence) => withHalt(evidence, { refusals: 0 }),
    names: /refused 0 sales of u-fay/,
  },
  {
    check: 'failedSaleIsMadeGood',
    what: 'the sale is still owed',
    tamper: unmade,
    names: /the sale of u-fay is still owed/,
  },
  {
    check: 'failedSaleIsMadeGood',
    what: 'two checks sold it',
    tamper: (evidence) =>
      withOrders(evidence, (orders) => {
        const order = found(orders.find(isOwed(evidence)), 'order of an owed sale');
        return [...orders, { ...order, orderId: 'O-AGAIN', clientOrderId: owedId(evidence, 2) }];
      }),
    names: /u-fay held \S+ \S+ and sold \S+ in 2 orders/,
  },
  {
    check: 'failedSaleIsMadeGood',
    what: 'a part of it was sold',
    tamper: (evidence) => withOwed(evidence, { filled: '0.00000001' }),
    names: /u-fay held \S+ \S+ and sold 0\.00000001 in 1 orders/,
  },
  {
    check: 'failedSaleIsMadeGood',
    what: 'it was sold only when the halt was over',
    tamper: (evidence) => withOwed(evidence, { openedAt: evidence.halt.until + 1 }),
    names: /sold only after the halt/,
  },
  {
    check: 'everyCopyEnded',
    what: 'a SELL failed and was not made good',
    tamper: unmade,
    names: /for u-fay failed/,
  },
  {
    check: 'driftIsFoundAndNamed',
    what: 'no check has noticed',
    tamper: (evidence) => withView(evidence, MOVER, (view) => ({ ...view, drifts: [] })),
    names: /no check found that \S+ \S+ of u-fay are missing/,
  },
  {
    check: 'driftIsFoundAndNamed',
    what: 'the drift has another figure',
    tamper: (evidence) =>
      withView(evidence, MOVER, (view) => ({
        ...view,
        drifts: view.drifts.map((drift) => ({ ...drift, held: quantity('0') })),
      })),
    names: /the drift says \S+ and 0/,
  },
  {
    check: 'driftIsFoundAndNamed',
    what: 'another account is said to have one',
    tamper: (evidence) => {
      const drifts = found(
        evidence.collected.accounts.find(({ accountId }) => accountId === MOVER),
        'ledger of the mover',
      ).drifts.map((drift) => ({ ...drift, accountId: 'u-ben' }));
      return withView(evidence, 'u-ben', (view) => ({ ...view, drifts }));
    },
    names: /u-ben has a drift in \S+ that nobody made/,
  },
  {
    check: 'everyUserIsChecked',
    what: 'a round reached fewer users',
    tamper: (evidence) =>
      withChecks(evidence, { rounds: evidence.checks.rounds.map((round) => ({ ...round, accounts: 5 })) }),
    names: /reached 5 of 6/,
  },
  {
    check: 'everyUserIsChecked',
    what: 'a round of the outage was left out',
    tamper: (evidence) =>
      withChecks(evidence, {
        rounds: evidence.checks.rounds.filter(({ at }) => at !== evidence.outage.protection.fall.at),
      }),
    names: /2 of \d+ rounds were made with the master gone/,
  },
  {
    check: 'everyUserIsChecked',
    what: 'nobody was checked with the master gone',
    tamper: (evidence) =>
      withChecks(evidence, {
        rounds: evidence.checks.rounds.filter(({ at }) => at < evidence.outage.from),
      }),
    names: /0 of \d+ rounds were made with the master gone/,
  },
  {
    check: 'everyUserIsChecked',
    what: 'a check failed',
    tamper: (evidence) => {
      const failed = evidence.checks.runs.findLast(({ accountId }) => accountId === 'u-cho');
      return withChecks(evidence, {
        runs: evidence.checks.runs.map((run) => (run === failed ? { ...run, completed: false } : run)),
      });
    },
    names: /u-cho was checked \d+ times in \d+ rounds/,
  },
  {
    check: 'hangingAccountDelaysNoOther',
    what: 'the exchange answered all',
    tamper: (evidence) =>
      withProtection(evidence, { hanging: { ...evidence.outage.protection.hanging, unanswered: 0 } }),
    names: /the exchange answered u-ann all the time/,
  },
  {
    check: 'hangingAccountDelaysNoOther',
    what: 'the others ended only after the one that hung',
    tamper: (evidence) => {
      const { hanging } = evidence.outage.protection;
      const ended = hanging.ended.toSorted(
        (a, b) => Number(b.accountId === HANGING) - Number(a.accountId === HANGING),
      );
      return withProtection(evidence, { hanging: { ...hanging, ended } });
    },
    names: /the check of u-ben did not end while u-ann hung/,
  },
  {
    check: 'hangingAccountDelaysNoOther',
    what: 'the others had ended before the one that hung began',
    tamper: (evidence) => {
      const { hanging } = evidence.outage.protection;
      const ended = hanging.ended.map((run) =>
        run.accountId === HANGING ? { ...run, from: run.until } : run,
      );
      return withProtection(evidence, { hanging: { ...hanging, ended } });
    },
    names: /the check of u-ben did not end while u-ann hung/,
  },
];
