import type { CheckFacts } from '../check/check-facts.ts';
import { type Adjustment, figuresOf, reducedTo } from '../ledger/adjustment.ts';
import { type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import type { Holding } from './holdings.ts';
import type { Verdict } from './judge-shortfall.ts';
import type { ReconcilePorts } from './reconcile.ts';

const BY = 'reconciliation';

/** Carries out what was judged, position by position, each with the record of why. @throws LedgerError, ConcurrentChange */
export const adjustPositions = async (
  { positions, held }: Holding,
  verdict: Exclude<Verdict, { kind: 'DRIFT' }>,
  ownSold: Quantity,
  { account: { accountId }, at }: CheckFacts,
  { ledger, log }: ReconcilePorts,
): Promise<readonly Adjustment[]> => {
  const adjusted: Adjustment[] = [];
  for (const before of positions) {
    const after = reducedTo(before, verdict.kind === 'REDUCE' ? verdict.to : ZERO_QUANTITY);
    const adjustment: Adjustment = {
      ...figuresOf(before, after),
      id: `${BY}#${before.symbol}#${after.version}`,
      reason: verdict.kind === 'REDUCE' ? 'OWN_SALE' : verdict.because,
      held,
      ownSold,
      by: BY,
      why: verdict.why,
      at,
    };
    await ledger.reconciliation.adjust({ before, after, adjustment });
    log.warn('a position was taken down to what the exchange holds', {
      account: accountId,
      symbol: before.symbol,
      position: text(before.quantity),
      after: text(after.quantity),
      held: text(held),
      why: verdict.why,
    });
    adjusted.push(adjustment);
  }
  return adjusted;
};
