import { Decimal } from 'decimal.js';
import { type Side, text } from '../../../shared/money/money.ts';
import { LEAST_CANDLES, LEAST_COPIED, MASTER_ID } from './cast.ts';
import { copiedTrade } from './causes.ts';
import { copyOrders, type Evidence, followersOf, isMadeGood, placedByNija } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

/** Whatever crashed or went unanswered: a cause of the ledger has one order at the exchange at most. */
export const oneOrderPerCause = (evidence: Evidence): Guarantee => {
  const { market, outage, collected } = evidence;
  const ledgers = new Map(collected.accounts.map((view) => [view.accountId, view]));
  const byCause = new Map<string, string[]>();
  const problems: string[] = [];
  for (const { orderId, accountId, clientOrderId } of placedByNija(evidence)) {
    const item = ledgers.get(accountId)?.orders.get(clientOrderId ?? '');
    if (item === undefined) {
      problems.push(`order ${orderId} of ${accountId} has no cause in the ledger`);
      continue;
    }
    // A copy's cause is the account and the trade, whatever else its item says.
    const tradeId = copiedTrade(item.cause);
    const cause = tradeId === undefined ? item.cause : `${accountId} × ${tradeId}`;
    byCause.set(cause, [...(byCause.get(cause) ?? []), orderId]);
  }
  for (const [cause, orders] of byCause) {
    if (orders.length > 1) problems.push(`${cause} has the orders ${orders.join(', ')}`);
  }
  if (market.lostAnswers === 0) problems.push('no answer was lost, so nothing was shown');
  if (outage.orders.after !== outage.orders.before)
    problems.push('the same exit request placed another order');
  return guarantee(
    'oneOrderPerCause',
    problems,
    `${byCause.size} causes, ${byCause.size} orders; ${market.lostAnswers} answers were lost after the exchange had taken the order, and one exit was asked twice`,
  );
};

/** All that the master did at the exchange was published, and each trade ended for each follower. */
export const everyCopyEnded = (evidence: Evidence): Guarantee => {
  const followers = followersOf(evidence);
  const { trades, accounts } = evidence.collected;
  const problems = [...unpublished(evidence)];
  for (const { accountId } of followers) {
    const view = accounts.find((candidate) => candidate.accountId === accountId);
    const copies = new Map((view?.copies ?? []).map((copy) => [copy.trade.tradeId, copy]));
    for (const { tradeId } of trades) {
      const copy = copies.get(tradeId);
      if (copy === undefined) problems.push(`trade ${tradeId} has no copy for ${accountId}`);
      else if (copy.outcome === undefined)
        problems.push(`the copy of ${tradeId} for ${accountId} has not ended`);
      else if (copy.outcome.state === 'FAILED' && !isMadeGood(copy))
        problems.push(`the copy of ${tradeId} for ${accountId} failed: ${copy.outcome.detail}`);
    }
  }
  if (evidence.deadLetters > 0) problems.push(`${evidence.deadLetters} messages are in dead-letter queues`);
  return guarantee(
    'everyCopyEnded',
    problems,
    `the master's fills at the exchange are ${trades.length} trades to the last digit; ${trades.length} trades × ${followers.length} followers = ${trades.length * followers.length} copies, all ended with a reason`,
  );
};

/** Order by order, and so for each symbol and side: what the master filled and what was published of it. */
const unpublished = ({ books, collected }: Evidence): readonly string[] => {
  const differences = new Map<string, Decimal>();
  const add = (symbol: string, side: Side, orderId: string, quantity: Decimal): void => {
    const key = `${side} ${symbol} of order ${orderId}`;
    differences.set(key, (differences.get(key) ?? new Decimal(0)).plus(quantity));
  };
  for (const { accountId, symbol, side, orderId, quantity } of books.trades()) {
    if (accountId === MASTER_ID) add(symbol, side, orderId, new Decimal(quantity));
  }
  for (const { symbol, side, exchangeOrderId, quantity } of collected.trades)
    add(symbol, side, exchangeOrderId, new Decimal(text(quantity)).negated());
  return [...differences]
    .filter(([, difference]) => !difference.isZero())
    .map(([what, difference]) =>
      difference.gt(0)
        ? `${difference.toFixed()} more was filled than published: ${what}`
        : `${difference.negated().toFixed()} more was published than filled: ${what}`,
    );
};

/** A run in which little happened shows little. */
export const enoughWasTraded = (evidence: Evidence): Guarantee => {
  const { market, collected } = evidence;
  const orderOf = copyOrders(evidence);
  const followers = followersOf(evidence);
  const copied = (side: Side): number =>
    collected.trades.filter(
      (trade) =>
        trade.side === side &&
        followers.some(({ accountId }) => new Decimal(orderOf(accountId, trade.tradeId)?.filled ?? 0).gt(0)),
    ).length;
  const [buys, sells] = [copied('BUY'), copied('SELL')];
  const problems = market.failedTicks.map((message) => `a tick failed before the outage: ${message}`);
  if (market.candles < LEAST_CANDLES)
    problems.push(`only ${market.candles} candles were traded through, not ${LEAST_CANDLES}`);
  if (buys < LEAST_COPIED || sells < LEAST_COPIED)
    problems.push(`only ${buys} BUY and ${sells} SELL trades were copied, not ${LEAST_COPIED} of each`);
  return guarantee(
    'enoughWasTraded',
    problems,
    `${market.candles} candles without a failed tick; ${buys} BUY and ${sells} SELL trades were copied at the exchange`,
  );
};
