import * as z from 'zod';
import { type Fraction, greatest, type Price, type Quantity, text } from '../../money/money.ts';
import { zPrice, zQuantity } from '../../money/schema.ts';
import { type Instant, MINUTE } from '../../time/clock.ts';
import type { HeldPosition } from '../strategy.ts';
import type { ApexConfig } from './config.ts';
import { below, keepWithinBand, priceWithoutFee, type Targets, targetsFor } from './levels.ts';

const zPlan = z.object({
  plan: z.literal('apex/1'),
  decidedAt: z.number(),
  startedWith: zQuantity.exactOptional(),
  held: zQuantity.exactOptional(),
  grownAt: z.number().exactOptional(),
  entry: zPrice,
  stop: zPrice,
  first: zPrice,
  second: zPrice,
  third: zPrice,
  reached: z.literal([0, 1, 2]),
  highest: zPrice,
  reasons: z.array(z.string()),
});

/** A position's memory. Stored as JSON: see `storedPlan`. */
export interface Plan extends Targets {
  /** When the entry was decided: the clock of the longest holding time. */
  readonly decidedAt: Instant;
  /** The quantity the targets' shares refer to. Absent until the position has been seen. */
  readonly startedWith?: Quantity;
  /** The quantity last seen: where there is more now, it was bought since. Absent in plans of before it was kept. */
  readonly held?: Quantity;
  /** When more was seen to be bought: highs of before are none of the position as it is now. */
  readonly grownAt?: Instant;
  readonly entry: Price;
  /** Only ever rises. */
  readonly stop: Price;
  /** How many targets have been reached; the third ends the position. */
  readonly reached: 0 | 1 | 2;
  /** The highest bid seen. */
  readonly highest: Price;
  readonly reasons: readonly string[];
}

/** How long after the decision a position may appear and still be the plan's. */
const FILL_WITHIN_MS = 10 * MINUTE;

export const storedPlan = (plan: Plan): z.input<typeof zPlan> => ({
  plan: 'apex/1',
  decidedAt: plan.decidedAt,
  ...(plan.startedWith === undefined ? {} : { startedWith: text(plan.startedWith) }),
  ...(plan.held === undefined ? {} : { held: text(plan.held) }),
  ...(plan.grownAt === undefined ? {} : { grownAt: plan.grownAt }),
  entry: text(plan.entry),
  stop: text(plan.stop),
  first: text(plan.first),
  second: text(plan.second),
  third: text(plan.third),
  reached: plan.reached,
  highest: text(plan.highest),
  reasons: [...plan.reasons],
});

/** The plan that a tick has kept; undefined where it is none, or damaged. */
export const readPlan = (state: unknown): Plan | undefined => {
  const parsed = zPlan.safeParse(state);
  if (!parsed.success) return undefined;
  const { plan: _, ...plan } = parsed.data;
  return plan;
};

const averageEntry = (position: HeldPosition, roundTripFee: Fraction, bid: Price): Price =>
  position.costBasis.gt(0) ? priceWithoutFee(position.costBasis, position.quantity, roundTripFee) : bid;

/**
 * What is assumed of a position without a plan (bought by hand, adopted, or its memory lost): bought now at its
 * average cost without fee (at the bid where it cost nothing), with the farthest stop allowed below that.
 */
const rebuiltPlan = (
  position: HeldPosition,
  now: Instant,
  bid: Price,
  roundTripFee: Fraction,
  config: ApexConfig,
): Plan => {
  const entry = averageEntry(position, roundTripFee, bid);
  const stop = below(entry, config.stop.farthest);
  return {
    decidedAt: now,
    startedWith: position.quantity,
    held: position.quantity,
    entry,
    stop,
    ...targetsFor(entry, stop, roundTripFee, config.targets),
    reached: 0,
    highest: bid,
    reasons: ['rebuilt from the cost basis'],
  };
};

/** The plan moved to what was really bought, at what price; a stop that rose stays. */
const anchoredPlan = (
  plan: Plan,
  position: HeldPosition,
  now: Instant,
  bid: Price,
  roundTripFee: Fraction,
  config: ApexConfig,
): Plan => {
  const entry = averageEntry(position, roundTripFee, bid);
  const stop = keepWithinBand(plan.stop, entry, config.stop);
  const seenBefore = plan.startedWith !== undefined;
  // What a smaller position reached would sell this one at once, and so would targets below the price of now.
  const anchor = seenBefore ? greatest(entry, bid) : entry;
  return {
    ...plan,
    ...(seenBefore ? { reached: 0, highest: bid, grownAt: now } : {}),
    startedWith: position.quantity,
    entry,
    stop: seenBefore ? greatest(stop, plan.stop) : stop,
    ...targetsFor(anchor, keepWithinBand(plan.stop, anchor, config.stop), roundTripFee, config.targets),
  };
};

/**
 * The plan by which a position is managed now, whatever happened since it was stored.
 *
 * - Seen for the first time, or more was bought since: entry, R and targets follow the real quantity and cost, so
 *   a partial fill or another price than decided needs no correction by the caller. Where more was bought since,
 *   also after a part was sold, the targets are to be reached anew.
 * - No plan, an unreadable one, or one of an earlier position (the position opened long after it was decided): a
 *   plan is rebuilt from the cost basis; `rebuilt` says so.
 */
export const planOf = (
  position: HeldPosition,
  now: Instant,
  bid: Price,
  roundTripFee: Fraction,
  config: ApexConfig,
): { readonly plan: Plan; readonly rebuilt: boolean } => {
  const stored = readPlan(position.state);
  if (stored === undefined || position.openedAt > stored.decidedAt + FILL_WITHIN_MS) {
    return { plan: rebuiltPlan(position, now, bid, roundTripFee, config), rebuilt: true };
  }
  const before = stored.held ?? stored.startedWith;
  const grown = before === undefined || position.quantity.gt(before);
  const plan = grown ? anchoredPlan(stored, position, now, bid, roundTripFee, config) : stored;
  return { plan: { ...plan, held: position.quantity }, rebuilt: false };
};
