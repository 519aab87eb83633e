import type { MarketRules } from '../account/connect.ts';
import type { CheckFacts } from '../check/check-facts.ts';
import { type Asset, isCash } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { Drift } from '../ledger/drift.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Quantity } from '../money/money.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import { type Clock, HOUR, type Instant, iso } from '../time/clock.ts';
import { assetsOf, type Holding, holdingsOf } from './holdings.ts';
import { type MissedFills, recordMissedFills } from './missed-fills.ts';
import { settleDrifts } from './settle-drifts.ts';

export interface ReconcilePorts {
  readonly ledger: Pick<
    Ledger,
    'orders' | 'fills' | 'positions' | 'copies' | 'recordExecution' | 'reconciliation'
  >;
  readonly marketRules: Pick<MarketRules, 'refresh'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface ReconciliationReport {
  readonly accountId: string;
  readonly at: Instant;
  readonly missedFills: MissedFills['recorded'];
  /** Positions that were closed or made smaller. */
  readonly adjusted: readonly Adjustment[];
  /** Open now, those known before included. */
  readonly drifts: readonly Drift[];
  readonly closedDrifts: readonly Drift[];
  /** The owner's own coins, by asset: beside what is managed, if anything is. */
  readonly unmanaged: readonly {
    readonly asset: Asset;
    readonly held: Quantity;
    readonly managed: Quantity;
    readonly unmanaged: Quantity;
  }[];
  /** Assets about which nothing is concluded this time, and why. */
  readonly undecided: readonly { readonly asset: Asset; readonly why: string }[];
}

/**
 * How long a check waits for executions that are not read up to now before it goes by what is held. It is not for
 * ever: coins that the owner brings later must not be taken for those of a position that is none any more.
 */
const BEHIND_MS = 6 * HOUR;

/** Some assets could not be reconciled; all others were. The next check goes on. */
export class ReconciliationIncomplete extends Error {
  override readonly name = 'ReconciliationIncomplete';
}

/**
 * Makes the ledger equal the exchange where the exchange proves how, and says it where they differ. Positions
 * only ever become smaller by it, at the same cost for each unit; coins that Nija did not buy are never taken
 * for its own.
 *
 * @throws LeaseLost, LedgerError; ExchangeError, ReconciliationIncomplete after everything else was done
 */
export const reconcile = async (facts: CheckFacts, ports: ReconcilePorts): Promise<ReconciliationReport> => {
  const { account, connection, at } = facts;
  const { accountId } = account;
  const { ledger } = ports;
  const missed = await recordMissedFills(account, connection, ports);
  const positions = await ledger.positions.list(accountId);
  const holdings = holdingsOf(positions, facts.balances, connection.everListed);
  const { behind } = missed;
  const waits = behind !== undefined && at - behind.since < BEHIND_MS;
  const doubts = new Map([
    ...(waits ? holdings.map(({ asset }) => [asset, behind.why] as const) : []),
    ...doubtsOf([...facts.doubtful, ...missed.open]),
  ]);
  const decided = holdings.filter(({ asset }) => !doubts.has(asset));
  const settled = await settleDrifts(facts, decided, { doubts, ownUnknown: behind?.why }, ports);
  // Last: whoever dies before reads some executions again.
  await ledger.reconciliation.saveProgress(accountId, missed.progress);
  const report: ReconciliationReport = {
    accountId,
    at,
    missedFills: missed.recorded,
    adjusted: settled.adjusted,
    drifts: settled.open,
    closedDrifts: settled.closed,
    unmanaged: decided.filter(({ unmanaged }) => !unmanaged.isZero()).map(unmanagedOf),
    undecided: [
      ...[...doubts].map(([asset, why]) => ({ asset, why })).filter(({ asset }) => !isCash(asset)),
      ...settled.moving,
    ],
  };
  const [first] = settled.failures;
  if (first !== undefined) {
    const assets = settled.failures.map(({ asset }) => asset).join(', ');
    throw new ReconciliationIncomplete(
      `${accountId} was not reconciled in ${assets}: ${first.why}. The next check tries again`,
      { cause: first.cause },
    );
  }
  if (behind?.failure !== undefined) throw behind.failure;
  if (behind !== undefined && !waits)
    throw new ReconciliationIncomplete(
      `${accountId} is reconciled by what is held alone since ${iso(behind.since)}: ${behind.why}. Does its owner trade more than its key may read?`,
    );
  return report;
};

const unmanagedOf = ({ asset, held, managed, unmanaged }: Holding) => ({ asset, held, managed, unmanaged });

/** An order in doubt may have moved either of its assets. */
const doubtsOf = (
  doubtful: Iterable<readonly [Parameters<typeof assetsOf>[0], string]>,
): ReadonlyMap<Asset, string> =>
  new Map(
    [...doubtful].flatMap(([symbol, why]) => {
      const { base, quote } = assetsOf(symbol);
      return [
        [base, why],
        [quote, why],
      ] as const;
    }),
  );
