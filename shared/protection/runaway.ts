import * as z from 'zod';
import type { AccountId } from '../account/account.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import { type QuoteAmount, text } from '../money/money.ts';
import { zQuote } from '../money/schema.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Instant } from '../time/clock.ts';

const fields = {
  /** BUYs of all accounts together within the window. */
  maxOrders: z.int().min(1).max(1_000_000),
  /** Their notional; US dollars and the coins that stand for them count as one. */
  maxNotional: zQuote.refine(
    (value) => value.gt(0) && value.lte('1000000000000'),
    'maxNotional is above zero, and a trillion at most',
  ),
  /** Whole minutes; the running one is counted on top. */
  windowMinutes: z.int().min(1).max(15),
};

/**
 * What all accounts together may buy, whatever each of them may. Absolute figures: who sends one order knows nothing
 * of how many accounts there are. The defaults leave room for some hundreds of accounts that follow a master which
 * buys every minute; whoever has more raises them.
 */
export const zRunawayLimits = z.strictObject({
  maxOrders: fields.maxOrders.default(2_000),
  maxNotional: fields.maxNotional.prefault('1000000'),
  windowMinutes: fields.windowMinutes.default(5),
});
export type RunawayLimits = z.infer<typeof zRunawayLimits>;
export const DEFAULT_RUNAWAY_LIMITS: RunawayLimits = zRunawayLimits.parse({});

/** Some of them: what is not given stays as it is. */
export const zRunawayLimitChanges = z.strictObject(fields).exactPartial();
export type RunawayLimitChanges = z.infer<typeof zRunawayLimitChanges>;

/** That the limits were exceeded: from then on nobody buys, until somebody resumes. */
export interface RunawayTrip {
  /** Whose BUY was the first above the limits. */
  readonly by: AccountId;
  readonly at: Instant;
  /** One sentence with the figures. */
  readonly why: string;
  readonly orders: number;
  readonly notional: QuoteAmount;
}

export interface RunawayBreaker {
  readonly trip?: RunawayTrip;
  /** Only what is bought after it counts: zero, or when somebody last resumed after a trip. */
  readonly countsSince: Instant;
  readonly limits: RunawayLimits;
}

/** A BUY that is about to be sent. */
export interface CountedBuy {
  readonly accountId: AccountId;
  readonly clientOrderId: string;
  readonly notional: QuoteAmount;
  readonly at: Instant;
}

/** What all accounts together bought, or were about to. */
export interface Bought {
  readonly orders: number;
  /** In hundredths of a quote unit, each BUY's rounded up. */
  readonly notional: QuoteAmount;
}

export interface RunawayStore {
  /** @throws LedgerError when it cannot be read: nobody buys then */
  breaker(): Promise<RunawayBreaker>;
  /** Counts the BUY. A retry of the same one counts again: one too many, never one too few. */
  count(buy: CountedBuy, breaker: RunawayBreaker): Promise<void>;
  /** Within the window that ends at `now`; strongly consistent. */
  bought(breaker: RunawayBreaker, now: Instant): Promise<Bought>;
  /** @returns false where it has tripped before, or was resumed meanwhile */
  trip(trip: RunawayTrip, breaker: RunawayBreaker): Promise<boolean>;
}

export interface RunawayPorts {
  readonly runaway: RunawayStore;
  readonly log: Log;
  readonly meter: Meter;
}

/** Why nobody may buy now, by the breaker. @param read what cannot be read stops every BUY */
export const whyTripped = (read: Read<RunawayBreaker>): string | undefined => {
  if (!read.readable) return `the breaker over all accounts could not be read: ${read.why}`;
  const { trip } = read.value;
  return trip === undefined ? undefined : `the breaker over all accounts has tripped: ${trip.why}`;
};

/** Which limit is exceeded, with its figures. */
export const overLimits = ({ orders, notional }: Bought, limits: RunawayLimits): string | undefined => {
  const within = `within ${limits.windowMinutes} minutes`;
  if (orders > limits.maxOrders)
    return `${orders} BUYs of all accounts ${within}; at most ${limits.maxOrders}`;
  if (notional.gt(limits.maxNotional))
    return `BUYs of all accounts ${within} come to ${text(notional)}; at most ${text(limits.maxNotional)}`;
  return undefined;
};

/**
 * Judges all accounts' BUYs after `buy` was counted among them, and trips the breaker where they exceed the limits.
 * Whoever counts first and judges then, sees all who did before: of many at once none slips through.
 *
 * @returns why the BUY must not be sent
 */
export const judgeRunaway = async (
  buy: CountedBuy,
  breaker: RunawayBreaker,
  { runaway, log, meter }: RunawayPorts,
): Promise<string | undefined> => {
  const bought = await attemptRead(() => runaway.bought(breaker, buy.at));
  if (!bought.readable) return `what all accounts bought could not be read: ${bought.why}`;
  const over = overLimits(bought.value, breaker.limits);
  if (over === undefined) return undefined;
  const why = `${over} (the last by ${buy.accountId})`;
  const fields = { account: buy.accountId, why };
  const trip: RunawayTrip = { by: buy.accountId, at: buy.at, why, ...bought.value };
  const tripped = await attemptRead(() => runaway.trip(trip, breaker));
  if (!tripped.readable)
    log.error(
      'the breaker over all accounts could not be tripped; the next BUY tries again',
      tripped.why,
      fields,
    );
  else if (tripped.value) log.warn('the breaker over all accounts tripped: nobody buys any more', fields);
  // Also where it could not be written: somebody has to know.
  if (!tripped.readable || tripped.value) meter.count('RunawayTripped', fields);
  return `the breaker over all accounts has tripped: ${why}`;
};
