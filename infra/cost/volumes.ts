import type { FunctionName } from '../functions/specs.ts';
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
  /** How often all accounts are checked. */
  readonly slots: number;
  readonly volumes: readonly Volume[];
  /** Functions whose invocations come all together, so many times a month, so many of them at once. */
  readonly bursts: Readonly<Partial<Record<FunctionName, Burst>>>;
}

export interface Burst {
  readonly times: number;
  readonly atOnce: number;
}

/**
 * A secret is read in every copy, check, balance and exit: an instance seldom meets the same account twice
 * within the 15 minutes that it remembers it. Copies and checks come in bursts, each taken to find no instance
 * of the one before.
 */
export const monthOf = (users: number, assumptions: Assumptions): Month => {
  const { masters, tickMinutes, tradesPerDay, followingShare, filledShare, buyShare } = assumptions;
  const { checkMinutes, balancesPerDay, exitsPerMonth, coldShare, copyWorkers, checkWorkers } = assumptions;
  const ticks = (masters * SECONDS) / (tickMinutes * 60);
  const trades = Math.min(masters * tradesPerDay * DAYS, ticks);
  const followersEach = (users * followingShare) / masters;
  const copies = trades * followersEach;
  const slots = SECONDS / (checkMinutes * 60);
  const checks = users * slots;
  const dailyChecks = Math.min(users * DAYS, checks);
  const balances = users * balancesPerDay * DAYS;
  const inBurst = coldShareOfBurst(followersEach, copyWorkers);
  const inSlot = coldShareOfBurst(users, checkWorkers);

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
    ...invoked('dispatch', slots, 1, 'again'),
    { unit: 'dispatch-account', familiarity: 'again', times: checks, invocation: false },
    ...invoked('check', checks - dailyChecks, inSlot, 'first'),
    ...invoked('check-daily', dailyChecks, inSlot, 'first'),
    ...invoked('balance', balances, coldShare, 'first'),
    ...invoked('exit-symbol', users * exitsPerMonth, 1, 'first'),
  ];
  return {
    users,
    masters,
    ticks,
    trades,
    copies,
    checks,
    slots,
    volumes: volumes.filter(({ times }) => times > 0),
    bursts: {
      'copy-worker': { times: trades, atOnce: Math.min(copyWorkers, followersEach) },
      'account-check': { times: slots, atOnce: Math.min(checkWorkers, users) },
    },
  };
};
