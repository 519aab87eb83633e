import type { AccountId } from '../account/account.ts';
import type { Limits } from '../account/limits.ts';
import {
  fraction,
  greatest,
  least,
  lessAtMost,
  minus,
  ONE,
  plus,
  type QuoteAmount,
  quote,
  scale,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import { type Holding, type PriceOf, worthOf } from '../snapshot/holdings.ts';
import { HOUR, type Instant, MINUTE, utcDay } from '../time/clock.ts';

/** What an account's own history says for the loss and rate guards. */
export interface RiskState {
  readonly accountId: AccountId;
  /** UTC day and the first equity of it, in proportion to what came and left since. */
  readonly day: string;
  readonly dayOpenEquity: QuoteAmount;
  /** The highest equity, in proportion to what came and left since. */
  readonly peakEquity: QuoteAmount;
  /**
   * The last snapshot: when, and what was held. Absent before the first. Where it is there, only snapshots move
   * the day's opening and the peak: only they know what is a deposit.
   */
  readonly measured?: {
    readonly at: Instant;
    readonly holdings: readonly Holding[];
    /** Until when BUYs are judged by it alone; half an hour where it does not say. */
    readonly servesUntil?: Instant;
  };
  /** The last equity and free cash read, and when: shown as last known, with their age. */
  readonly lastEquity: QuoteAmount;
  readonly lastCash: QuoteAmount;
  readonly lastAt: Instant;
  /** BUY orders of the last hour by client order id: the runaway breaker's window. */
  readonly recentOrders: readonly {
    readonly clientOrderId: string;
    readonly notional: QuoteAmount;
    readonly at: Instant;
  }[];
  readonly version: number;
}

export interface RiskStore {
  get(accountId: AccountId): Promise<RiskState | undefined>;
  /** @throws ConcurrentChange when the stored version is not `state.version - 1` (or, for version 1, exists) */
  save(state: RiskState): Promise<void>;
}

interface Seen {
  readonly accountId: AccountId;
  readonly equity: QuoteAmount;
  readonly cash: QuoteAmount;
  readonly at: Instant;
}

/**
 * The state after an equity was read between snapshots, or of an account that has none: then a new UTC day opens with
 * it, and the peak never falls. An account with snapshots remembers it as the last one, and concludes nothing: it may
 * hold a deposit or lack a withdrawal.
 */
export const observeEquity = (before: RiskState | undefined, seen: Seen): RiskState => {
  const next = remember(before, seen);
  if (before === undefined || before.measured !== undefined) return next;
  return {
    ...next,
    ...(before.day < utcDay(seen.at) ? opening(seen) : {}),
    peakEquity: greatest(before.peakEquity, seen.equity),
  };
};

/** Since the snapshot before. Quote units, all at the prices of the snapshot that follows it. */
export interface Movement {
  /** What came less what left. */
  readonly flow: QuoteAmount;
  /** The holdings of the snapshot before. */
  readonly heldBefore: QuoteAmount;
}

/**
 * The state after a snapshot. The first one is where measuring begins: what came and left before it is not known, so
 * day and peak open with it.
 *
 * At a flow F, with the equity E before it: `opening' = opening × (E + F) ÷ E`, and the peak likewise, rounded up.
 * The limits are percents: so equity ÷ opening and equity ÷ peak are after a flow what they were before it, as in a
 * time-weighted return. Adding F instead would make of a loss of 10 % one of 50 % when most of the rest is withdrawn,
 * and hide it when the account is filled up. (Profit in money is additive: see EquitySnapshot.) Where E or E + F is
 * dust, there is nothing to be in proportion to: day and peak open anew.
 *
 * When in the time between two snapshots money flowed is not known. What came is taken to have come before the trades
 * of that time, what left to have left after them: the other way round, the fee of a first purchase with a large
 * deposit would be a ruinous loss of the little that was there before. So E is, for a deposit, what was held at the
 * snapshot before, and for a withdrawal, what is there and what left. A loss by these trades counts in proportion to
 * the larger of the two equities that it may have been made with.
 *
 * A flow is valued at the snapshot's price p, not at that of its own moment, q. The result is then off by
 * |amount| × |p − q|, for cash by nothing: what a deposited coin fell by before the snapshot is no loss, and what a
 * withdrawn one fell by after it had left is one.
 *
 * @param seen `checkEveryMs`: how often the account is checked
 * @param since undefined for the first
 */
export const measureEquity = (
  before: RiskState | undefined,
  seen: Seen & { readonly holdings: readonly Holding[]; readonly checkEveryMs?: number },
  since: Movement | undefined,
): RiskState => {
  const { at, holdings, checkEveryMs = 0 } = seen;
  const servesUntil = at + Math.max(SERVES_LEAST_MS, 2 * checkEveryMs);
  const next = { ...remember(before, seen), measured: { at, holdings, servesUntil } };
  const anew = { ...next, ...opening(seen), peakEquity: seen.equity };
  if (before === undefined || since === undefined) return anew;
  const flowed = aroundFlow(since, seen.equity);
  if (!flowed.amount.isZero() && least(flowed.from, flowed.to).lte(DUST)) return anew;
  const moved = (base: QuoteAmount): QuoteAmount => inProportion(base, flowed);
  return {
    ...next,
    ...(before.day < utcDay(seen.at) ? opening(seen) : { dayOpenEquity: moved(before.dayOpenEquity) }),
    peakEquity: greatest(moved(before.peakEquity), seen.equity),
  };
};

/** Quote units that no order can be made of; percents of so little are those of rounding. */
const DUST = quote('1');

/** More than an equity has, so that one that is exact stays so; without an end, a base would grow with each flow. */
const BASE_DECIMALS = 30;
const ROUND_UP = 0;

interface Flowed {
  readonly amount: QuoteAmount;
  readonly from: QuoteAmount;
  readonly to: QuoteAmount;
}

const aroundFlow = ({ flow, heldBefore }: Movement, equity: QuoteAmount): Flowed =>
  flow.gt(0)
    ? { amount: flow, from: heldBefore, to: plus(heldBefore, flow) }
    : { amount: flow, from: minus(equity, flow), to: equity };

/** Rounded up: a floor that is too high buys too little. */
const inProportion = (base: QuoteAmount, { amount, from, to }: Flowed): QuoteAmount =>
  amount.isZero() ? base : quote(base.times(to).div(from).toDecimalPlaces(BASE_DECIMALS, ROUND_UP));

const opening = ({ at, equity }: Seen) => ({ day: utcDay(at), dayOpenEquity: equity });

const remember = (before: RiskState | undefined, seen: Seen): RiskState => ({
  accountId: seen.accountId,
  ...opening(seen),
  peakEquity: seen.equity,
  ...before,
  lastEquity: seen.equity,
  lastCash: seen.cash,
  lastAt: seen.at,
  recentOrders: (before?.recentOrders ?? []).filter((order) => seen.at - order.at < HOUR),
  version: (before?.version ?? 0) + 1,
});

/** A snapshot serves for two checks, so that one that fails changes nothing; and no shorter than this. */
const SERVES_LEAST_MS = 30 * MINUTE;

/**
 * The equity that the loss guards judge between snapshots: what the account held at its last snapshot, at the prices
 * of now. No deposit can hide a loss in it and no withdrawal looks like one; a fall of prices shows at once, and what
 * was made or lost with executions since, fees included, with the next snapshot. Where that is long in coming, the
 * lower of this and the equity seen; where there never was a snapshot, the equity seen.
 */
export const tradingEquity = (
  risk: Pick<RiskState, 'measured'> | undefined,
  seen: { readonly equity: QuoteAmount; readonly at: Instant },
  priceOf: PriceOf,
): QuoteAmount => {
  const measured = risk?.measured;
  if (measured === undefined) return seen.equity;
  const atPricesOfNow = worthOf(measured.holdings, priceOf);
  const { at, servesUntil = at + SERVES_LEAST_MS } = measured;
  return seen.at <= servesUntil ? atPricesOfNow : least(atPricesOfNow, seen.equity);
};

type RiskRefusal = { readonly reason: 'DAILY_LOSS' | 'MAX_DRAWDOWN' | 'ORDER_RATE'; readonly detail: string };

/** DAILY_LOSS and MAX_DRAWDOWN: equity at or above its floor passes. */
export const equityGuard = (
  equity: QuoteAmount,
  risk: Pick<RiskState, 'dayOpenEquity' | 'peakEquity'>,
  limits: Pick<Limits, 'maxDailyLoss' | 'maxDrawdown'>,
): RiskRefusal | undefined => {
  const dayFloor = scale(risk.dayOpenEquity, lessAtMost(ONE, fraction(limits.maxDailyLoss)));
  if (equity.lt(dayFloor)) {
    return {
      reason: 'DAILY_LOSS',
      detail: `equity ${text(equity)} is below ${text(dayFloor)}, the day's opening ${text(risk.dayOpenEquity)} less the allowed loss`,
    };
  }
  const peakFloor = scale(risk.peakEquity, lessAtMost(ONE, fraction(limits.maxDrawdown)));
  if (equity.lt(peakFloor)) {
    return {
      reason: 'MAX_DRAWDOWN',
      detail: `equity ${text(equity)} is below ${text(peakFloor)}, the peak ${text(risk.peakEquity)} less the allowed drawdown`,
    };
  }
  return undefined;
};

/**
 * ORDER_RATE: BUYs of the last hour, this one included, by count and by notional against equity. The same
 * client order id counts once, so a retry is not held against itself.
 */
export const rateGuard = (
  next: { readonly clientOrderId: string; readonly notional: QuoteAmount; readonly at: Instant },
  risk: Pick<RiskState, 'recentOrders'>,
  equity: QuoteAmount,
  limits: Pick<Limits, 'maxOrdersPerHour' | 'maxHourlyTurnover'>,
): RiskRefusal | undefined => {
  const others = risk.recentOrders.filter(
    (order) => order.clientOrderId !== next.clientOrderId && next.at - order.at < HOUR,
  );
  if (others.length >= limits.maxOrdersPerHour) {
    return {
      reason: 'ORDER_RATE',
      detail: `${others.length} BUYs within an hour; at most ${limits.maxOrdersPerHour}`,
    };
  }
  const turnover = others.reduce((sum, order) => plus(sum, order.notional), next.notional);
  const most = scale(greatest(equity, ZERO_QUOTE), limits.maxHourlyTurnover);
  if (turnover.gt(most)) {
    return {
      reason: 'ORDER_RATE',
      detail: `BUYs within an hour would come to ${text(turnover)}; at most ${text(most)}`,
    };
  }
  return undefined;
};

/** The state with a BUY counted in the window, once. */
export const countOrder = (
  risk: RiskState,
  order: { readonly clientOrderId: string; readonly notional: QuoteAmount; readonly at: Instant },
): RiskState => ({
  ...risk,
  recentOrders: [
    ...risk.recentOrders.filter(({ clientOrderId }) => clientOrderId !== order.clientOrderId),
    order,
  ],
});
