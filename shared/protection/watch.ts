import type { AccountId } from '../account/account.ts';
import type { Market, MarketSymbol } from '../exchange/market.ts';
import type { Position } from '../ledger/position.ts';
import {
  type Fraction,
  fraction,
  greatest,
  least,
  lessAtMost,
  notional,
  type Price,
  type Quantity,
  ratio,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';
import type { Instant } from '../time/clock.ts';
import type { Protection } from './protection-settings.ts';

/** A take-profit level that was reached. */
export interface ReachedLevel {
  /** As in the settings. */
  readonly at: string;
  /** What was held when it was reached. */
  readonly position: Quantity;
  /** It was sold, or its exit is being carried out. */
  readonly fired: boolean;
  /** What exits that were abandoned had sold of it. */
  readonly sold?: Quantity;
}

/** The WATCH item: what protection remembers of an account's position in one symbol. */
export interface Watch {
  readonly accountId: AccountId;
  readonly symbol: MarketSymbol;
  /** The position's; another one begins anew. */
  readonly openedAt: Instant;
  /**
   * When this position's life began: `openedAt`, or later where only what cannot be sold was left in between.
   * Always later than that of the life before, by 1 ms where an abandoned exit ended that one.
   */
  readonly since: Instant;
  /** The highest bid of this life: never falls. */
  readonly bestPrice?: Price;
  /** The highest bid over average cost, as a share of it: never falls, also where more is bought at a higher price. */
  readonly bestGain?: Fraction;
  readonly levels: readonly ReachedLevel[];
  /** The id of the exit that is being carried out. */
  readonly running?: string;
  /** Sold by protection, or too little to be sold: nothing to watch until there is more. */
  readonly over: boolean;
  /** What the exchange has called too little, whatever its rules say; they are read anew within a day. */
  readonly tooLittle?: { readonly quantity: Quantity; readonly until: Instant };
  readonly version: number;
}

/** What there is to see of a position. */
export interface Seen {
  readonly position: Position;
  readonly market: Market;
  /** What the exchange holds of the market's base, locked or free. */
  readonly held: Quantity;
  readonly bid: Price | undefined;
  readonly at: Instant;
}

/** What of the position is there to be sold. */
export const sellable = ({ position, held }: Pick<Seen, 'position' | 'held'>): Quantity =>
  least(position.quantity, held);

/**
 * The watch over this position as it is seen now: the one known, or one that begins anew; the same object where
 * nothing has changed. Undefined where there is nothing to watch and never was.
 */
export const watchOver = (
  before: Watch | undefined,
  seen: Seen,
  { takeProfit }: Pick<Protection, 'takeProfit'>,
): Watch | undefined => {
  const living = lifeOf(before, seen);
  if (living === undefined || seen.bid === undefined || !isWatching(living, seen.position)) return living;
  return witness(living, { ...seen, bid: seen.bid }, takeProfit);
};

/** That the watch is about this position, and the position is not over. */
export const isWatching = (
  watch: Watch | undefined,
  { openedAt }: Pick<Position, 'openedAt'>,
): watch is Watch & { readonly over: false } =>
  watch !== undefined && !watch.over && watch.openedAt === openedAt;

const lifeOf = (before: Watch | undefined, seen: Seen): Watch | undefined => {
  const { position, market, bid, at } = seen;
  if (isWatching(before, position)) {
    return fitToMarket(position.quantity, market, undefined).fits ? before : { ...before, over: true };
  }
  // An exit that is being carried out is ended first: it must not be forgotten.
  if (before?.running !== undefined || bid === undefined) return before;
  if (!fitToMarket(sellable(seen), market, bid).fits || isTooLittle(before, seen)) return before;
  const begun = before?.openedAt === position.openedAt ? at : position.openedAt;
  return {
    accountId: position.accountId,
    symbol: position.symbol,
    openedAt: position.openedAt,
    since: before === undefined ? begun : Math.max(begun, before.since + 1),
    levels: [],
    over: false,
    version: before?.version ?? 0,
  };
};

const isTooLittle = (before: Watch | undefined, seen: Seen): boolean =>
  before?.tooLittle !== undefined &&
  before.openedAt === seen.position.openedAt &&
  seen.at < before.tooLittle.until &&
  sellable(seen).lte(before.tooLittle.quantity);

const witness = (
  watch: Watch,
  seen: Seen & { readonly bid: Price },
  takeProfit: Protection['takeProfit'],
): Watch => {
  const { bid, position } = seen;
  const gain = gainOf(position, bid);
  const bestPrice = greatest(watch.bestPrice ?? bid, bid);
  const bestGain = gain === undefined ? watch.bestGain : greatest(watch.bestGain ?? gain, gain);
  const reached = takeProfit
    .filter(({ at }) => gain?.gte(at) && !watch.levels.some((level) => level.at === text(at)))
    .map(({ at }) => ({ at: text(at), position: position.quantity, fired: false }));
  const same =
    watch.bestPrice?.eq(bestPrice) === true &&
    (bestGain === undefined || watch.bestGain?.eq(bestGain) === true) &&
    reached.length === 0;
  if (same) return watch;
  return {
    ...watch,
    bestPrice,
    ...(bestGain === undefined ? {} : { bestGain }),
    levels: [...watch.levels, ...reached],
  };
};

/** Digits that a gain is kept with. Cut, not rounded: it compares with a setting as the exact one would. */
const GAIN_DIGITS = 18;
const ROUND_DOWN = 1;

/** How far a price is above average cost, fees included; 0 below it. Undefined where the cost is not known. */
export const gainOf = ({ quantity, costBasis }: Position, bid: Price): Fraction | undefined => {
  if (quantity.isZero() || costBasis.lte(ZERO_QUOTE)) return undefined;
  const gain = ratio(lessAtMost(notional(quantity, bid), costBasis), costBasis);
  return fraction(gain.toSignificantDigits(GAIN_DIGITS, ROUND_DOWN));
};
