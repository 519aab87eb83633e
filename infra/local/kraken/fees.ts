import { DAY, type Instant } from '../../../shared/time/clock.ts';
import { Decimal, ZERO } from './decimal.ts';

/** Percent of the cost from a 30-day volume (quote units) on. */
export interface FeeTier {
  readonly volume: string;
  readonly maker: string;
  readonly taker: string;
}

/** Kraken's spot schedule; the first row is the entry tier. */
export const DEFAULT_FEES: readonly FeeTier[] = [
  { volume: '0', maker: '0.25', taker: '0.40' },
  { volume: '10000', maker: '0.20', taker: '0.35' },
  { volume: '50000', maker: '0.14', taker: '0.24' },
  { volume: '100000', maker: '0.12', taker: '0.22' },
  { volume: '250000', maker: '0.10', taker: '0.20' },
  { volume: '500000', maker: '0.08', taker: '0.18' },
  { volume: '1000000', maker: '0.06', taker: '0.16' },
  { volume: '2500000', maker: '0.04', taker: '0.14' },
  { volume: '5000000', maker: '0.02', taker: '0.12' },
  { volume: '10000000', maker: '0.00', taker: '0.10' },
];

interface Traded {
  /** Of the last 30 days, oldest first. */
  readonly trades: { readonly at: Instant; readonly cost: Decimal }[];
  sum: Decimal;
}

/** Who pays what: by what an account traded in the last 30 days. */
export class Fees {
  readonly tiers: readonly FeeTier[];
  readonly #traded = new Map<string, Traded>();

  /** @throws TypeError for an empty schedule */
  constructor(tiers: readonly FeeTier[]) {
    if (tiers.length === 0) throw new TypeError('a fee schedule needs at least one tier');
    this.tiers = tiers;
  }

  record(accountId: string, at: Instant, cost: Decimal): void {
    const traded = this.#traded.get(accountId) ?? { trades: [], sum: ZERO };
    traded.trades.push({ at, cost });
    traded.sum = traded.sum.plus(cost);
    this.#traded.set(accountId, traded);
  }

  volume(accountId: string, now: Instant): Decimal {
    const traded = this.#traded.get(accountId);
    if (traded === undefined) return ZERO;
    for (let oldest = traded.trades[0]; oldest !== undefined && oldest.at <= now - 30 * DAY; ) {
      traded.sum = traded.sum.minus(oldest.cost);
      traded.trades.shift();
      oldest = traded.trades[0];
    }
    return traded.sum;
  }

  tier(accountId: string, now: Instant): { readonly current: FeeTier; readonly next: FeeTier | undefined } {
    const volume = this.tiers.length === 1 ? ZERO : this.volume(accountId, now);
    let index = 0;
    this.tiers.forEach((tier, position) => {
      if (volume.gte(tier.volume)) index = position;
    });
    const current = this.tiers[index];
    if (current === undefined) throw new TypeError('a fee schedule needs at least one tier');
    return { current, next: this.tiers[index + 1] };
  }

  /** A factor: 0.004 for 0.4 %. */
  rate(accountId: string, liquidity: 'maker' | 'taker', now: Instant): Decimal {
    return new Decimal(this.tier(accountId, now).current[liquidity]).div(100);
  }
}
