import * as z from 'zod';
import { fraction } from '../money/money.ts';
import { zFraction, zQuote } from '../money/schema.ts';

const fixedAmount = z.strictObject({
  mode: z.literal('fixed-amount'),
  /** Quote units for each trade. */
  amount: zQuote.refine((value) => value.gt(0), 'amount must be positive'),
});
/** master quantity × ratio */
const fixedRatio = z.strictObject({ mode: z.literal('fixed-ratio'), ratio: zFraction });

const DEFAULT_MULTIPLIER = '1';

/** How a copied BUY is sized before caps. */
export const zSizing = z.discriminatedUnion('mode', [
  /** user equity × (master notional ÷ master equity) × multiplier */
  z.strictObject({ mode: z.literal('proportional'), multiplier: zFraction.prefault(DEFAULT_MULTIPLIER) }),
  fixedAmount,
  fixedRatio,
]);
export type Sizing = z.infer<typeof zSizing>;

/** The same for a change: a multiplier that is not given stays as it is. */
export const zSizingChange = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('proportional'), multiplier: zFraction.exactOptional() }),
  fixedAmount,
  fixedRatio,
]);
export type SizingChange = z.infer<typeof zSizingChange>;

export const changedSizing = (before: Sizing, change: SizingChange): Sizing => {
  if (change.mode !== 'proportional') return change;
  const kept = before.mode === 'proportional' ? before.multiplier : fraction(DEFAULT_MULTIPLIER);
  return { mode: change.mode, multiplier: change.multiplier ?? kept };
};
