import type { Market } from '../exchange/market.ts';
import {
  averagePrice,
  type Fraction,
  floorTo,
  lessAtMost,
  notional,
  ONE,
  type Price,
  plus,
  type Quantity,
  scale,
  text,
  ZERO_QUANTITY,
} from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import { HOUR, iso } from '../time/clock.ts';
import type { EquityLoss } from './equity-losses.ts';
import type { Protection } from './protection-settings.ts';
import type { ProtectiveExit } from './protective-exit.ts';
import { gainOf, isWatching, type ReachedLevel, type Seen, sellable, type Watch } from './watch.ts';

/** Why nothing is sold. NO_COST: no rule that needs no cost fires, and the others cannot be judged. */
export type HoldReason = 'OFF' | 'NO_PRICE' | 'NOTHING_SELLABLE' | 'NO_COST' | 'NO_RULE_FIRES';

export type SellDecision = { readonly action: 'SELL' } & Pick<
  ProtectiveExit,
  'rule' | 'level' | 'most' | 'because' | 'numbers'
>;
export type ProtectionDecision = { readonly action: 'HOLD'; readonly reason: HoldReason } | SellDecision;

export interface Judged extends Seen {
  /** After it has witnessed what is seen. */
  readonly watch: Watch | undefined;
  readonly settings: Protection;
  /** Of the whole account. */
  readonly losses: readonly EquityLoss[];
}

interface Watched extends Judged {
  readonly watch: Watch;
}
interface Priced extends Watched {
  readonly bid: Price;
}
type Rule = (judged: Priced) => SellDecision | undefined;

/** Whether a position is to be sold now, or a part of it, and by which rule: the first that fires. */
export const decide = (judged: Judged): ProtectionDecision => {
  const { settings, position, market, bid, watch } = judged;
  if (!settings.enabled) return hold('OFF');
  const isWatched = isWatching(watch, position) && fitToMarket(sellable(judged), market, undefined).fits;
  // What is delisted takes no order, whatever a price says that came late.
  if (market.status === 'delisted') return hold('NO_PRICE');
  if (bid === undefined) {
    // A market order needs no price.
    const fired = isWatched ? maxHolding({ ...judged, watch }) : undefined;
    return fired ?? hold('NO_PRICE');
  }
  if (!isWatched) return hold('NOTHING_SELLABLE');
  for (const rule of RULES) {
    const fired = rule({ ...judged, bid, watch });
    if (fired !== undefined) return fired;
  }
  return hold(gainOf(position, bid) === undefined && needsCost(settings) ? 'NO_COST' : 'NO_RULE_FIRES');
};

const hold = (reason: HoldReason): ProtectionDecision => ({ action: 'HOLD', reason });

const needsCost = ({ stopLoss, takeProfit, trailing }: Protection): boolean =>
  stopLoss !== null || trailing !== null || takeProfit.length > 0;

const stopLoss: Rule = (judged) => {
  const { settings, position, bid } = judged;
  if (settings.stopLoss === null || !position.costBasis.gt(0)) return undefined;
  const kept = lessAtMost(ONE, settings.stopLoss);
  // Compared as amounts: an average price would have to be rounded.
  if (notional(position.quantity, bid).gt(scale(position.costBasis, kept))) return undefined;
  const threshold = scale(averagePrice(position.costBasis, position.quantity), kept);
  return {
    action: 'SELL',
    rule: 'stop-loss',
    because: `the bid ${text(bid)} is at or below ${text(threshold)}, average cost less ${text(settings.stopLoss)} of it`,
    numbers: { ...figures(judged), threshold: text(threshold), stopLoss: text(settings.stopLoss) },
  };
};

const equityLoss: Rule = (judged) => {
  const [loss] = judged.losses;
  return loss && { action: 'SELL', ...loss, numbers: { ...figures(judged), ...loss.numbers } };
};

const trailingStop: Rule = (judged) => {
  const { settings, watch, bid } = judged;
  const { trailing } = settings;
  if (trailing === null || watch.bestPrice === undefined || watch.bestGain === undefined) return undefined;
  if (watch.bestGain.lt(trailing.activateAt)) return undefined;
  const threshold = trailingThreshold(watch.bestPrice, trailing);
  if (bid.gt(threshold)) return undefined;
  return {
    action: 'SELL',
    rule: 'trailing-stop',
    because: `the bid ${text(bid)} is at or below ${text(threshold)}, the best price seen ${text(watch.bestPrice)} less ${text(trailing.distance)} of it`,
    numbers: {
      ...figures(judged),
      threshold: text(threshold),
      bestPrice: text(watch.bestPrice),
      bestGain: text(watch.bestGain),
      activateAt: text(trailing.activateAt),
      distance: text(trailing.distance),
    },
  };
};

/** Rises with the best price, and so never falls. */
export const trailingThreshold = (
  bestPrice: Price,
  { distance }: Pick<NonNullable<Protection['trailing']>, 'distance'>,
): Price => scale(bestPrice, lessAtMost(ONE, distance));

const takeProfit: Rule = (judged) => {
  const { settings, watch, position, market, bid } = judged;
  const [next] = settings.takeProfit.flatMap(({ at, sell }) => {
    const reached = watch.levels.find((level) => level.at === text(at) && !level.fired);
    if (reached === undefined) return [];
    const due = dueOf(reached, sell, market);
    return due.isZero() ? [] : [{ at, sell, reached, due }];
  });
  if (next === undefined) return undefined;
  const { reached, due } = next;
  const part = partOf(due, sellable(judged), (left) => fitToMarket(left, market, bid).fits);
  const average = averagePrice(position.costBasis, position.quantity);
  const threshold = scale(average, plus(ONE, next.at));
  return {
    action: 'SELL',
    rule: 'take-profit',
    level: reached.at,
    ...(part === undefined ? {} : { most: part }),
    because: `the bid reached ${text(threshold)}, average cost and ${reached.at} of it (it is ${text(bid)} now): ${part === undefined ? 'all is sold' : `${text(next.sell)} of the ${text(reached.position)} held then is sold`}`,
    numbers: {
      ...figures(judged),
      threshold: text(threshold),
      at: reached.at,
      sell: text(next.sell),
      positionThen: text(reached.position),
      ...(reached.sold === undefined ? {} : { alreadySold: text(reached.sold) }),
    },
  };
};

/** What is still to be sold for a level that was reached. */
const dueOf = ({ position, sold }: ReachedLevel, sell: Fraction, { quantityStep }: Market): Quantity => {
  const asked = scale(position, sell);
  const whole = floorTo(asked, quantityStep);
  // Less than one step is left as it is, for the sale to say so.
  return lessAtMost(whole.isZero() ? asked : whole, sold ?? ZERO_QUANTITY);
};

/** Undefined: all of it, also where the rest alone could not be sold any more. */
const partOf = (
  wanted: Quantity,
  there: Quantity,
  canBeSold: (left: Quantity) => boolean,
): Quantity | undefined => {
  if (wanted.gte(there)) return undefined;
  return canBeSold(lessAtMost(there, wanted)) ? wanted : undefined;
};

/** The one rule that asks no price. */
const maxHolding = (judged: Watched): SellDecision | undefined => {
  const { settings, watch, at } = judged;
  if (settings.maxHoldingHours === null) return undefined;
  const until = watch.since + settings.maxHoldingHours * HOUR;
  if (at < until) return undefined;
  return {
    action: 'SELL',
    rule: 'max-holding',
    because: `held since ${iso(watch.since)}, for ${settings.maxHoldingHours} hours or more`,
    numbers: { ...figures(judged), threshold: iso(until), maxHoldingHours: String(settings.maxHoldingHours) },
  };
};

const RULES: readonly Rule[] = [stopLoss, equityLoss, trailingStop, takeProfit, maxHolding];

/** What every decision is recorded with. */
const figures = (judged: Watched): Readonly<Record<string, string>> => {
  const { position, held, bid } = judged;
  return {
    ...(bid === undefined ? {} : { price: text(bid) }),
    position: text(position.quantity),
    held: text(held),
    costBasis: text(position.costBasis),
    ...(position.costBasis.gt(0)
      ? { averageCost: text(averagePrice(position.costBasis, position.quantity)) }
      : {}),
  };
};

/** A price that a decision may be based on; anything else is none. */
export const usableBid = (bid: Price | undefined): Price | undefined =>
  bid?.isFinite() && bid.gt(0) ? bid : undefined;
