import type { Assumptions } from './assumptions.ts';
import type { Familiarity, WorkUnit } from './calls.ts';
import { coldShareOfBurst } from './lambda-time.ts';

export const DAYS = 30;
export const SECONDS = DAYS * 24 * 60 * 60;

/** How often a unit of work is done in a month, in one state of the function. */
export interface Volume {
  readonly unit: WorkUnit;
  readonly familiarity: Familiarity;
  readonly times: number;
  /** False for what is only a part of another unit's invocation. */
  readonly invocation: boolean;
}

/** What happens in a month of 30 days. */
export interface Month {
  readonly users: number;
  readonly masters: number;
  readonly ticks: number;
  readonly trades: number;
  readonly copies: number;
  readonly checks: number;
  readonly volumes: readonly Volume[];
}

/**
 * A secret is read in every copy, check, balance and exit: an instance seldom meets the same account twice
 * within the 15 minutes that it remembers it.
 */
export const monthOf = (users: number, assumptions: Assumptions): Month => {
  const { masters, tickMinutes, tradesPerDay, followingShare, filledShare, buyShare } = assumptions;
  const { checksPerDay, balancesPerDay, exitsPerMonth, coldShare, copyWorkers } = assumptions;
  const ticks = (masters * SECONDS) / (tickMinutes * 60);
  const trades = Math.min(masters * tradesPerDay * DAYS, ticks);
  const followersEach = (users * followingShare) / masters;
  const copies = trades * followersEach;
  const checks = users * checksPerDay * DAYS;
  const balances = users * balancesPerDay * DAYS;
  const inBurst = coldShareOfBurst(followersEach, copyWorkers);

  const invoked = (unit: WorkUnit, times: number, cold: number, warm: Familiarity): readonly Volume[] => [
    { unit, familiarity: 'cold', times: times * cold, invocation: true },
    { unit, familiarity: warm, times: times * (1 - cold), invocation: true },
  ];
  const volumes: readonly Volume[] = [
    ...invoked('tick-quiet', ticks - trades, 0, 'again'),
    ...invoked('tick-buy', trades, 0, 'again'),
    ...invoked('fan-out', trades, 1, 'again'),
    { unit: 'fan-out-follower', familiarity: 'again', times: copies, invocation: false },
    ...invoked('copy-buy', copies * filledShare * buyShare, inBurst, 'first'),
    ...invoked('copy-sell', copies * filledShare * (1 - buyShare), inBurst, 'first'),
    ...invoked('copy-skipped', copies * (1 - filledShare), inBurst, 'first'),
    ...invoked('balance', checks + balances, coldShare, 'first'),
    ...invoked('exit-symbol', users * exitsPerMonth, 1, 'first'),
  ];
  return {
    users,
    masters,
    ticks,
    trades,
    copies,
    checks,
    volumes: volumes.filter(({ times }) => times > 0),
  };
};
