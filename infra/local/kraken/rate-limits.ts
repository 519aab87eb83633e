import type { Instant } from '../../../shared/time/clock.ts';
import { Refusal, TEXTS } from './errors.ts';

export const TIERS = ['starter', 'intermediate', 'pro'] as const;
export type Tier = (typeof TIERS)[number];

/** Points and points per second: of the REST counter and of the matching engine's, and open orders per pair. */
const LIMITS = {
  starter: { calls: 15, callDecay: 0.33, orders: 60, orderDecay: 1, open: 60 },
  intermediate: { calls: 20, callDecay: 0.5, orders: 125, orderDecay: 2.34, open: 80 },
  pro: { calls: 20, callDecay: 1, orders: 180, orderDecay: 3.75, open: 225 },
} as const satisfies Record<Tier, unknown>;

const CALL_COSTS: Readonly<Record<string, number>> = {
  AddOrder: 0,
  CancelOrder: 0,
  TradesHistory: 2,
  QueryTrades: 2,
};

/** Points for cancelling an order of an age, in seconds: quick cancels cost most. */
const CANCEL_COSTS: readonly (readonly [belowSeconds: number, points: number])[] = [
  [5, 8],
  [10, 6],
  [15, 5],
  [45, 4],
  [90, 2],
  [300, 1],
];

export interface RateLimitSwitches {
  /** The REST counter of each key. */
  readonly private: boolean;
  /** The matching engine's counter of each account and pair, and the number of open orders. */
  readonly engine: boolean;
  /** One public call a second for each address. On one machine all callers share an address, so it is off by default. */
  readonly public: boolean;
}

interface Counter {
  points: number;
  at: Instant;
}

/** The exchange's counters, against its clock. */
export class RateLimits {
  readonly #switches: RateLimitSwitches;
  readonly #counters = new Map<string, Counter>();

  constructor(switches: RateLimitSwitches) {
    this.#switches = switches;
  }

  /** @throws Refusal */
  call(apiKey: string, tier: Tier, endpoint: string, now: Instant): void {
    if (!this.#switches.private) return;
    const { calls, callDecay } = LIMITS[tier];
    const counter = this.#decayed(`key ${apiKey}`, callDecay, now);
    const points = CALL_COSTS[endpoint] ?? 1;
    if (points > 0 && counter.points + points > calls) throw new Refusal(TEXTS.rateLimit);
    counter.points += points;
  }

  /** @throws Refusal */
  publicCall(address: string, now: Instant): void {
    if (!this.#switches.public) return;
    const counter = this.#decayed(`address ${address}`, 1, now);
    // A short burst passes, a steady rate above one a second does not.
    if (counter.points + 1 > 5) throw new Refusal(TEXTS.tooManyRequests);
    counter.points += 1;
  }

  /** @throws Refusal */
  order(accountId: string, tier: Tier, pair: string, openOrders: number, now: Instant): void {
    if (!this.#switches.engine) return;
    const { orders, orderDecay, open } = LIMITS[tier];
    if (openOrders >= open) throw new Refusal(TEXTS.ordersLimit);
    const counter = this.#decayed(`pair ${accountId} ${pair}`, orderDecay, now);
    if (counter.points + 1 > orders) throw new Refusal(TEXTS.orderRate);
    counter.points += 1;
  }

  /** @throws Refusal */
  cancel(accountId: string, tier: Tier, pair: string, ageMs: number, now: Instant): void {
    if (!this.#switches.engine) return;
    const { orders, orderDecay } = LIMITS[tier];
    const counter = this.#decayed(`pair ${accountId} ${pair}`, orderDecay, now);
    const points = CANCEL_COSTS.find(([below]) => ageMs < below * 1000)?.[1] ?? 0;
    if (counter.points + points > orders) throw new Refusal(TEXTS.orderRate);
    counter.points += points;
  }

  #decayed(name: string, perSecond: number, now: Instant): Counter {
    const counter = this.#counters.get(name) ?? { points: 0, at: now };
    const seconds = Math.max(0, now - counter.at) / 1000;
    counter.points = Math.max(0, counter.points - seconds * perSecond);
    counter.at = now;
    this.#counters.set(name, counter);
    return counter;
  }
}
