import { Decimal } from '../../infra/local/kraken/decimal.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { copyOf, type StoredCopy } from './evidence/copies.ts';
import type { Evidence } from './evidence/evidence.ts';
import { surelyWithinReach } from './evidence/reach.ts';
import { clearlySellable } from './evidence/sellable.ts';
import { guarantee } from './guarantee.ts';

/** All that may end a copied SELL: nothing to sell, too little, no market any more, or the exchange's or the key's no. */
const PHYSICS: ReadonlySet<string> = new Set([
  'NO_POSITION',
  'BELOW_MINIMUM',
  'SYMBOL_UNSUPPORTED',
  'REJECTED',
  'NOT_SOLD',
  'LOCKED',
  'NOTHING_HELD_YET',
  'ACCOUNT_UNKNOWN',
  'ACCOUNT_UNUSABLE',
]);

/** Whether what the sale says of the account is so, by the exchange's books. */
const untrue = (copy: StoredCopy, evidence: Evidence): string | undefined => {
  const { accountId, trade, outcome } = copy;
  const symbol = marketSymbol(trade.symbol);
  const reach = surelyWithinReach(evidence, accountId, symbol, trade);
  const share = Decimal.min(1, trade.soldFraction);
  switch (outcome?.reason) {
    case 'NO_POSITION':
      return clearlySellable(evidence, symbol, reach)
        ? `Nija has ${reach.toFixed()} of it by the exchange's books`
        : undefined;
    case 'BELOW_MINIMUM':
      return clearlySellable(evidence, symbol, reach.times(share))
        ? `${share.toFixed()} of ${reach.toFixed()} can be sold`
        : undefined;
    case 'SYMBOL_UNSUPPORTED':
      return evidence.world.told.some((told) => told.what === 'delisting' && told.symbol === symbol)
        ? undefined
        : 'the exchange lists it';
    case 'LOCKED':
    case 'NOTHING_HELD_YET': {
      const seen = evidence.invocations.writerOf(accountId, `COPY#${trade.tradeId}`)?.balanceRead;
      if (seen === undefined || seen.old) return undefined;
      const free = seen.balances[symbol.slice(0, symbol.indexOf('/'))]?.free ?? '0';
      const asked = Decimal.min(outcome.asked ?? '0', free);
      return clearlySellable(evidence, symbol, asked)
        ? `${free} were free when it looked, and ${outcome.asked ?? 'nothing'} was asked`
        : undefined;
    }
    default:
      return undefined;
  }
};

/** A copied SELL is stopped by physics alone, and by that only where the exchange's books show it. */
export const sellsByPhysics = guarantee('3 no policy stops a SELL', (evidence, broken) => {
  evidence.onChange(({ sk, before, after }) => {
    if (!sk.startsWith('COPY#') || after === undefined) return;
    if (after['outcome'] === undefined || before?.['outcome'] !== undefined) return;
    const copy = copyOf(after);
    const { accountId, trade, outcome } = copy;
    if (trade.side !== 'SELL' || outcome === undefined || outcome.state === 'FILLED') return;
    const what = `the SELL of ${trade.symbol} for ${trade.tradeId} of ${accountId} ended ${outcome.state} (${outcome.reason}: ${outcome.detail})`;
    if (outcome.reason === undefined || !PHYSICS.has(outcome.reason))
      return broken(`${what}, which is no reason of physics`);
    const why = untrue(copy, evidence);
    if (why !== undefined) broken(`${what}, but ${why}`);
  });
  return undefined;
});
