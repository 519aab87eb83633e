import type { Clock } from '../../../shared/time/clock.ts';
import { digest } from '../prices/chance.ts';
import { fixedPrice, type PriceSource } from '../prices/price-source.ts';
import { Account, type ApiKey, type Permission, TRADING_PERMISSIONS } from './accounts.ts';
import { assetId } from './asset-names.ts';
import { Authentication } from './authentication.ts';
import { type Books, booksOf, RequestCounts } from './books.ts';
import { type Decimal, parseDecimal } from './decimal.ts';
import { Engine } from './engine.ts';
import { Faults, type HiddenSpec } from './faults.ts';
import { DEFAULT_FEES, Fees } from './fees.ts';
import { type BookShape, DEFAULT_BOOK, MarketView } from './market-view.ts';
import { OrderBook } from './order-book.ts';
import { DEFAULT_PAIRS, Listing, type PairSpec, type PairStatus, STABLECOINS } from './pairs.ts';
import { type RateLimitSwitches, RateLimits, type Tier } from './rate-limits.ts';
import { KrakenServer } from './server.ts';
import { restore, type SimulatorState, snapshot } from './state.ts';
import { Visibility } from './visibility.ts';
import type { SystemStatus, World } from './world.ts';

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

export interface NewKey {
  readonly accountId: string;
  readonly apiKey?: string;
  /** Base64. */
  readonly apiSecret?: string;
  /** Default: query and trade, no withdrawals. */
  readonly permissions?: readonly Permission[];
  readonly tier?: Tier;
  readonly name?: string;
}

export interface KrakenSimulator {
  /** `http://127.0.0.1:<port>`. @throws Error before the first start */
  readonly url: string;
  /** After a stop it starts again on the same port. @throws Error when the port is taken */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Balances by unified asset code, decimal texts. @throws TypeError for an id that exists */
  createAccount(account: { accountId: string; balances?: Readonly<Record<string, string>> }): void;
  /** What is not given is drawn from the seed. @throws TypeError for an unknown account or a key that exists */
  addKey(key: NewKey): { readonly apiKey: string; readonly apiSecret: string };
  revokeKey(apiKey: string): void;
  setPermissions(apiKey: string, permissions: readonly Permission[]): void;
  deposit(accountId: string, asset: string, amount: string): void;
  /** @throws Refusal when that much is not free */
  withdraw(accountId: string, asset: string, amount: string): void;
  /** @throws TypeError for a pair that is not listed */
  setMarketStatus(symbol: string, status: PairStatus): void;
  setSystemStatus(status: SystemStatus): void;
  /** The pair is gone, its open orders are cancelled; who holds the asset keeps it. */
  delist(symbol: string): void;
  /** The next `calls` balance calls of the account show what they would have shown now. */
  freezeBalances(spec: { readonly accountId: string; readonly calls: number }): void;
  /** Orders placed from now on are absent from the next `calls` lists. */
  hideNewOrders(spec: HiddenSpec): { clear(): void };
  readonly faults: Faults;
  readonly books: Books;
  /** Undefined for a symbol without a price now. */
  price(symbol: string): { readonly last: string; readonly bid: string; readonly ask: string } | undefined;
  /** Everything but faults, as plain JSON. */
  snapshot(): SimulatorState;
}

const amountOf = (text: string): Decimal => {
  const amount = parseDecimal(text);
  if (amount === undefined) throw new TypeError(`an amount is a decimal without sign (given '${text}')`);
  return amount;
};

const pairsFor = (options: KrakenSimulatorOptions): readonly PairSpec[] => {
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

const worldFor = (options: KrakenSimulatorOptions, pairs: readonly PairSpec[]): World => {
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

/**
 * A Kraken of one's own, in this process: real HTTP on 127.0.0.1, real signatures, own books.
 * @throws TypeError for options or a state that make no sense
 */
export const createKrakenSimulator = (options: KrakenSimulatorOptions): KrakenSimulator => {
  const pairs = pairsFor(options);
  const world = worldFor(options, pairs);
  const requests = new RequestCounts();
  if (options.state !== undefined) restore(world, pairs, requests, options.state);
  const server = new KrakenServer(world, {
    latencyMs: options.latencyMs ?? 0,
    port: options.port ?? 0,
    onRequest: (apiKey, endpoint) => requests.add(apiKey, endpoint),
  });

  const accountNamed = (accountId: string): Account => {
    const account = world.accounts.get(accountId);
    if (account === undefined) {
      throw new TypeError(`the exchange has no such account (given '${accountId}'); create it first`);
    }
    return account;
  };
  const keyNamed = (apiKey: string): ApiKey => {
    const key = world.keys.get(apiKey);
    if (key === undefined) throw new TypeError('the exchange has no such API key; add it first');
    return key;
  };
  const pairNamed = (symbol: string): PairSpec => {
    const spec = world.listing.find(symbol);
    if (spec === undefined) throw new TypeError(`the exchange lists no such pair (given '${symbol}')`);
    return spec;
  };

  return {
    get url() {
      return server.url;
    },
    start: () => server.start(),
    stop: () => server.stop(),
    createAccount: ({ accountId, balances = {} }) => {
      if (world.accounts.has(accountId)) {
        throw new TypeError(`the exchange has an account of that name already (given '${accountId}')`);
      }
      const account = new Account(accountId);
      const now = world.clock.now();
      for (const [asset, amount] of Object.entries(balances)) {
        account.transfer(assetId(world.listing, asset), amountOf(amount), now);
      }
      world.accounts.set(accountId, account);
    },
    addKey: ({
      accountId,
      apiKey,
      apiSecret,
      permissions = TRADING_PERMISSIONS,
      tier = 'intermediate',
      name,
    }) => {
      accountNamed(accountId);
      const now = world.clock.now();
      const draw = world.keys.size;
      const key = apiKey ?? digest('key', options.seed, accountId, draw).subarray(0, 42).toString('base64');
      const secret = apiSecret ?? digest('secret', options.seed, accountId, draw).toString('base64');
      if (world.keys.has(key)) throw new TypeError('the exchange has this API key already; give another one');
      world.keys.set(key, {
        accountId,
        apiKey: key,
        apiSecret: secret,
        secretBytes: Buffer.from(secret, 'base64'),
        name: name ?? accountId,
        tier,
        createdAt: now,
        permissions: new Set(permissions),
        modifiedAt: now,
        revoked: false,
        lastNonce: 0n,
        lastUsedAt: 0,
        failures: 0,
        lockedUntil: 0,
      });
      return { apiKey: key, apiSecret: secret };
    },
    revokeKey: (apiKey) => {
      keyNamed(apiKey).revoked = true;
    },
    setPermissions: (apiKey, permissions) => {
      const key = keyNamed(apiKey);
      key.permissions = new Set(permissions);
      key.modifiedAt = world.clock.now();
    },
    deposit: (accountId, asset, amount) => {
      accountNamed(accountId).transfer(assetId(world.listing, asset), amountOf(amount), world.clock.now());
    },
    withdraw: (accountId, asset, amount) => {
      const account = accountNamed(accountId);
      account.transfer(assetId(world.listing, asset), amountOf(amount).negated(), world.clock.now());
    },
    setMarketStatus: (symbol, status) => world.listing.setStatus(pairNamed(symbol), status),
    setSystemStatus: (status) => {
      world.system = status;
    },
    delist: (symbol) => {
      const spec = pairNamed(symbol);
      world.engine.delist(spec, world.clock.now());
      world.listing.delist(spec);
    },
    freezeBalances: ({ accountId, calls }) => {
      const account = accountNamed(accountId);
      world.visibility.freezeBalances(accountId, account.balances, account.held, calls);
    },
    hideNewOrders: (spec) => world.faults.hideNewOrders(spec),
    faults: world.faults,
    books: booksOf(world, requests),
    price: (symbol) => {
      const spec = world.listing.find(symbol);
      const market = spec && world.markets.get(spec.id);
      const now = world.clock.now();
      const last = market?.at(now)?.last;
      const book = market?.book(now);
      const bid = book?.bids[0]?.price;
      const ask = book?.asks[0]?.price;
      return last && bid && ask && { last: last.toFixed(), bid: bid.toFixed(), ask: ask.toFixed() };
    },
    snapshot: () => snapshot(world, requests),
  };
};
