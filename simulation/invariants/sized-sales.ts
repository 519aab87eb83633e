import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { publishedTrade } from './evidence/copies.ts';
import type { Evidence, OurOrder } from './evidence/evidence.ts';
import { laterCoins } from './evidence/reach.ts';
import { clearlySellable, stepOf } from './evidence/sellable.ts';
import { guarantee } from './guarantee.ts';

/** An exit of everything sells what is the owner's own, too: the exchange bounds it. */
const sellsAnyones = ({ order, cause }: OurOrder, evidence: Evidence): boolean =>
  cause?.kind === 'exit' &&
  evidence.item(order.accountId, `EXIT#${cause.requestId}`)?.['scope'] === 'everything';

/** A sale never touches what Nija does not manage. */
export const neverMoreThanHeld = guarantee('6 never more is sold than Nija bought', (evidence, broken) => {
  evidence.onOrder((ours) => {
    const { order } = ours;
    if (order.side !== 'SELL' || sellsAnyones(ours, evidence)) return;
    const managed = evidence.holdings.of(order.accountId, order.symbol);
    if (managed.lt(order.quantity))
      broken(
        `SELL ${order.orderId} of ${order.accountId} is for ${order.quantity} ${order.symbol} (${ours.cause?.kind ?? 'no cause'}), and Nija manages ${managed.toFixed()} by the exchange's books`,
      );
  });
  return undefined;
});

/** Sales for one trade, by account and trade. */
class SoldForTrades {
  readonly #sold = new Map<string, Decimal>();

  of(accountId: string, tradeId: string): Decimal {
    return this.#sold.get(`${accountId} ${tradeId}`) ?? ZERO;
  }

  add(accountId: string, tradeId: string, quantity: string): void {
    this.#sold.set(`${accountId} ${tradeId}`, this.of(accountId, tradeId).plus(quantity));
  }
}

/** Why so much must not be sold for the trade. */
const tooMuch = (
  { order }: OurOrder,
  tradeId: string,
  sold: Decimal,
  evidence: Evidence,
): string | undefined => {
  const item = evidence.tradeItem(tradeId);
  if (item === undefined) return `trade ${tradeId} was never published`;
  const trade = publishedTrade(item);
  if (trade.side !== 'SELL' || trade.symbol !== order.symbol)
    return `trade ${tradeId} is a ${trade.side} of ${trade.symbol}`;
  const { accountId, symbol, quantity } = order;
  const managed = evidence.holdings.of(accountId, symbol);
  const later = laterCoins(evidence, accountId, symbol, trade);
  const step = stepOf(symbol);
  if (managed.minus(later).plus(step).lt(quantity))
    return `of the ${managed.toFixed()} that Nija manages ${later.toFixed()} came for later trades`;
  const share = Decimal.min(1, trade.soldFraction);
  const due = managed.plus(sold).times(share);
  const rest = managed.minus(Decimal.max(0, due.minus(sold)));
  if (due.plus(step).gte(sold.plus(quantity))) return undefined;
  // A rest that no order can sell goes with the sale.
  return clearlySellable(evidence, symbol, rest)
    ? `the master sold ${share.toFixed(6)} of its position, so ${due.toFixed()} are due of ${managed.plus(sold).toFixed()}, and ${sold.toFixed()} were sold before`
    : undefined;
};

/** For one SELL of the master, at once and later, never more than its share of what was held. */
export const salesInProportion = guarantee(
  '4 for one SELL of the master its share is sold, once',
  (evidence, broken) => {
    const sold = new SoldForTrades();
    evidence.onOrder((ours) => {
      const { order, cause } = ours;
      if (order.side !== 'SELL' || (cause?.kind !== 'copy' && cause?.kind !== 'owed')) return;
      const { tradeId } = cause;
      const before = sold.of(order.accountId, tradeId);
      const why = tooMuch(ours, tradeId, before, evidence);
      if (why !== undefined)
        broken(
          `SELL ${order.orderId} of ${order.accountId} is for ${order.quantity} ${order.symbol}, for trade ${tradeId}: ${why}`,
        );
    });
    evidence.onTrade(({ accountId, side, quantity }, ours) => {
      const cause = ours?.cause;
      if (side === 'SELL' && (cause?.kind === 'copy' || cause?.kind === 'owed'))
        sold.add(accountId, cause.tradeId, quantity);
    });
    return undefined;
  },
);

/** Of a protective exit that sells a part, no more than that part is ever sold. */
export const partsAreParts = guarantee('4 a protective exit sells its part, once', (evidence, broken) => {
  const sold = new Map<string, Decimal>();
  evidence.onTrade(({ accountId, quantity, side }, ours) => {
    const cause = ours?.cause;
    if (side !== 'SELL' || cause?.kind !== 'protection') return;
    const key = `${accountId} ${cause.exitId}`;
    const all = (sold.get(key) ?? ZERO).plus(quantity);
    sold.set(key, all);
    const most = evidence.item(accountId, `PROTECTION#${cause.exitId}`)?.['most'];
    if (typeof most === 'string' && all.gt(most))
      broken(
        `the protective exit ${cause.exitId} of ${accountId} is for ${most}, and ${all.toFixed()} were sold`,
      );
  });
  return undefined;
});
