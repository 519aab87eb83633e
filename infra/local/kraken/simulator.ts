import { digest } from '../prices/chance.ts';
import {
  Account,
  type ApiKey,
  DEFAULT_TERMS,
  type KeyTerms,
  type Permission,
  TRADING_PERMISSIONS,
} from './accounts.ts';
import { assetId } from './asset-names.ts';
import { signingKey } from './authentication.ts';
import { type Books, booksOf, RequestCounts } from './books.ts';
import { type Decimal, parseDecimal } from './decimal.ts';
import type { Faults, HiddenSpec, LagSpec } from './faults.ts';
import { buildWorld, type KrakenSimulatorOptions, pairsFor } from './options.ts';
import type { Minimums, PairSpec, PairStatus } from './pairs.ts';
import type { Tier } from './rate-limits.ts';
import { type Reaction, receive } from './reception.ts';
import { type Call, endpointOf } from './respond.ts';
import { KrakenServer } from './server.ts';
import { restore, type SimulatorState, snapshot } from './state.ts';
import type { SystemStatus } from './world.ts';

export type { KrakenSimulatorOptions } from './options.ts';

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
  /** What comes of a request that arrives now: as over the socket, but without one, and at once. */
  receive(call: Call): Reaction;
  /** Balances by unified asset code, decimal texts. @throws TypeError for an id that exists */
  createAccount(account: { accountId: string; balances?: Readonly<Record<string, string>> }): void;
  /** What is not given is drawn from the seed. @throws TypeError for an unknown account or a key that exists */
  addKey(key: NewKey): { readonly apiKey: string; readonly apiSecret: string };
  revokeKey(apiKey: string): void;
  setPermissions(apiKey: string, permissions: readonly Permission[]): void;
  /** What is not named stays as it is. */
  setKeyTerms(apiKey: string, terms: Partial<KeyTerms>): void;
  deposit(accountId: string, asset: string, amount: string): void;
  /** @throws Refusal when that much is not free */
  withdraw(accountId: string, asset: string, amount: string): void;
  /** @throws TypeError for a pair that is not listed */
  setMarketStatus(symbol: string, status: PairStatus): void;
  setSystemStatus(status: SystemStatus): void;
  /** A snapshot does not keep it. @param minimums undefined: what they are usually. @throws as `setMarketStatus` */
  setMinimums(symbol: string, minimums: Minimums | undefined): void;
  /** How much others offer, as a share of the usual; a snapshot does not keep it. @throws as `setMarketStatus` */
  setDepth(symbol: string, share: string): void;
  /** The pair is gone, its open orders are cancelled; who holds the asset keeps it. */
  delist(symbol: string): void;
  /** @throws TypeError for a pair that never was listed */
  relist(symbol: string): void;
  /** The next `calls` balance calls of the account show what they would have shown now. */
  freezeBalances(spec: { readonly accountId: string; readonly calls: number }): void;
  /** Orders placed from now on are absent from the next `calls` lists. */
  hideNewOrders(spec: HiddenSpec): { clear(): void };
  /** Orders placed from now on show in balances `forMs` later. */
  lagBalances(spec: LagSpec): { clear(): void };
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

/**
 * A Kraken of one's own, in this process: real HTTP on 127.0.0.1, real signatures, own books.
 * @throws TypeError for options or a state that make no sense
 */
export const createKrakenSimulator = (options: KrakenSimulatorOptions): KrakenSimulator => {
  const pairs = pairsFor(options);
  const world = buildWorld(options, pairs);
  const requests = new RequestCounts();
  if (options.state !== undefined) restore(world, pairs, requests, options.state);
  const receiveCounted = (call: Call): Reaction => {
    requests.add(call.apiKey, endpointOf(call));
    return receive(world, call);
  };
  const server = new KrakenServer({
    latencyMs: options.latencyMs ?? 0,
    port: options.port ?? 0,
    receive: receiveCounted,
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
    receive: receiveCounted,
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
        signingKey: signingKey(secret),
        name: name ?? accountId,
        tier,
        createdAt: now,
        permissions: new Set(permissions),
        terms: DEFAULT_TERMS,
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
    setKeyTerms: (apiKey, terms) => {
      const key = keyNamed(apiKey);
      key.terms = { ...key.terms, ...terms };
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
    setMinimums: (symbol, minimums) => {
      const checked = minimums && {
        order: amountOf(minimums.order).toFixed(),
        cost: amountOf(minimums.cost).toFixed(),
      };
      world.listing.setMinimums(pairNamed(symbol), checked);
    },
    setDepth: (symbol, share) => world.markets.get(pairNamed(symbol).id)?.setDepth(amountOf(share)),
    delist: (symbol) => {
      const spec = pairNamed(symbol);
      world.engine.delist(spec, world.clock.now());
      world.listing.delist(spec);
    },
    relist: (symbol) => world.listing.relist(symbol),
    freezeBalances: ({ accountId, calls }) => {
      const account = accountNamed(accountId);
      world.visibility.freezeBalances(accountId, account, { calls, until: Number.POSITIVE_INFINITY });
    },
    hideNewOrders: (spec) => world.faults.hideNewOrders(spec),
    lagBalances: (spec) => world.faults.lagBalances(spec),
    faults: world.faults,
    books: booksOf(world, requests),
    price: (symbol) => {
      const spec = world.listing.find(symbol);
      const market = spec && world.markets.get(spec.id);
      const now = world.clock.now();
      const last = market?.at(now)?.last;
      const book = market?.book(now);
      const bid = book?.bids.best()?.price;
      const ask = book?.asks.best()?.price;
      return last && bid && ask && { last: last.toFixed(), bid: bid.toFixed(), ask: ask.toFixed() };
    },
    snapshot: () => snapshot(world, requests),
  };
};
