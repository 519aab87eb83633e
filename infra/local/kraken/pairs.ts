import { type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';

/** How the exchange names and shows an asset. */
export interface AssetSpec {
  readonly id: string;
  readonly altname: string;
  /** The unified code: `BTC`. */
  readonly code: string;
  readonly decimals: number;
  readonly displayDecimals: number;
}

/** The trading rules of a pair; amounts are decimal texts. */
export interface PairSpec {
  readonly symbol: MarketSymbol;
  readonly id: string;
  readonly altname: string;
  readonly wsname: string;
  readonly base: AssetSpec;
  readonly quote: AssetSpec;
  readonly pairDecimals: number;
  readonly lotDecimals: number;
  readonly costDecimals: number;
  readonly tickSize: string;
  readonly orderMinimum: string;
  readonly costMinimum: string;
}

/** The least that an order may be, in base and in quote units; decimal texts. */
export interface Minimums {
  readonly order: string;
  readonly cost: string;
}

export const PAIR_STATUSES = [
  'online',
  'cancel_only',
  'post_only',
  'limit_only',
  'reduce_only',
  'maintenance',
] as const;
export type PairStatus = (typeof PAIR_STATUSES)[number];

const asset = (
  code: string,
  id: string,
  altname: string,
  decimals: number,
  displayDecimals: number,
): AssetSpec => ({ id, altname, code, decimals, displayDecimals });

const USD = asset('USD', 'ZUSD', 'USD', 4, 2);

const pair = (base: AssetSpec, id: string, pairDecimals: number, orderMinimum: string): PairSpec => ({
  symbol: marketSymbol(`${base.code}/USD`),
  id,
  altname: `${base.altname}USD`,
  wsname: `${base.altname}/USD`,
  base,
  quote: USD,
  pairDecimals,
  lotDecimals: 8,
  costDecimals: 5,
  tickSize: pairDecimals === 0 ? '1' : `0.${'0'.repeat(pairDecimals - 1)}1`,
  orderMinimum,
  costMinimum: '0.5',
});

/** The pairs a simulator lists by default, with steps and minimums as Kraken has them today. */
export const DEFAULT_PAIRS: readonly PairSpec[] = [
  pair(asset('BTC', 'XXBT', 'XBT', 10, 5), 'XXBTZUSD', 1, '0.00005'),
  pair(asset('ETH', 'XETH', 'ETH', 10, 5), 'XETHZUSD', 2, '0.001'),
  pair(asset('SOL', 'SOL', 'SOL', 10, 5), 'SOLUSD', 2, '0.02'),
  pair(asset('XRP', 'XXRP', 'XRP', 8, 5), 'XXRPZUSD', 5, '1.65'),
  pair(asset('LTC', 'XLTC', 'LTC', 10, 5), 'XLTCZUSD', 2, '0.04'),
  pair(asset('DOGE', 'XXDG', 'XDG', 8, 2), 'XDGUSD', 7, '13'),
  pair(asset('USDT', 'USDT', 'USDT', 8, 4), 'USDTZUSD', 5, '5'),
  pair(asset('USDC', 'USDC', 'USDC', 8, 4), 'USDCUSD', 4, '5'),
];

export const STABLECOINS: readonly string[] = ['USDT/USD', 'USDC/USD'];

/** The listed pairs and their assets, found by any name the exchange takes. */
export class Listing {
  readonly #pairs = new Map<string, PairSpec>();
  readonly #known: readonly PairSpec[];
  readonly #byName = new Map<string, PairSpec>();
  readonly #assets = new Map<string, AssetSpec>();
  readonly #assetsByName = new Map<string, AssetSpec>();
  readonly #status = new Map<string, PairStatus>();
  readonly #minimums = new Map<string, Minimums>();

  constructor(pairs: readonly PairSpec[]) {
    this.#known = pairs;
    for (const spec of pairs) {
      this.#list(spec);
      for (const each of [spec.base, spec.quote]) {
        this.#assets.set(each.id, each);
        for (const name of [each.id, each.altname, each.code]) this.#assetsByName.set(name, each);
      }
    }
  }

  pairs(): readonly PairSpec[] {
    return [...this.#pairs.values()];
  }

  assets(): readonly AssetSpec[] {
    return [...this.#assets.values()];
  }

  /** By id, short name, web socket name or unified symbol; undefined where not (or no longer) listed. */
  find(name: string): PairSpec | undefined {
    return this.#byName.get(name);
  }

  /** By id, short name or unified code. Assets of delisted pairs stay known: somebody may hold them. */
  asset(name: string): AssetSpec | undefined {
    return this.#assetsByName.get(name);
  }

  status(spec: PairSpec): PairStatus {
    return this.#status.get(spec.id) ?? 'maintenance';
  }

  setStatus(spec: PairSpec, status: PairStatus): void {
    this.#status.set(spec.id, status);
  }

  minimums(spec: PairSpec): Minimums {
    return this.#minimums.get(spec.id) ?? { order: spec.orderMinimum, cost: spec.costMinimum };
  }

  /** @param minimums undefined: its own */
  setMinimums(spec: PairSpec, minimums: Minimums | undefined): void {
    if (minimums === undefined) this.#minimums.delete(spec.id);
    else this.#minimums.set(spec.id, minimums);
  }

  /** One that was delisted is listed again. @throws TypeError for a pair that never was */
  relist(symbol: string): void {
    const spec = this.#known.find((known) => known.symbol === symbol);
    if (spec === undefined) throw new TypeError(`the exchange never listed such a pair (given '${symbol}')`);
    this.#list(spec);
  }

  #list(spec: PairSpec): void {
    this.#pairs.set(spec.id, spec);
    this.#status.set(spec.id, 'online');
    for (const name of [spec.id, spec.altname, spec.wsname, spec.symbol]) this.#byName.set(name, spec);
  }

  delist(spec: PairSpec): void {
    this.#pairs.delete(spec.id);
    this.#status.delete(spec.id);
    for (const [name, found] of this.#byName) if (found.id === spec.id) this.#byName.delete(name);
  }

  /** Ids of the listed pairs with their status: what a snapshot keeps. */
  statuses(): Record<string, PairStatus> {
    return Object.fromEntries(this.#status);
  }
}
