import type { BookedOrder } from '../../infra/local/kraken/books.ts';
import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import {
  copyOf,
  isMadeGood,
  type PublishedTrade,
  publishedTrade,
  type StoredCopy,
} from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { surelyWithinReach } from './evidence/reach.ts';
import { clearlySellable } from './evidence/sellable.ts';
import { guarantee } from './guarantee.ts';

/** What a copied SELL should sell when its order is taken, by the exchange's books; before anything of it is sold. */
const dueOf = (
  { accountId, symbol: name }: BookedOrder,
  trade: PublishedTrade,
  evidence: Evidence,
): Decimal => {
  const symbol = marketSymbol(name);
  return surelyWithinReach(evidence, accountId, symbol, trade).times(Decimal.min(1, trade.soldFraction));
};

/** What the copy neither sold nor owes of what was due. */
const forgotten = (
  { trade, outcome, owed }: StoredCopy,
  due: Decimal,
  evidence: Evidence,
): string | undefined => {
  if (outcome?.state === 'FAILED') {
    const asked = outcome.asked === undefined ? undefined : new Decimal(outcome.asked);
    return owed === undefined && asked?.isZero() !== true
      ? `it failed (${outcome.reason}), and ${asked?.toFixed() ?? 'an unknown quantity'} is not owed`
      : undefined;
  }
  if (outcome?.state !== 'FILLED') return undefined;
  const sold = new Decimal(outcome.quantity ?? 0);
  const later = owed === undefined ? ZERO : new Decimal(owed.remaining ?? due);
  return clearlySellable(evidence, marketSymbol(trade.symbol), due.minus(sold).minus(later))
    ? `${due.toFixed()} were due, ${sold.toFixed()} sold, and ${later.toFixed()} are owed`
    : undefined;
};

/** A copied SELL that ends without having sold what it should owes the rest from then on. */
export const unsoldIsOwed = guarantee('3 what a SELL leaves unsold is owed', (evidence, broken) => {
  const due = new Map<string, Decimal>();
  evidence.onOrder(({ order, cause }) => {
    if (order.side !== 'SELL' || cause?.kind !== 'copy') return;
    const item = evidence.tradeItem(cause.tradeId);
    if (item === undefined) return;
    due.set(`${order.accountId} ${cause.tradeId}`, dueOf(order, publishedTrade(item), evidence));
  });
  evidence.onChange(({ sk, before, after }) => {
    if (!sk.startsWith('COPY#') || after === undefined) return;
    if (after['outcome'] === undefined || before?.['outcome'] !== undefined) return;
    const copy = copyOf(after);
    const { accountId, trade } = copy;
    if (trade.side !== 'SELL') return;
    const why = forgotten(copy, due.get(`${accountId} ${trade.tradeId}`) ?? ZERO, evidence);
    if (why !== undefined) broken(`the SELL of ${trade.symbol} for ${trade.tradeId} of ${accountId}: ${why}`);
  });
  return undefined;
});

/** Why an owed sale must not be called over for this reason. */
const notOver = (
  { accountId, trade, owed }: StoredCopy,
  by: string,
  evidence: Evidence,
): string | undefined => {
  const symbol = marketSymbol(trade.symbol);
  const { books } = evidence.world.exchange;
  const due = surelyWithinReach(evidence, accountId, symbol, trade).times(
    Decimal.min(1, owed?.share ?? trade.soldFraction),
  );
  const left = Decimal.min(due, owed?.remaining ?? due);
  const balance = books.balances(accountId)[symbol.split('/')[0] ?? symbol];
  switch (by) {
    case 'DUST':
      return clearlySellable(evidence, symbol, left) ? `${left.toFixed()} are due still` : undefined;
    case 'NOTHING_HELD':
      return clearlySellable(evidence, symbol, new Decimal(balance?.total ?? 0)) &&
        !books.showsOldBalances(accountId)
        ? `${balance?.total ?? '0'} are there`
        : undefined;
    case 'CLOSED':
      return clearlySellable(evidence, symbol, left) ? `${left.toFixed()} are managed still` : undefined;
    case 'DELISTED':
      return evidence.world.exchange.price(symbol) === undefined ? undefined : 'it is listed';
    default:
      return undefined;
  }
};

/** A sale that is owed is over when it is made, or when the exchange's own books give the reason. */
export const noDebtIsForgotten = guarantee('3 an owed sale ends by its reason', (evidence, broken) => {
  evidence.onChange(({ sk, before, after }) => {
    if (!sk.startsWith('COPY#') || after === undefined || before === undefined) return;
    const copy = copyOf(after);
    const by = copy.owed?.madeGood?.by;
    if (by === undefined || isMadeGood(copyOf(before))) return;
    const { accountId, trade } = copy;
    const why = notOver(copy, by, evidence);
    if (why !== undefined)
      broken(
        `the sale of ${trade.symbol} owed for ${trade.tradeId} of ${accountId} is over by ${by}, and ${why}`,
      );
  });
  return undefined;
});
