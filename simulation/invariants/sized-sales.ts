import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { publishedTrade } from './evidence/copies.ts';
import type { Evidence, OurOrder } from './evidence/evidence.ts';
import { laterCoins } from './evidence/reach.ts';
import { clearlySellable, stepOf } from './evidence/sellable.ts';
import { sellsAnyones } from './evidence/whose-coins.ts';
import { guarantee } from './guarantee.ts';

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

/**
 * Of what is managed, the share that sales for one trade may still take, by account and trade: the master's at
 * first. Each execution leaves less of it, and what others sell meanwhile leaves it as it is.
 */
class SharesOfTrades {
  readonly #left = new Map<string, Decimal>();

  of(accountId: string, tradeId: string, soldFraction: string): Decimal {
    return this.#left.get(`${accountId} ${tradeId}`) ?? Decimal.min(1, soldFraction);
  }

  take(accountId: string, tradeId: string, share: Decimal, sold: string, rest: Decimal): void {
    const due = rest.plus(sold).times(share).minus(sold);
    this.#left.set(`${accountId} ${tradeId}`, rest.isZero() ? ZERO : Decimal.max(0, due).div(rest));
  }
}

/** Why so much must not be sold for the trade. */
const tooMuch = (
  { order }: OurOrder,
  tradeId: string,
  shares: SharesOfTrades,
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
  const share = shares.of(accountId, tradeId, trade.soldFraction);
  const due = managed.times(share);
  if (due.plus(step).gte(quantity)) return undefined;
  // A rest that no order can sell goes with the sale.
  return clearlySellable(evidence, symbol, managed.minus(due))
    ? `the master sold ${trade.soldFraction} of its position, of which ${share.toFixed(6)} of what is left are due still, ${due.toFixed()} of ${managed.toFixed()}`
    : undefined;
};

/** For one SELL of the master, at once and later, never more than its share of what was held. */
export const salesInProportion = guarantee(
  '4 for one SELL of the master its share is sold, once',
  (evidence, broken) => {
    const shares = new SharesOfTrades();
    evidence.onOrder((ours) => {
      const { order, cause } = ours;
      if (order.side !== 'SELL' || (cause?.kind !== 'copy' && cause?.kind !== 'owed')) return;
      const { tradeId } = cause;
      const why = tooMuch(ours, tradeId, shares, evidence);
      if (why !== undefined)
        broken(
          `SELL ${order.orderId} of ${order.accountId} is for ${order.quantity} ${order.symbol}, for trade ${tradeId}: ${why}`,
        );
    });
    evidence.onTrade(({ accountId, side, symbol, quantity }, ours) => {
      const cause = ours?.cause;
      if (side !== 'SELL' || (cause?.kind !== 'copy' && cause?.kind !== 'owed')) return;
      const { tradeId } = cause;
      const item = evidence.tradeItem(tradeId);
      if (item === undefined) return;
      const share = shares.of(accountId, tradeId, publishedTrade(item).soldFraction);
      shares.take(accountId, tradeId, share, quantity, evidence.holdings.of(accountId, symbol));
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
