import { text } from '../../../shared/money/money.ts';
import { REFUSED } from './cast.ts';
import { boughtBefore } from './cost.ts';
import { copyOrders, type Evidence, owedOrders } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

/** A copied SELL that the exchange refused was sold by the next check: once, whole, while everything was halted. */
export const failedSaleIsMadeGood = (evidence: Evidence): Guarantee => {
  const { halt, collected, books } = evidence;
  const trade = collected.trades.find(({ exchangeOrderId }) => exchangeOrderId === halt.soldOrderId);
  const copy = collected.accounts
    .find(({ accountId }) => accountId === REFUSED)
    ?.copies.find(({ trade: { tradeId } }) => tradeId === trade?.tradeId);
  const problems: string[] = [];
  if (halt.refusals !== 1)
    problems.push(`the exchange refused ${halt.refusals} sales of ${REFUSED}, not one`);
  if (trade === undefined || copy === undefined)
    return guarantee('failedSaleIsMadeGood', [...problems, `no SELL of ${REFUSED} was to be copied`], '');
  const { symbol, tradeId } = trade;
  const held = boughtBefore(books, REFUSED, symbol, halt.from).quantity;
  const orders = owedOrders(evidence)(REFUSED, tradeId);
  const [order] = orders;
  if (copy.outcome?.state !== 'FAILED' || copyOrders(evidence)(REFUSED, tradeId) !== undefined)
    problems.push(`the sale of ${REFUSED} did not fail, so nothing was shown`);
  if (copy.owed?.madeGood?.by !== 'SOLD')
    problems.push(`the sale of ${REFUSED} is ${copy.owed?.madeGood?.by ?? 'still owed'}, not sold`);
  if (orders.length !== 1 || order === undefined || !held.eq(order.filled))
    problems.push(
      `${REFUSED} held ${held.toFixed()} ${symbol} and sold ${order?.filled ?? '0'} in ${orders.length} orders`,
    );
  else if (order.openedAt > halt.until) problems.push('it was sold only after the halt');
  return guarantee(
    'failedSaleIsMadeGood',
    problems,
    `the exchange refused ${REFUSED} the sale of ${held.toFixed()} ${symbol} that the master had sold ${text(trade.quantity)} of; the next check sold it, whole, in one order`,
  );
};
