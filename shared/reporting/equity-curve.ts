import {
  type Fraction,
  fraction,
  minus,
  ONE,
  plus,
  type QuoteAmount,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import type { CurveSnapshot } from '../snapshot/snapshot.ts';
import type { EquityPoint } from './contract/history-answer.ts';

/** Digits that growth is kept with while it is multiplied, and shown with. */
const KEPT_DIGITS = 30;
const SHOWN_DECIMALS = 8;

/**
 * Growth from one snapshot to the next without what came and left: money that came is taken to have come before the
 * trades of that time, what left to have left after them, as the loss limits take it. So a deposit E → E + F and a
 * withdrawal E → E − F are growth of 1. From nothing to something there is none.
 */
const growth = (before: QuoteAmount, { equity, flow }: CurveSnapshot): Fraction => {
  const start = flow.gt(0) ? plus(before, flow) : before;
  const end = flow.gt(0) ? equity : minus(equity, flow);
  return start.lte(ZERO_QUOTE) || end.lt(ZERO_QUOTE)
    ? ONE
    : fraction(end.div(start).toSignificantDigits(KEPT_DIGITS));
};

export interface CurveBuilder {
  /** The next snapshot, later than those before. */
  add(snapshot: CurveSnapshot): void;
  points(): readonly EquityPoint[];
  /** Whether what came and left is not known of some stretch between its snapshots, kept as a point or not. */
  hasUnknownFlows(): boolean;
}

/**
 * Snapshots as points of a curve, with growth since the first; no deposit and no withdrawal moves it. All of them
 * count for the growth; kept are those that are at least so far apart, and the last one, since a year is of tens of
 * thousands.
 */
export const curveBuilder = (spacingMs: number): CurveBuilder => {
  let index: Fraction = ONE;
  let before: QuoteAmount | undefined;
  let last: EquityPoint | undefined;
  let unknownFlows = false;
  const kept: EquityPoint[] = [];
  return {
    add: (snapshot) => {
      if (before !== undefined) {
        index = fraction(index.times(growth(before, snapshot)).toSignificantDigits(KEPT_DIGITS));
        unknownFlows ||= snapshot.unknownSince !== undefined;
      }
      before = snapshot.equity;
      const point = pointOf(snapshot, index);
      const isKept = point.at - (kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= spacingMs;
      if (isKept) kept.push(point);
      last = isKept ? undefined : point;
    },
    points: () => (last === undefined ? [...kept] : [...kept, last]),
    hasUnknownFlows: () => unknownFlows,
  };
};

const pointOf = (
  { at, cash, held, equity, paidIn, unknownSince }: CurveSnapshot,
  index: Fraction,
): EquityPoint => ({
  at,
  cash: text(cash),
  held: text(held),
  equity: text(equity),
  paidIn: text(paidIn),
  index: text(fraction(index.toDecimalPlaces(SHOWN_DECIMALS))),
  flowsKnown: unknownSince === undefined,
});

/** At most so many of them, evenly by their number; the first and the last always. */
export const thinned = <T>(points: readonly T[], most: number): readonly T[] => {
  if (points.length <= most) return points;
  const last = points.length - 1;
  const chosen = new Set(
    Array.from({ length: most }, (_, index) => Math.round((index * last) / Math.max(1, most - 1))),
  );
  return points.filter((_, index) => chosen.has(index));
};
