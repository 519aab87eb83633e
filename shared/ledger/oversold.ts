import { least, lessAtMost, plus, type Quantity, ZERO_QUANTITY } from '../money/money.ts';
import { type Instant, MINUTE, SECOND } from '../time/clock.ts';

/** What a sale of ours took beyond the position: an exit of everything sells coins that the ledger does not know. */
export interface Oversold {
  readonly quantity: Quantity;
  /** The exchange's time of the sale; of the first, where they followed each other within a second. */
  readonly at: Instant;
}

/** A purchase in doubt is known sooner than that. What was oversold so long before the last time is forgotten. */
const REMEMBERED_MS = 10 * MINUTE;
/** One order takes several prices at once. */
const AT_ONCE_MS = SECOND;

/** @param all oldest first */
export const oversoldWith = (
  all: readonly Oversold[],
  beyond: Quantity,
  at: Instant,
): readonly Oversold[] => {
  const near = all.find((one) => one.at <= at && at - one.at < AT_ONCE_MS);
  const grown =
    near === undefined
      ? [...all, { quantity: beyond, at }].toSorted((one, other) => one.at - other.at)
      : all.map((one) => (one === near ? { ...one, quantity: plus(one.quantity, beyond) } : one));
  const last = grown.at(-1)?.at ?? at;
  return grown.filter((one) => last - one.at <= REMEMBERED_MS);
};

/**
 * How much of a purchase had been sold before the ledger learnt of it: it was in doubt while an exit of everything
 * sold its coins. So the position is what it would be, had each been recorded in its time.
 */
export const soldBeforeKnown = (
  all: readonly Oversold[],
  bought: Quantity,
  at: Instant,
): { readonly sold: Quantity; readonly oversold: readonly Oversold[] } => {
  let sold = ZERO_QUANTITY;
  const left: Oversold[] = [];
  for (const one of all) {
    const taken = one.at > at ? least(lessAtMost(bought, sold), one.quantity) : ZERO_QUANTITY;
    sold = plus(sold, taken);
    const rest = lessAtMost(one.quantity, taken);
    if (!rest.isZero()) left.push({ ...one, quantity: rest });
  }
  return { sold, oversold: left };
};
