import { type Instant, iso, MINUTE } from '../time/clock.ts';

/** When a sale that the exchange refuses is tried again. */
export interface BackOff {
  /** In a row. */
  readonly refusals: number;
  readonly nextTryAt: Instant;
  /** What the exchange said to the last. */
  readonly why: string;
}

/** Less than what lies between two checks, which come a little earlier or later. */
const FIRST_MS = 10 * MINUTE;
/** A market falls on while a stop rests: with checks every quarter of an hour every second one tries. */
const LONGEST_MS = 20 * MINUTE;

/**
 * Each refused try leaves an order in the ledger for good. So the first is followed by a try with the next check,
 * whenever that comes, the next waits for ten minutes, and all others for twenty. It never ends.
 */
export const afterRefusal = (before: BackOff | undefined, at: Instant, why: string): BackOff => {
  const refusals = (before?.refusals ?? 0) + 1;
  const pause = refusals === 1 ? 0 : Math.min(FIRST_MS * 2 ** (refusals - 2), LONGEST_MS);
  return { refusals, nextTryAt: at + pause, why };
};

/** Why nothing is sent now; undefined where something may be. */
export const restsAfter = (backOff: BackOff | undefined, now: Instant): string | undefined =>
  backOff === undefined || now >= backOff.nextTryAt
    ? undefined
    : `${backOff.why} (refused ${backOff.refusals} times in a row: tried again from ${iso(backOff.nextTryAt)} on; an exit that you ask for tries at once)`;
