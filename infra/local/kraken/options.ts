import type { Clock } from '../../../shared/time/clock.ts';
import { fixedPrice, type PriceSource } from '../prices/price-source.ts';
import type { Account } from './accounts.ts';
import { Authentication } from './authentication.ts';
import { type BookShape, DEFAULT_BOOK } from './book-side.ts';
import { Engine } from './engine.ts';
import { Faults } from './faults.ts';
import { DEFAULT_FEES, Fees } from './fees.ts';
import { MarketView } from './market-view.ts';
import { OrderBook } from './order-book.ts';
import { DEFAULT_PAIRS, Listing, type PairSpec, STABLECOINS } from './pairs.ts';
import { type RateLimitSwitches, RateLimits } from './rate-limits.ts';
import { Visibility } from './visibility.ts';
import type { World } from './world.ts';

export interface KrakenSimulatorOptions {
  readonly clock: Clock;
  /** Of order ids, generated keys and the depth of the books. */
  readonly seed: number;
  /** One for each symbol that is to trade; USDT/USD and USDC/USD are at par where not given. */
  readonly prices: readonly PriceSource[];
  /** Default: those of DEFAULT_PAIRS that have a price. */
  readonly pairs?: readonly PairSpec[];
  /** Percent, the same for everybody at any volume: `{ maker: '0.25', taker: '0.40' }`. Default: Kraken's schedule. */
  readonly fees?: { readonly maker: string; readonly taker: string };
  /** Real milliseconds that every answer takes. Default 0. */
  readonly latencyMs?: number;
  /** Default: any free one. */
  readonly port?: number;
  /** Default: private and engine on, public off. */
  readonly rateLimits?: Partial<RateLimitSwitches>;
  /** Failed signatures and nonces of one key in a row until it is locked out for 15 minutes. Default 10. */
  readonly lockoutAfter?: number;
  readonly book?: Partial<BookShape>;
  /** How GetApiKeyInfo names its fields; both are seen. Default `snake`. */
  readonly keyInfoCase?: 'snake' | 'camel';
  /** What `snapshot()` gave, to go on from there. Validated. */
  readonly state?: unknown;
}

/** @throws TypeError for prices of a market it does not know */
export const pairsFor = (options: KrakenSimulatorOptions): readonly PairSpec[] => {
  if (options.pairs !== undefined) return options.pairs;
  const priced = new Set<string>([...STABLECOINS, ...options.prices.map((source) => source.symbol)]);
  const unknown = options.prices.find(({ symbol }) => !DEFAULT_PAIRS.some((spec) => spec.symbol === symbol));
  if (unknown !== undefined) {
    throw new TypeError(
      `the Kraken simulator has no pair ${unknown.symbol}; it lists ${DEFAULT_PAIRS.map((spec) => spec.symbol).join(', ')}`,
    );
  }
  return DEFAULT_PAIRS.filter((spec) => priced.has(spec.symbol));
};

const marketsFor = (
  options: KrakenSimulatorOptions,
  pairs: readonly PairSpec[],
): ReadonlyMap<string, MarketView> => {
  const shape = { ...DEFAULT_BOOK, ...options.book };
  return new Map(
    pairs.map((spec) => {
      const given = options.prices.find((source) => source.symbol === spec.symbol);
      const source = given ?? (STABLECOINS.includes(spec.symbol) ? fixedPrice(spec.symbol, '1') : undefined);
      if (source === undefined) throw new TypeError(`no price source is given for the pair ${spec.symbol}`);
      return [spec.id, new MarketView(spec, source, options.seed, shape)];
    }),
  );
};

/** An exchange without accounts. @throws TypeError where a pair has no price */
export const buildWorld = (options: KrakenSimulatorOptions, pairs: readonly PairSpec[]): World => {
  const fees = new Fees(options.fees === undefined ? DEFAULT_FEES : [{ volume: '0', ...options.fees }]);
  const limits = new RateLimits({ private: true, engine: true, public: false, ...options.rateLimits });
  const listing = new Listing(pairs);
  const orders = new OrderBook();
  const accounts = new Map<string, Account>();
  const markets = marketsFor(options, pairs);
  return {
    clock: options.clock,
    seed: options.seed,
    listing,
    markets,
    accounts,
    keys: new Map(),
    orders,
    engine: new Engine({ seed: options.seed, listing, orders, fees, limits, accounts, markets }),
    fees,
    limits,
    authentication: new Authentication(options.lockoutAfter ?? 10),
    faults: new Faults(),
    visibility: new Visibility(),
    keyInfoCase: options.keyInfoCase ?? 'snake',
    system: 'online',
  };
};
