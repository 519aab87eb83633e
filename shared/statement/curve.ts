import { minus, plus, type QuoteAmount } from '../money/money.ts';
import { sumOf } from './parts.ts';
import type { Statement } from './statement.ts';
import type { Stretch } from './stretch.ts';

const MOST_POINTS = 300;

/** Equity over the period, as it was and as it would have been had nothing come or left. */
export const curveOf = ([first, ...later]: readonly [Stretch, ...Stretch[]]): Statement['curve'] => {
  const { at, equity } = first.from.snapshot;
  const points: Statement['curve'] = [{ at, equity, withoutFlows: equity }];
  let came: QuoteAmount = sumOf([]);
  for (const { parts, to } of [first, ...later]) {
    came = plus(came, sumOf([parts.deposits, parts.withdrawals, parts.rounding, parts.unexplained]));
    const { snapshot } = to;
    points.push({ at: snapshot.at, equity: snapshot.equity, withoutFlows: minus(snapshot.equity, came) });
  }
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
};
