import { least, lessAtMost, plus, type Quantity, ZERO_QUANTITY } from '../money/money.ts';
import { type Instant, MINUTE } from '../time/clock.ts';

/** What sales of ours took beyond the position: an exit of everything sells coins that the ledger does not know. */
export interface Oversold {
  readonly quantity: Quantity;
  /** The exchange's time of the last of these sales. */
  readonly at: Instant;
}

/** Sales in parts, and those of one exit, follow each other sooner. What was oversold longer ago is forgotten. */
const TOGETHER_MS = 10 * MINUTE;

export const oversoldWith = (before: Oversold | undefined, beyond: Quantity, at: Instant): Oversold => {
  if (before === undefined || at - before.at > TOGETHER_MS) return { quantity: beyond, at };
  if (before.at - at > TOGETHER_MS) return before;
  return { quantity: plus(before.quantity, beyond), at: Math.max(before.at, at) };
};

/**
 * How much of a purchase had been sold before the ledger learnt of it: it was in doubt while an exit of everything
 * sold its coins. So the position is what it would be, had each been recorded in its time.
 */
export const soldBeforeKnown = (
  oversold: Oversold | undefined,
  bought: Quantity,
  at: Instant,
): { readonly sold: Quantity; readonly oversold?: Oversold } => {
  if (oversold === undefined) return { sold: ZERO_QUANTITY };
  if (at >= oversold.at) return { sold: ZERO_QUANTITY, oversold };
  const sold = least(bought, oversold.quantity);
  const left = lessAtMost(oversold.quantity, sold);
  return left.isZero() ? { sold } : { sold, oversold: { ...oversold, quantity: left } };
};
