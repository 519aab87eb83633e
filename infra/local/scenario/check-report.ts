import { text } from '../../../shared/money/money.ts';
import { iso } from '../../../shared/time/clock.ts';
import { Decimal } from '../kraken/decimal.ts';
import { HANGING } from './cast.ts';
import { causeKind } from './causes.ts';
import { type Evidence, placedByNija } from './evidence.ts';
import { percentile } from './percentile.ts';
import { checkDurations } from './round-checks.ts';

/** What the checks of users did in a run. */
export interface ChecksReport {
  readonly rounds: number;
  readonly roundsInOutage: number;
  readonly checks: number;
  /** Of one check of one account, up to eight at once; undefined where none ended. */
  readonly medianMs: number | undefined;
  readonly maxMs: number | undefined;
  readonly hanging: {
    readonly account: string;
    /** How long its check had no answer; null where it never ended. */
    readonly ms: number | null;
    /** Other checks of that round that ended before it did. */
    readonly endedMeanwhile: number;
  };
  readonly sales: readonly CheckSale[];
  readonly drifts: readonly DriftRow[];
}

/** An order that a check sent: for a stop, or for a sale that was owed. */
interface CheckSale {
  readonly account: string;
  readonly symbol: string;
  readonly cause: 'protection' | 'owed';
  readonly quantity: string;
  readonly price: string;
  readonly at: string;
}

interface DriftRow {
  readonly account: string;
  readonly symbols: readonly string[];
  readonly managed: string;
  readonly held: string;
  readonly missing: string;
  readonly why: string;
}

export const checksReport = (evidence: Omit<Evidence, 'texts'>): ChecksReport => {
  const { checks, outage, collected } = evidence;
  const durations = checkDurations(evidence);
  const { ended } = outage.protection.hanging;
  const index = ended.findIndex(({ accountId }) => accountId === HANGING);
  const hung = ended[index];
  return {
    rounds: checks.rounds.length,
    roundsInOutage: checks.rounds.filter(({ at }) => at >= outage.from).length,
    checks: checks.runs.length,
    medianMs: percentile(durations, 0.5),
    maxMs: durations.at(-1),
    hanging: {
      account: HANGING,
      ms: hung === undefined ? null : hung.until - hung.from,
      endedMeanwhile: Math.max(0, index),
    },
    sales: salesOf(evidence),
    drifts: collected.accounts.flatMap(({ drifts }) =>
      drifts
        .filter(({ closedAt }) => closedAt === undefined)
        .map(({ accountId, symbols, managed, held, missing, why }) => ({
          account: accountId,
          symbols,
          managed: text(managed),
          held: text(held),
          missing: text(missing),
          why,
        })),
    ),
  };
};

const salesOf = (evidence: Omit<Evidence, 'texts'>): readonly CheckSale[] => {
  const ledgers = new Map(evidence.collected.accounts.map((view) => [view.accountId, view]));
  return placedByNija(evidence).flatMap(({ accountId, symbol, clientOrderId, filled, cost, openedAt }) => {
    const cause = causeKind(ledgers.get(accountId)?.orders.get(clientOrderId ?? '')?.cause);
    if ((cause !== 'protection' && cause !== 'owed') || new Decimal(filled).isZero()) return [];
    const price = new Decimal(cost).div(filled).toSignificantDigits(10).toFixed();
    return [{ account: accountId, symbol, cause, quantity: filled, price, at: iso(openedAt) }];
  });
};
