import type { Ticker } from '../exchange/exchange.ts';
import type { Market } from '../exchange/market.ts';
import {
  floorTo,
  greatest,
  notional,
  type Price,
  type Quantity,
  text,
  ZERO_QUANTITY,
} from '../money/money.ts';

/** A size that the market takes, or why it does not. */
export type Fit =
  | { readonly fits: true; readonly quantity: Quantity }
  | { readonly fits: false; readonly quantity: Quantity; readonly why: string };

/**
 * What a sale's minimum cost is judged by beforehand: the better of what is bid and what was paid last, so that a
 * book that is empty for a moment makes nothing dust. Where that is too high, the exchange says so.
 */
export const minimumPriceOf = (ticker: Pick<Ticker, 'bid' | 'last'> | undefined): Price | undefined =>
  ticker === undefined ? undefined : greatest(ticker.bid, ticker.last);

/**
 * Rounds down to the market's quantity step and checks its minimums: ccxt and some exchanges do not.
 * Without a price (`at`) the minimum cost is left to the exchange.
 */
export const fitToMarket = (wanted: Quantity, market: Market, at: Price | undefined): Fit => {
  const rounded = floorTo(wanted, market.quantityStep);
  if (rounded.isZero()) {
    return {
      fits: false,
      quantity: ZERO_QUANTITY,
      why: `${text(wanted)} ${market.base} is less than one step of ${text(market.quantityStep)}`,
    };
  }
  if (rounded.lt(market.minimumQuantity)) {
    return {
      fits: false,
      quantity: rounded,
      why: `${text(rounded)} ${market.base} is below the minimum of ${text(market.minimumQuantity)}`,
    };
  }
  if (at !== undefined && notional(rounded, at).lt(market.minimumCost)) {
    return {
      fits: false,
      quantity: rounded,
      why: `${text(rounded)} ${market.base} at ${text(at)} is below the minimum cost of ${text(market.minimumCost)} ${market.quote}`,
    };
  }
  return { fits: true, quantity: rounded };
};
