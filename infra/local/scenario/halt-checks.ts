import { Decimal } from '../kraken/decimal.ts';
import { LEAVER, PROTECTED } from './cast.ts';
import { copyOrders, type Evidence, followersOf, placedByNija, soldFor } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';

export const haltStopsEveryBuy = (evidence: Evidence): Guarantee => {
  const { halt, collected } = evidence;
  const orderOf = copyOrders(evidence);
  const bought = new Set(halt.tradeIds);
  const copies = collected.accounts
    .flatMap(({ copies: all }) => all)
    .filter(({ trade }) => bought.has(trade.tradeId) && trade.side === 'BUY');
  const problems: string[] = [];
  if (!halt.engaged.every((engaged) => engaged)) problems.push('the halt was not engaged');
  for (const { accountId, trade, outcome } of copies) {
    if (orderOf(accountId, trade.tradeId) !== undefined)
      problems.push(`the exchange has an order of ${accountId} for a BUY made while halted`);
    if (outcome?.state !== 'SKIPPED' || outcome.reason !== 'HALTED')
      problems.push(`${accountId} was not stopped by the halt: ${outcome?.state ?? 'open'}`);
  }
  if (
    !collected.trades.some(({ exchangeOrderId }) => exchangeOrderId === halt.boughtOrderId) ||
    copies.length === 0
  )
    problems.push('no BUY was published while halted');
  return guarantee(
    'haltStopsEveryBuy',
    problems,
    `the owner bought by hand while halted; ${copies.length} copies ended HALTED, none has an order at the exchange`,
  );
};

/** What users sold while everything was halted: their copies of the owner's sale, a stop, and an exit. */
export const haltStopsNoSell = (evidence: Evidence): Guarantee => {
  const { halt, outage, collected } = evidence;
  const problems: string[] = [];
  const trade = collected.trades.find(({ exchangeOrderId }) => exchangeOrderId === halt.soldOrderId);
  const sold = soldFor(evidence);
  const sellers = followersOf(evidence).filter(
    ({ accountId }) => trade !== undefined && sold(accountId, trade.tradeId).gt(0),
  );
  if (trade === undefined) problems.push('no SELL was published while halted');
  else if (sellers.length < 2)
    problems.push(`${sellers.length} followers sold what the master sold while halted`);
  if (!halt.engaged.every((engaged) => engaged)) problems.push('the halt was not engaged');
  const sales = (accountId: string, since: number) =>
    placedByNija(evidence).filter(
      (order) =>
        order.accountId === accountId &&
        order.side === 'SELL' &&
        order.openedAt >= since &&
        new Decimal(order.filled).gt(0),
    ).length;
  if (!outage.protection.halted || sales(PROTECTED, outage.protection.fall.at) === 0)
    problems.push(`no stop of ${PROTECTED} sold while halted`);
  if (!outage.exitHalted || sales(LEAVER, outage.from) === 0)
    problems.push(`no exit of ${LEAVER} sold while halted`);
  return guarantee(
    'haltStopsNoSell',
    problems,
    `while halted ${sellers.length} followers sold what the master sold, ${PROTECTED} was sold by its stop, ${LEAVER} by its exit`,
  );
};
