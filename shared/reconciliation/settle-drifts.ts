import type { CheckFacts } from '../check/check-facts.ts';
import type { Asset } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import { type Drift, tellDrift } from '../ledger/drift.ts';
import { adjustPositions } from './adjust-positions.ts';
import { closedDrift, followDrift, openDrift, type Reading } from './follow-drift.ts';
import type { Holding } from './holdings.ts';
import { judgeHolding } from './judge-holding.ts';
import type { HistoryBudget } from './own-trades.ts';
import type { ReconcilePorts } from './reconcile.ts';

/** For the owner's trades in all assets together, in one check. */
const HISTORY_PAGES = 3;

export interface SettledDrifts {
  readonly adjusted: readonly Adjustment[];
  readonly open: readonly Drift[];
  readonly closed: readonly Drift[];
  /** Whose balance moved while it was looked at. */
  readonly moving: readonly { readonly asset: Asset; readonly why: string }[];
  readonly failures: readonly { readonly asset: Asset; readonly why: string; readonly cause: unknown }[];
}

export interface Undecided {
  readonly doubts: ReadonlyMap<Asset, string>;
  readonly ownUnknown: string | undefined;
}

/**
 * Goes over what is held of each asset: adjusts what is explained, keeps and tells what is not, and closes the
 * drifts that are no more. One asset's failure stops no other.
 *
 * @param doubts assets whose drifts are left as they are
 * @param ownUnknown why nothing is known of the owner's trades, where that is so
 */
export const settleDrifts = async (
  facts: CheckFacts,
  holdings: readonly Holding[],
  { doubts, ownUnknown }: Undecided,
  ports: ReconcilePorts,
): Promise<SettledDrifts> => {
  const { accountId } = facts.account;
  const known = new Map(
    (await ports.ledger.reconciliation.drifts(accountId)).map((drift) => [drift.asset, drift]),
  );
  const budget: HistoryBudget =
    ownUnknown === undefined ? { pages: HISTORY_PAGES } : { pages: 0, unreadable: ownUnknown };
  const adjusted: Adjustment[] = [];
  const open: Drift[] = [];
  const closed: Drift[] = [];
  const moving: SettledDrifts['moving'][number][] = [];
  const failures: SettledDrifts['failures'][number][] = [];

  const close = async (asset: Asset): Promise<void> => {
    const drift = openDrift(known.get(asset));
    if (drift !== undefined) closed.push(await endDrift(drift, facts.at, ports));
  };
  const settle = async (holding: Holding): Promise<void> => {
    const { asset } = holding;
    if (holding.missing.isZero()) return await close(asset);
    const judgement = await judgeHolding(holding, known.get(asset), budget, facts, ports);
    switch (judgement.verdict.kind) {
      case 'MOVING':
        moving.push({ asset, why: judgement.verdict.why });
        return;
      case 'DRIFT':
        open.push(
          await keepDrift(
            holding,
            known.get(asset),
            { why: judgement.verdict.why, reading: judgement.reading },
            facts,
            ports,
          ),
        );
        return;
      default:
        adjusted.push(
          ...(await adjustPositions(holding, judgement.verdict, judgement.ownSold, facts, ports)),
        );
        await close(asset);
    }
  };
  const attempt = async (asset: Asset, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      ports.log.error('an asset could not be reconciled', error, { account: accountId, asset });
      failures.push({ asset, why, cause: error });
    }
  };

  for (const holding of holdings) await attempt(holding.asset, () => settle(holding));
  const seen = new Set(holdings.map(({ asset }) => asset));
  for (const [asset, drift] of known) {
    if (doubts.has(asset)) {
      if (openDrift(drift) !== undefined) open.push(drift);
    } else if (!seen.has(asset)) await attempt(asset, () => close(asset));
  }
  return { adjusted, open, closed, moving, failures };
};

const keepDrift = async (
  holding: Holding,
  before: Drift | undefined,
  judged: { readonly why: string; readonly reading: Reading },
  { account: { accountId }, at }: CheckFacts,
  ports: ReconcilePorts,
): Promise<Drift> => {
  const { drift, tell } = followDrift(accountId, holding, before, { ...judged, at });
  // Told before it is kept: who dies in between tells it twice, not never.
  if (tell) tellDrift(drift, ports);
  if (drift.version !== before?.version) await ports.ledger.reconciliation.saveDrift(drift);
  return drift;
};

const endDrift = async (drift: Drift, at: number, { ledger, log }: ReconcilePorts): Promise<Drift> => {
  const ended = closedDrift(drift, at);
  await ledger.reconciliation.saveDrift(ended);
  log.info('a drift is over', {
    account: drift.accountId,
    symbol: drift.symbols.join(', '),
    firstSeen: drift.firstSeen,
  });
  return ended;
};
