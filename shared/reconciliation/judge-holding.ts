import type { CheckFacts } from '../check/check-facts.ts';
import type { Drift } from '../ledger/drift.ts';
import { attemptRead } from '../ledger/read.ts';
import { type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import { goneBefore, needsJudging } from './follow-drift.ts';
import { type Holding, holdingsOf } from './holdings.ts';
import { judgeShortfall, type Verdict } from './judge-shortfall.ts';
import { ownSalesOf } from './own-trades.ts';
import type { ReconcilePorts } from './reconcile.ts';

export interface Judgement {
  /** MOVING: the balance is not the same any more; another check will tell. */
  readonly verdict: Verdict | { readonly kind: 'MOVING'; readonly why: string };
  readonly ownSold: Quantity;
  /** Whether the owner's trades were read for it. */
  readonly judged: boolean;
}

/**
 * What to do about a shortfall. Before a position is touched the balance is asked for once more: a single
 * answer of the exchange closes nothing.
 *
 * @throws ExchangeError, LedgerError
 */
export const judgeHolding = async (
  holding: Holding,
  drift: Drift | undefined,
  { account: { accountId }, connection, at }: CheckFacts,
  { ledger }: ReconcilePorts,
): Promise<Judgement> => {
  if (drift !== undefined && !needsJudging(holding, drift, at))
    return { verdict: { kind: 'DRIFT', why: drift.why }, ownSold: ZERO_QUANTITY, judged: false };
  const { session, markets } = connection;
  const read = await attemptRead(async () => {
    const adjustments = await ledger.reconciliation.adjustments(accountId);
    return await ownSalesOf(holding, accountId, adjustments, { session, fills: ledger.fills });
  });
  if (!read.readable) {
    const why = `whether the owner sold it could not be read: ${read.why}`;
    return { verdict: { kind: 'DRIFT', why }, ownSold: ZERO_QUANTITY, judged: false };
  }
  const ownSold = read.value;
  const verdict = judgeShortfall(holding, ownSold, goneBefore(drift, at));
  if (verdict.kind === 'DRIFT') return { verdict, ownSold, judged: true };
  const [again] = holdingsOf(holding.positions, await session.balances(), markets).filter(
    ({ asset }) => asset === holding.asset,
  );
  if (again?.held.eq(holding.held) === true) return { verdict, ownSold, judged: true };
  const why = `the exchange showed ${text(holding.held)} ${holding.asset}, and then ${text(again?.held ?? ZERO_QUANTITY)}`;
  return { verdict: { kind: 'MOVING', why }, ownSold, judged: false };
};
