import type { Price, Quantity, QuoteAmount } from '../money/money.ts';

export const EXCHANGES = ['kraken'] as const;
export type ExchangeName = (typeof EXCHANGES)[number];

declare const kind: unique symbol;
/** A unified pair, `BASE/QUOTE`: `BTC/USD`. */
export type MarketSymbol = string & { readonly [kind]: 'symbol' };
/** A unified asset code: `BTC`, `USD`; never the exchange's own spelling (`XXBT`). */
export type Asset = string;

/** @throws TypeError unless `BASE/QUOTE` in capitals and digits */
export const marketSymbol = (value: string): MarketSymbol => {
  if (!/^[A-Z0-9.]{1,20}\/[A-Z0-9]{1,20}$/.test(value)) {
    throw new TypeError(`a market symbol looks like BTC/USD (given '${value.slice(0, 40)}')`);
  }
  return value as MarketSymbol;
};

/** What counts as cash, in any account: at par with each other. */
export const CASH_ASSETS: readonly Asset[] = ['USD', 'USDT', 'USDC'];
export const isCash = (asset: Asset): boolean => CASH_ASSETS.includes(asset);

/** Which orders a market takes now. */
export type MarketStatus =
  | 'online'
  | 'limit_only'
  | 'post_only'
  | 'cancel_only'
  | 'reduce_only'
  | 'maintenance'
  /** The exchange lists it no more; its rules are kept to read and record what was done in it. */
  | 'delisted';

/** The trading rules of one pair at one exchange. Cached in the ledger; never loaded on an account's path. */
export interface Market {
  readonly exchange: ExchangeName;
  readonly symbol: MarketSymbol;
  readonly base: Asset;
  readonly quote: Asset;
  /** The exchange's own id of the pair (`XXBTZUSD`) and its short name (`XBTUSD`). */
  readonly exchangeId: string;
  readonly altname: string;
  /** The exchange's own ids of the two assets (`XXBT`, `ZUSD`). */
  readonly baseId: string;
  readonly quoteId: string;
  readonly quantityStep: Quantity;
  readonly priceTick: Price;
  readonly minimumQuantity: Quantity;
  readonly minimumCost: QuoteAmount;
  readonly status: MarketStatus;
}
