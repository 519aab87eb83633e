import type { AccountId, Limits } from '../account/account.ts';
import {
  fraction,
  greatest,
  lessAtMost,
  ONE,
  plus,
  type QuoteAmount,
  scale,
  text,
  ZERO_QUOTE,
} from '../money/money.ts';
import { HOUR, type Instant, utcDay } from '../time/clock.ts';

/** What an account's own history says for the loss and rate guards. */
export interface RiskState {
  readonly accountId: AccountId;
  /** UTC day and the first equity seen on it. */
  readonly day: string;
  readonly dayOpenEquity: QuoteAmount;
  readonly peakEquity: QuoteAmount;
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

/** The state after an equity was read: a new UTC day opens with it, and the peak never falls. */
export const observeEquity = (
  before: RiskState | undefined,
  seen: {
    readonly accountId: AccountId;
    readonly equity: QuoteAmount;
    readonly cash: QuoteAmount;
    readonly at: Instant;
  },
): RiskState => {
  const day = utcDay(seen.at);
  const newDay = before === undefined || before.day < day;
  return {
    accountId: seen.accountId,
    day: newDay ? day : before.day,
    dayOpenEquity: newDay ? seen.equity : before.dayOpenEquity,
    peakEquity: before === undefined ? seen.equity : greatest(before.peakEquity, seen.equity),
    lastEquity: seen.equity,
    lastCash: seen.cash,
    lastAt: seen.at,
    recentOrders: (before?.recentOrders ?? []).filter((order) => seen.at - order.at < HOUR),
    version: (before?.version ?? 0) + 1,
  };
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
