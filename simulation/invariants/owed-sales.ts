import { Decimal, ZERO } from '../../infra/local/kraken/decimal.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { copyOf, type StoredCopy } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { surelyWithinReach } from './evidence/reach.ts';
import { clearlySellable } from './evidence/sellable.ts';
import { guarantee } from './guarantee.ts';

/** A purchase that nobody knows the end of yet is no part of what a sale can be sized on. */
const mayStillBuy = (evidence: Evidence, accountId: string, symbol: string): boolean =>
  [...evidence.items()].some(
    (item) =>
      item['kind'] === 'ORDER' &&
      item['accountId'] === accountId &&
      item['symbol'] === symbol &&
      item['side'] === 'BUY' &&
      item['state'] === 'INTENT',
  );

/** What the copy neither sold nor owes of what the trade called for, by the exchange's books. */
const forgotten = (
  { accountId, trade, outcome, owed }: StoredCopy,
  evidence: Evidence,
): string | undefined => {
  if (outcome?.state === 'FAILED') {
    const asked = outcome.asked === undefined ? undefined : new Decimal(outcome.asked);
    return owed === undefined && asked?.isZero() !== true
      ? `it failed (${outcome.reason}), and ${asked?.toFixed() ?? 'an unknown quantity'} is not owed`
      : undefined;
  }
  if (outcome?.state !== 'FILLED') return undefined;
  const symbol = marketSymbol(trade.symbol);
  if (mayStillBuy(evidence, accountId, symbol)) return undefined;
  const sold = new Decimal(outcome.quantity ?? 0);
  const due = surelyWithinReach(evidence, accountId, symbol, trade)
    .plus(sold)
    .times(Decimal.min(1, trade.soldFraction));
  const later = owed === undefined ? ZERO : new Decimal(owed.remaining ?? due);
  return clearlySellable(evidence, symbol, due.minus(sold).minus(later))
    ? `${due.toFixed()} were due, ${sold.toFixed()} sold, and ${later.toFixed()} are owed`
    : undefined;
};

/** A copied SELL that ends without having sold what it should owes the rest from then on. */
export const unsoldIsOwed = guarantee('3 what a SELL leaves unsold is owed', (evidence, broken) => {
  evidence.onChange(({ sk, before, after }) => {
    if (!sk.startsWith('COPY#') || after === undefined) return;
    if (after['outcome'] === undefined || before?.['outcome'] !== undefined) return;
    const copy = copyOf(after);
    const { accountId, trade } = copy;
    if (trade.side !== 'SELL') return;
    const why = forgotten(copy, evidence);
    if (why !== undefined) broken(`the SELL of ${trade.symbol} for ${trade.tradeId} of ${accountId}: ${why}`);
  });
  return undefined;
});
