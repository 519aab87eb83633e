import { cashMarketOf } from '../account/equity.ts';
import type { AssetBalance, Ticker } from '../exchange/exchange.ts';
import { type Asset, isCash, type Market, type MarketSymbol } from '../exchange/market.ts';
import {
  notional,
  type Price,
  plus,
  price,
  type Quantity,
  type QuoteAmount,
  ZERO_QUOTE,
} from '../money/money.ts';

/** What an account held of one asset, locked or free, and what a unit was worth in cash then. */
export interface Holding {
  readonly asset: Asset;
  readonly total: Quantity;
  /** Absent where the exchange had no price in cash. */
  readonly price?: Price;
}

/** Quote units for one unit of an asset; undefined where the exchange has no price in cash for it. */
export type PriceOf = (asset: Asset) => Price | undefined;

const PAR = price('1');

/** Cash at par, all else at the last price: the same that a valuation uses. */
export const pricesFrom =
  (tickers: ReadonlyMap<MarketSymbol, Ticker>, markets: readonly Market[]): PriceOf =>
  (asset) => {
    if (isCash(asset)) return PAR;
    const market = cashMarketOf(asset, markets);
    return market === undefined ? undefined : tickers.get(market.symbol)?.last;
  };

export const holdingsOf = (balances: readonly AssetBalance[], priceOf: PriceOf): readonly Holding[] =>
  balances.map(({ asset, total }) => {
    const worth = priceOf(asset);
    return { asset, total, ...(worth === undefined ? {} : { price: worth }) };
  });

/** Holdings at the prices of now; at their own where there is none now, at nothing where there never was one. */
export const worthOf = (holdings: readonly Holding[], priceOf: PriceOf): QuoteAmount =>
  holdings.reduce((sum, holding) => {
    const worth = priceOf(holding.asset) ?? holding.price;
    return worth === undefined ? sum : plus(sum, notional(holding.total, worth));
  }, ZERO_QUOTE);
