import { LEAST_CANDLES, MASTER_ID, SLOW, STAYER } from '../../infra/local/scenario/cast.ts';
import { quantity } from '../../shared/money/money.ts';
import {
  answerOf,
  found,
  slowTrade,
  soldCopy,
  type Tampering,
  withBooks,
  withCopies,
  withMarket,
  withOrders,
  withOutage,
  withView,
} from './tamper.ts';

/** Lies about the run as a whole: its length, its sums, its halt, its slow account. */
export const MARKET_TAMPERINGS: readonly Tampering[] = [
  {
    check: 'enoughWasTraded',
    what: 'too few candles were traded through',
    tamper: (evidence) => withMarket(evidence, { candles: LEAST_CANDLES - 1 }),
    names: /only 599 candles/,
  },
  {
    check: 'enoughWasTraded',
    what: 'a tick failed while the master lived',
    tamper: (evidence) => withMarket(evidence, { failedTicks: ['EService:Busy'] }),
    names: /a tick failed before the outage: EService:Busy/,
  },
  {
    check: 'enoughWasTraded',
    what: 'the exchange saw only the master trade',
    tamper: (evidence) =>
      withOrders(evidence, (orders) => orders.filter(({ accountId }) => accountId === MASTER_ID)),
    names: /only 0 BUY and 0 SELL/,
  },
  {
    check: 'nothingOversold',
    what: 'an account holds less than nothing',
    tamper: (evidence) =>
      withBooks(evidence, {
        balances: (id) =>
          id === 'u-cho' ? { BTC: { total: '-0.1', held: '0', free: '-0.1' } } : evidence.books.balances(id),
      }),
    names: /u-cho holds -0\.1 BTC/,
  },
  {
    check: 'anErrorIsNeverZero',
    what: 'an error page became a balance',
    tamper: (evidence) => withOutage(evidence, { failing: answerOf(evidence, STAYER) }),
    names: /a balance was shown for u-ben/,
  },
  {
    check: 'haltStopsEveryBuy',
    what: 'a follower bought while halted',
    tamper: (evidence) => {
      const trade = found(
        evidence.collected.trades.find(
          ({ exchangeOrderId }) => exchangeOrderId === evidence.halt.boughtOrderId,
        ),
        'trade made while halted',
      );
      return withCopies(evidence, (copy) =>
        copy.accountId === STAYER && copy.trade.tradeId === trade.tradeId
          ? [{ ...copy, outcome: found(soldCopy(evidence).copy.outcome, 'outcome') }]
          : [copy],
      );
    },
    names: /u-ben was not stopped by the halt: FILLED/,
  },
  {
    check: 'haltStopsEveryBuy',
    what: 'nothing was bought while halted',
    tamper: (evidence) => ({
      ...evidence,
      halt: { ...evidence.halt, tradeIds: [], boughtOrderId: 'O-NONE' },
    }),
    names: /no BUY was published while halted/,
  },
  {
    check: 'ledgerEqualsExchange',
    what: 'a fill is missing from the ledger',
    tamper: (evidence) => withView(evidence, STAYER, (view) => ({ ...view, fills: view.fills.slice(1) })),
    names: /of u-ben that the ledger has not/,
  },
  {
    check: 'ledgerEqualsExchange',
    what: 'a position has a step too much',
    tamper: (evidence) =>
      withView(evidence, STAYER, (view) => ({
        ...view,
        positions: view.positions.map((position) => ({
          ...position,
          quantity: quantity(position.quantity.plus('0.00000001')),
        })),
      })),
    names: /u-ben has \S+ \S+ in the ledger and/,
  },
  {
    check: 'oneSlowAccountDelaysNoOther',
    what: 'no order was answered late',
    tamper: (evidence) =>
      withCopies(evidence, (copy) => [
        copy.accountId === SLOW && copy.finishedAt !== undefined
          ? { ...copy, finishedAt: copy.createdAt + 1 }
          : copy,
      ]),
    names: /no order of u-ann from its 3rd on was answered late/,
  },
  {
    check: 'oneSlowAccountDelaysNoOther',
    what: 'another account ended only after the slow one',
    tamper: (evidence) => {
      const { tradeId, until } = slowTrade(evidence);
      return withCopies(evidence, (copy) => [
        copy.accountId === 'u-cho' && copy.trade.tradeId === tradeId
          ? { ...copy, finishedAt: until + 1 }
          : copy,
      ]);
    },
    names: /u-cho ended its copy of t-\w+ only after u-ann/,
  },
  {
    check: 'oneSlowAccountDelaysNoOther',
    what: 'all others had ended before the slow one even asked',
    tamper: (evidence) =>
      withCopies(evidence, (copy) => [
        copy.accountId !== SLOW && copy.finishedAt !== undefined
          ? { ...copy, finishedAt: copy.createdAt }
          : copy,
      ]),
    names: /0 of \d other copies/,
  },
  {
    check: 'aPositionNobodyExitsStays',
    what: 'a position was sold that nobody asked to sell',
    tamper: (evidence) =>
      withBooks(evidence, {
        balances: (id) =>
          id === STAYER ? { USD: { total: '1', held: '0', free: '1' } } : evidence.books.balances(id),
      }),
    names: /u-ben held \S+ \S+ before the outage and/,
  },
];
