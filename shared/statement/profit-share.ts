import { type Fraction, greatest, minus, plus, type QuoteAmount, scale, ZERO_QUOTE } from '../money/money.ts';
import type { Instant } from '../time/clock.ts';
import { resultOf } from './parts.ts';
import type { ProfitShare } from './statement.ts';
import type { Stretch } from './stretch.ts';

/**
 * What a share of the profit above the high-water mark would come to. Profit is what Nija's trades made, after fees:
 * so neither deposits nor withdrawals nor the owner's own coins move profit or mark, and what was lost is made good
 * before anything is shared again. The mark is the highest that the profit was at the end of any month before, and
 * never below zero.
 *
 * @param stretches from the account's first snapshot to the end of the period
 * @param marks the snapshots that stand for the ends of months before the period; the last is its opening
 */
export const profitShareOf = (
  rate: Fraction,
  stretches: readonly Stretch[],
  marks: readonly Instant[],
): ProfitShare => {
  const ends = new Set(marks);
  const opening = marks.at(-1);
  let profit = ZERO_QUOTE;
  let before = ZERO_QUOTE;
  let markBefore = ZERO_QUOTE;
  for (const { parts, to } of stretches) {
    profit = plus(profit, resultOf(parts));
    if (ends.has(to.snapshot.at)) markBefore = greatest(markBefore, profit);
    if (to.snapshot.at === opening) before = profit;
  }
  const above = greatest<QuoteAmount>(minus(profit, markBefore), ZERO_QUOTE);
  return {
    rate,
    before,
    after: profit,
    markBefore,
    markAfter: greatest(markBefore, profit),
    above,
    share: scale(above, rate),
    monthsBefore: marks.length,
  };
};
