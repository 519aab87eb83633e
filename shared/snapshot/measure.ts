import type { AccountId } from '../account/account.ts';
import type { Valuation } from '../account/equity.ts';
import type { Executions, Fill } from '../exchange/exchange.ts';
import type { Asset } from '../exchange/market.ts';
import { minus, plus } from '../money/money.ts';
import type { Movement } from '../protection/risk.ts';
import { type Instant, MINUTE } from '../time/clock.ts';
import { assetsOf, type Flow, flowsBetween, isRounding, knownPrices, netValue } from './flows.ts';
import { type Holding, type PriceOf, worthOf } from './holdings.ts';
import type { EquitySnapshot } from './snapshot.ts';

/** Executions are read again from this long before the last snapshot: one may be listed late, or the clocks differ. */
const OVERLAP_MS = 10 * MINUTE;
/** Balances and executions are read one after the other: one this young may be in the list and not in the balances. */
export const UNSETTLED_MS = MINUTE;

/** What was read of an account at one moment. */
export interface Reading {
  readonly accountId: AccountId;
  readonly at: Instant;
  readonly valuation: Pick<Valuation, 'cash' | 'held' | 'equity'>;
  readonly holdings: readonly Holding[];
  readonly priceOf: PriceOf;
}

/** From when on executions have to be read for a snapshot. */
export const fillsNeededFrom = (last: EquitySnapshot | undefined, at: Instant): Instant =>
  last?.countedFrom ?? at - OVERLAP_MS;

/**
 * The snapshot that follows `last`.
 *
 * Each execution is counted once: those counted are known by id, and one that is left out is younger than what the
 * next snapshot reads again. So the flows of all snapshots add up to what really came and left; a single one may show
 * an execution that the balances had and the list had not, and the next one its opposite.
 *
 * What was executed in a market that is not known counts as far as its name tells what it moved. Where it tells
 * nothing, what moved is a flow of this snapshot, and it is not counted again when the market is known.
 *
 * @param executions all at or after `fillsNeededFrom`
 * @returns undefined where there is none before and an execution is so young that it may be in the balances or not:
 * what all later figures start from must be certain
 */
export const measure = (
  last: EquitySnapshot | undefined,
  reading: Reading,
  executions: Executions,
): EquitySnapshot | undefined => {
  const { accountId, valuation, holdings } = reading;
  const { cash, held, equity } = valuation;
  const settledBy = reading.at - UNSETTLED_MS;
  const fills = readableOf(executions);
  const unreadable = executions.unlisted.filter(({ read }) => read === undefined).map(idAndTime);
  if (last === undefined) {
    if (fills.some(({ at }) => at > settledBy)) return undefined;
    const countedFrom = fillsNeededFrom(undefined, reading.at);
    const start = { accountId, at: reading.at, cash, held, equity, holdings, paidIn: equity };
    return {
      ...start,
      flows: [],
      flow: netValue([]),
      counted: [...fills, ...unreadable].map(idAndTime),
      countedFrom,
    };
  }
  const { flows, counted } = explain(last, reading, uncounted(last, fills), settledBy);
  const flow = netValue(flows);
  const known = new Set(last.counted.map(({ fillId }) => fillId));
  const fresh = [...counted, ...unreadable.filter(({ fillId }) => !known.has(fillId))];
  const all = [...last.counted, ...fresh.map(idAndTime)];
  const countedFrom = Math.max(last.countedFrom, reading.at - OVERLAP_MS);
  return {
    accountId,
    at: Math.max(reading.at, last.at + 1),
    cash,
    held,
    equity,
    holdings,
    flows,
    flow,
    paidIn: plus(last.paidIn, flow),
    counted: all.filter(({ at }) => at >= countedFrom),
    countedFrom,
  };
};

/**
 * The snapshot that follows `last` where the executions between are too many to be read: measuring begins anew. What
 * prices alone do not explain is one flow of unknown kind, trading included. Of the two ways to be wrong this one
 * neither takes a withdrawal for a loss nor moves a percent: equity against a limit is after it what it was, but for
 * prices.
 *
 * @param recent all executions at or after `fillsNeededFrom(undefined, …)`
 */
export const measureAnew = (last: EquitySnapshot, reading: Reading, recent: Executions): EquitySnapshot => {
  const { accountId, valuation, holdings, at } = reading;
  const { cash, held, equity } = valuation;
  const fills = readableOf(recent);
  const flow = minus(equity, worthOf(last.holdings, knownPrices(last.holdings, fills, reading.priceOf)));
  const unreadable = recent.unlisted.filter(({ read }) => read === undefined);
  return {
    accountId,
    at: Math.max(at, last.at + 1),
    cash,
    held,
    equity,
    holdings,
    flows: [],
    flow,
    paidIn: plus(last.paidIn, flow),
    // One that the balances had not yet is counted all the same: who trades so much may never pause for a minute, and
    // the next snapshot shows both sides of it as flows, which come to its fee.
    counted: [...fills, ...unreadable].map(idAndTime),
    countedFrom: fillsNeededFrom(undefined, at),
    unknownSince: last.at,
  };
};

/**
 * What the loss limits are moved by with the snapshot that follows `last`.
 *
 * @param executions those that the snapshot was measured with
 * @returns undefined where there is no snapshot before
 */
export const movementTo = (
  { flow }: EquitySnapshot,
  last: EquitySnapshot | undefined,
  { priceOf }: Pick<Reading, 'priceOf'>,
  executions: Executions,
): Movement | undefined => {
  if (last === undefined) return undefined;
  const prices = knownPrices(last.holdings, uncounted(last, readableOf(executions)), priceOf);
  return { flow, heldBefore: worthOf(last.holdings, prices) };
};

const uncounted = ({ counted }: EquitySnapshot, fills: readonly Fill[]): readonly Fill[] => {
  const known = new Set(counted.map(({ fillId }) => fillId));
  return fills.filter(({ fillId }) => !known.has(fillId));
};

const idAndTime = ({ fillId, at }: Pick<Fill, 'fillId' | 'at'>) => ({ fillId, at });

/** By time, as they came. */
const readableOf = ({ fills, unlisted }: Executions): readonly Fill[] =>
  [...fills, ...unlisted.flatMap(({ read }) => read ?? [])].sort((a, b) => a.at - b.at);

interface Explanation {
  readonly flows: readonly Flow[];
  readonly counted: readonly Fill[];
}

/**
 * Which of the youngest executions the balances have is not known; balances are read at one moment, so it is all up
 * to one of them. Taken is the explanation that needs the fewest flows in what these executions moved; of equals the
 * one that counts the most.
 */
const explain = (
  last: EquitySnapshot,
  { holdings, priceOf }: Reading,
  fresh: readonly Fill[],
  settledBy: Instant,
): Explanation => {
  const firstUnsettled = fresh.findIndex(({ at }) => at > settledBy);
  const least = firstUnsettled === -1 ? fresh.length : firstUnsettled;
  const moved = new Set(fresh.slice(least).flatMap((fill) => assetsOf(fill)));
  const upTo = (count: number): Explanation => {
    const counted = fresh.slice(0, count);
    return { counted, flows: flowsBetween(last.holdings, holdings, counted, priceOf) };
  };
  let best = upTo(fresh.length);
  let fewest = unexplained(best, moved);
  for (let count = fresh.length - 1; count >= least && fewest > 0; count -= 1) {
    const other = upTo(count);
    const left = unexplained(other, moved);
    if (left < fewest) {
      best = other;
      fewest = left;
    }
  }
  return best;
};

const unexplained = ({ flows }: Explanation, moved: ReadonlySet<Asset>): number =>
  flows.filter((flow) => moved.has(flow.asset) && !isRounding(flow)).length;
