import { Decimal, step } from '../kraken/decimal.ts';
import { PROTECTED, STOP_LOSS } from './cast.ts';
import { causeKind } from './causes.ts';
import { boughtBefore, stopOf } from './cost.ts';
import { type Evidence, placedByNija } from './evidence.ts';
import { type Guarantee, guarantee } from './guarantee.ts';
import { pairOf } from './sellable.ts';

/** How far below its stop a position may be sold: the price fell through it, and the order took the best bids. */
const LEAST_OF_STOP = '0.97';

/** With the master gone and everything halted, the user's own check sold its position: once, whole, near its stop. */
export const stopFiresWithoutTheMaster = (evidence: Evidence): Guarantee => {
  const { books, outage, collected } = evidence;
  const { symbol, fall, halted } = outage.protection;
  const before = boughtBefore(books, PROTECTED, symbol, fall.at);
  const stop = stopOf(before, STOP_LOSS);
  const sales = placedByNija(evidence).filter(
    ({ accountId, side, openedAt, ...order }) =>
      accountId === PROTECTED && order.symbol === symbol && side === 'SELL' && openedAt >= fall.at,
  );
  const [sale] = sales;
  const problems: string[] = [];
  if (outage.masterError === undefined || fall.at < outage.from)
    problems.push('the master was not away when the price fell');
  if (!halted) problems.push('nothing was halted when the price fell');
  if (stop === undefined) problems.push(`${PROTECTED} held no ${symbol}, so nothing was shown`);
  if (sales.length !== 1)
    problems.push(`${sales.length} orders sold the position of ${PROTECTED} in ${symbol}, not one`);
  const price = sale === undefined ? undefined : new Decimal(sale.cost).div(sale.filled);
  if (sale !== undefined && stop !== undefined && price !== undefined) {
    const ledger = collected.accounts.find(({ accountId }) => accountId === PROTECTED);
    const kind = causeKind(ledger?.orders.get(sale.clientOrderId ?? '')?.cause);
    if (kind !== 'protection') problems.push(`${PROTECTED} was sold for another cause: ${kind ?? 'none'}`);
    if (
      before.quantity
        .minus(sale.filled)
        .abs()
        .gt(step(pairOf(symbol).lotDecimals))
    )
      problems.push(`${PROTECTED} held ${before.quantity.toFixed()} ${symbol} and sold ${sale.filled}`);
    if (price.gt(stop) || price.lt(stop.times(LEAST_OF_STOP)))
      problems.push(`${PROTECTED} was sold at ${price.toFixed()}, its stop was ${stop.toFixed()}`);
  }
  return guarantee(
    'stopFiresWithoutTheMaster',
    problems,
    `with the master gone the bid of ${symbol} fell from ${fall.from} to ${fall.to}; the stop of ${PROTECTED} lay at ${stop?.toFixed(2) ?? ''}, its own check sold all ${before.quantity.toFixed()} in one order at ${price?.toFixed(2) ?? ''}`,
  );
};
