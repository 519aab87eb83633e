import type { Adjustment } from '../ledger/adjustment.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import { type Instant, MINUTE } from '../time/clock.ts';
import type { Happened } from './carry-out.ts';
import type { Method } from './statement.ts';
import { beginning, type Standing, type Stretch, stretchTo } from './stretch.ts';

/** What the ledger has of an account. */
export interface Records {
  /** Oldest first. */
  readonly fills: readonly RecordedFill[];
  /** Oldest first. */
  readonly adjustments: readonly Adjustment[];
}

/** No execution is in balances that were read so long before it, however the clocks differ. */
const CLOCKS_DIFFER_MS = 10 * MINUTE;

/**
 * An account's history from snapshot to snapshot. Each execution belongs to the stretch whose second snapshot is the
 * first that had counted it: the stretches add up, wherever one cuts.
 *
 * @param snapshots oldest first, at least one. Where some are left out, the stretch from the one before to the one
 * after adds up as well; only what the owner did in it is told less finely.
 */
export const replay = (
  [first, ...later]: readonly [EquitySnapshot, ...EquitySnapshot[]],
  records: Records,
  method: Method,
): { readonly start: Standing; readonly stretches: readonly Stretch[] } => {
  const next = reader(records);
  const start = beginning(first, next(first), method);
  const stretches: Stretch[] = [];
  let standing = start;
  for (const snapshot of later) {
    const stretch = stretchTo(standing, snapshot, next(snapshot), method);
    stretches.push(stretch);
    standing = stretch.to;
  }
  return { start, stretches };
};

/** Gives what a snapshot has that none before had. */
const reader = ({ fills, adjustments }: Records): ((snapshot: EquitySnapshot) => Happened) => {
  let fillsRead = 0;
  let adjustmentsRead = 0;
  let waiting: readonly RecordedFill[] = [];
  return (snapshot) => {
    const reachable = takeWhile(fills, fillsRead, ({ at }) => at <= snapshot.at + CLOCKS_DIFFER_MS);
    fillsRead += reachable.length;
    const candidates = [...waiting, ...reachable];
    const counts = counterOf(snapshot);
    waiting = candidates.filter((fill) => !counts(fill));
    const adjusted = takeWhile(adjustments, adjustmentsRead, ({ at }) => at <= snapshot.at);
    adjustmentsRead += adjusted.length;
    return { fills: candidates.filter(counts), adjustments: adjusted };
  };
};

/** Whether a snapshot has an execution in its balances: what is older than what it names was counted before. */
const counterOf = ({ counted, countedFrom }: EquitySnapshot): ((fill: RecordedFill) => boolean) => {
  const ids = new Set(counted.map(({ fillId }) => fillId));
  return ({ fillId, at }) => at < countedFrom || ids.has(fillId);
};

const takeWhile = <T extends { readonly at: Instant }>(
  all: readonly T[],
  from: number,
  fits: (one: T) => boolean,
): readonly T[] => {
  let to = from;
  for (let one = all[to]; one !== undefined && fits(one); one = all[to]) to += 1;
  return all.slice(from, to);
};
