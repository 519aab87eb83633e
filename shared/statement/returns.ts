import {
  type BasisPoints,
  bps,
  type Fraction,
  fraction,
  greatest,
  minus,
  ONE,
  plus,
  type QuoteAmount,
  quote,
  ratio,
  scale,
  ZERO_QUOTE,
} from '../money/money.ts';
import { sumOf } from './parts.ts';
import type { Stretch } from './stretch.ts';

/** With so little or less nothing is measured: there is nothing to be in proportion to. */
const LEAST_BASE = quote('1');
const PLACES = 4;

/** What came and left that is no profit; of an unknown stretch all that prices do not explain. */
const flowsOf = ({ parts }: Stretch): readonly QuoteAmount[] => [
  parts.deposits,
  parts.withdrawals,
  parts.rounding,
  parts.unexplained,
];

const aboveZero = (amount: QuoteAmount): QuoteAmount => greatest(amount, ZERO_QUOTE);

/** What a stretch began with, and what came: a deposit comes before its trades, a withdrawal leaves after them. */
export const baseOf = (stretch: Stretch): QuoteAmount =>
  plus(stretch.from.snapshot.equity, sumOf(flowsOf(stretch).map(aboveZero)));

export const isMeasurable = (stretch: Stretch): boolean => baseOf(stretch).gt(LEAST_BASE);

/** Time-weighted: what one unit became, whatever came or left meanwhile. */
export const growthOver = (stretches: readonly Stretch[]): Fraction =>
  stretches.filter(isMeasurable).reduce((growth, stretch) => {
    const left = sumOf(flowsOf(stretch).map((flow) => aboveZero(minus(ZERO_QUOTE, flow))));
    const end = aboveZero(plus(stretch.to.snapshot.equity, left));
    return fraction(scale(growth, ratio(end, baseOf(stretch))).toSignificantDigits(40));
  }, ONE);

export const returnBps = (stretches: readonly Stretch[]): BasisPoints =>
  shown(bps(growthOver(stretches).minus(ONE).times(10_000)));

/** An amount against what a stretch began with; nothing where there is nothing to be in proportion to. */
export const shareBps = (amount: QuoteAmount, stretch: Stretch): BasisPoints =>
  isMeasurable(stretch) ? bps(amount.div(baseOf(stretch)).times(10_000).toSignificantDigits(40)) : bps('0');

/** To the places in which basis points are told. */
export const shown = (points: BasisPoints): BasisPoints => bps(points.toDecimalPlaces(PLACES));
