import type { CheckFacts } from '../check/check-facts.ts';
import type { Drift } from '../ledger/drift.ts';
import { attemptRead } from '../ledger/read.ts';
import { type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';
import { iso } from '../time/clock.ts';
import { goneBefore, isResting, needsJudging, openDrift, type Reading } from './follow-drift.ts';
import { type Holding, holdingsOf } from './holdings.ts';
import { judgeShortfall, type OwnSales, type Verdict } from './judge-shortfall.ts';
import { type HistoryBudget, ownSalesOf } from './own-trades.ts';
import type { ReconcilePorts } from './reconcile.ts';

export interface Judgement {
  /** MOVING: the balance is not the same any more; another check will tell. */
  readonly verdict: Verdict | { readonly kind: 'MOVING'; readonly why: string };
  readonly ownSold: Quantity;
  readonly reading: Reading;
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
  budget: HistoryBudget,
  facts: CheckFacts,
  ports: ReconcilePorts,
): Promise<Judgement> => {
  const { connection, at } = facts;
  if (drift !== undefined && !needsJudging(holding, drift, at))
    return { verdict: { kind: 'DRIFT', why: drift.why }, ownSold: ZERO_QUANTITY, reading: 'LEFT' };
  const { own, reading } = await ownSales(holding, drift, budget, facts, ports);
  const ownSold = own.known ? own.sold : ZERO_QUANTITY;
  const verdict = judgeShortfall(holding, own, goneBefore(drift, at));
  if (verdict.kind === 'DRIFT') return { verdict, ownSold, reading };
  const [again] = holdingsOf(
    holding.positions,
    await connection.session.balances(),
    connection.everListed,
  ).filter(({ asset }) => asset === holding.asset);
  if (again?.held.eq(holding.held) === true) return { verdict, ownSold, reading };
  const why = `the exchange showed ${text(holding.held)} ${holding.asset}, and then ${text(again?.held ?? ZERO_QUANTITY)}`;
  return { verdict: { kind: 'MOVING', why }, ownSold, reading };
};

const ownSales = async (
  holding: Holding,
  drift: Drift | undefined,
  budget: HistoryBudget,
  facts: CheckFacts,
  { ledger }: ReconcilePorts,
): Promise<{ readonly own: OwnSales; readonly reading: Reading }> => {
  if (budget.unreadable !== undefined)
    return { own: { known: false, why: budget.unreadable }, reading: 'LEFT' };
  if (isResting(drift, facts.at)) {
    const { failures = 0, failedAt = facts.at } = openDrift(drift) ?? {};
    const why = `the account's trades could not be read ${failures} times, last at ${iso(failedAt)}`;
    return { own: { known: false, why }, reading: 'LEFT' };
  }
  const read = await attemptRead(() => ownSalesOf(holding, budget, facts, ledger));
  if (!read.readable) return { own: { known: false, why: read.why }, reading: 'FAILED' };
  if (read.value.complete) return { own: { known: true, sold: read.value.sold }, reading: 'JUDGED' };
  const { readTo } = read.value;
  const why = `the account's trades are read up to ${iso(readTo)} so far, and the next checks go on`;
  return { own: { known: false, why }, reading: 'LEFT' };
};
