import type { Candle } from '../../exchange/exchange.ts';
import type { Market } from '../../exchange/market.ts';
import {
  type Fraction,
  floorTo,
  fraction,
  greatest,
  lessAtMost,
  notional,
  ONE,
  type Price,
  price,
  type Quantity,
  scale,
  text,
} from '../../money/money.ts';
import { HOUR, type Instant } from '../../time/clock.ts';
import type { HeldPosition, Numbers } from '../strategy.ts';
import type { ApexConfig } from './config.ts';
import type { Readings } from './indicators.ts';
import { below, breakEven } from './levels.ts';
import type { Plan } from './plan.ts';
import { fractionFromStatistic } from './statistic.ts';

export interface ManagedPosition {
  readonly position: HeldPosition;
  readonly plan: Plan;
  readonly bid: Price;
  readonly now: Instant;
  readonly market: Market;
  readonly roundTripFee: Fraction;
  /** Closed candles of the symbol; may be few or none. */
  readonly candles: readonly Candle[];
  /** Absent where there are too few candles. */
  readonly readings: Readings | undefined;
}

export interface Management {
  readonly plan: Plan;
  readonly exit?: { readonly quantity: Quantity; readonly reason: string };
  /** The part that was due is too small to be sold on its own. */
  readonly blocked?: 'SALE_BELOW_MINIMUM';
  readonly numbers: Numbers;
}

/** Whether the exchange takes no order of this size. */
export const belowMinimum = (amount: Quantity, at: Price, market: Market): boolean => {
  const sellable = floorTo(amount, market.quantityStep);
  return (
    sellable.isZero() || sellable.lt(market.minimumQuantity) || notional(sellable, at).lt(market.minimumCost)
  );
};

const highestSince = (candles: readonly Candle[], since: Instant, seen: Price): Price =>
  candles.reduce((high, candle) => (candle.at >= since ? greatest(high, candle.high) : high), seen);

/** What is to be left of the started quantity after each number of reached targets. */
const keepAfter = (reached: 0 | 1 | 2, { sellAtFirst, sellAtSecond }: ApexConfig['exit']): Fraction => {
  if (reached === 0) return ONE;
  return lessAtMost(ONE, reached === 1 ? sellAtFirst : fraction(sellAtFirst.plus(sellAtSecond)));
};

/**
 * How many targets count as reached: by the bid, now or before; or because that share is already sold (to within
 * what can be traded) and the market was at the target since. So a sale whose record of the reached target was
 * lost is not made again, and a decided sale that did not fill is still due.
 */
const reachedTargets = (
  { plan, bid, position, market }: ManagedPosition,
  high: Price,
  started: Quantity,
  config: ApexConfig['exit'],
): 0 | 1 | 2 => {
  const soldDownTo = (reached: 1 | 2): boolean =>
    position.quantity.lt(started) &&
    belowMinimum(lessAtMost(position.quantity, scale(started, keepAfter(reached, config))), bid, market);
  const at = (reached: 1 | 2, target: Price): boolean =>
    plan.reached >= reached || bid.gte(target) || (high.gte(target) && soldDownTo(reached));
  if (at(2, plan.second)) return 2;
  return at(1, plan.first) ? 1 : 0;
};

const raisedStop = (
  { plan, position, roundTripFee, readings }: ManagedPosition,
  reached: 0 | 1 | 2,
  high: Price,
  { trailingAtrs }: ApexConfig['exit'],
): Price => {
  let stop = plan.stop;
  if (reached >= 1 && position.costBasis.gt(0)) {
    const even = breakEven(position.costBasis, position.quantity, roundTripFee);
    // Never a stop that the market has not been above: it would sell at once what has just reached its target.
    if (high.gte(even)) stop = greatest(stop, even);
  }
  if (reached === 2 && readings !== undefined) {
    const distance = fractionFromStatistic(readings.atr / readings.close).times(trailingAtrs);
    const trailing = high.times(distance.negated().plus(1));
    if (trailing.gt(0)) stop = greatest(stop, price(trailing));
  }
  return stop;
};

const STOP_REASONS = ['STOP', 'BREAK_EVEN_STOP', 'TRAILING_STOP'] as const;

/** Why all of it is to be sold now, if it is. */
const reasonToLeave = (
  { plan, bid, now, readings }: ManagedPosition,
  { maximumLoss, maximumHours }: ApexConfig['exit'],
): string | undefined => {
  if (bid.lte(below(plan.entry, maximumLoss))) return 'MAXIMUM_LOSS';
  if (bid.lte(plan.stop)) return STOP_REASONS[plan.reached];
  if (bid.gte(plan.third)) return 'TARGET_3';
  const crossedAt = readings?.fastBelowSince;
  if (crossedAt !== undefined && crossedAt > plan.decidedAt) return 'EMA_CROSSED_BELOW';
  return now - plan.decidedAt >= maximumHours * HOUR ? 'HELD_TOO_LONG' : undefined;
};

/**
 * Manages one position for one tick: raises the stop, and says what to sell.
 *
 * - All of it: at the loss limit, the stop, the third target, after the longest time, or when the fast EMA is below
 *   the middle one and fell below it on a candle that closed after the entry (a position entered while it was
 *   below already is not sold for that).
 * - Down to the share that a reached target leaves, from what is **really** held against what the plan started
 *   with. All of it where the rest could not be sold on its own; nothing (`blocked`) where the part itself could
 *   not.
 * - From the second target on the stop trails the highest price seen (bids, and candles opened after the entry, or
 *   after more was bought).
 */
export const managePosition = (managed: ManagedPosition, { exit: config }: ApexConfig): Management => {
  const { position, bid, market } = managed;
  const started = managed.plan.startedWith ?? position.quantity;
  const highest = greatest(managed.plan.highest, bid);
  const { grownAt, decidedAt } = managed.plan;
  const high = highestSince(managed.candles, grownAt ?? decidedAt, highest);
  const reached = reachedTargets(managed, high, started, config);
  const plan: Plan = { ...managed.plan, reached, highest, stop: raisedStop(managed, reached, high, config) };
  const numbers = {
    bid: text(bid),
    entry: text(plan.entry),
    stop: text(plan.stop),
    targetsReached: reached,
    held: text(position.quantity),
    startedWith: text(started),
  };

  const reason = reasonToLeave({ ...managed, plan }, config);
  if (reason !== undefined) return { plan, exit: { quantity: position.quantity, reason }, numbers };
  const keep = scale(started, keepAfter(reached, config));
  const due = floorTo(lessAtMost(position.quantity, keep), market.quantityStep);
  if (reached === 0 || due.isZero()) return { plan, numbers };
  const target = `TARGET_${reached}`;
  if (belowMinimum(lessAtMost(position.quantity, due), bid, market)) {
    return { plan, exit: { quantity: position.quantity, reason: target }, numbers };
  }
  return belowMinimum(due, bid, market)
    ? { plan, blocked: 'SALE_BELOW_MINIMUM', numbers: { ...numbers, wanted: target } }
    : { plan, exit: { quantity: due, reason: target }, numbers };
};
