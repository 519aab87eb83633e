import type { Market } from '../exchange/market.ts';
import { floorTo, notional, type Price, type Quantity, text, ZERO_QUANTITY } from '../money/money.ts';

/** A size that the market takes, or why it does not. */
export type Fit =
  | { readonly fits: true; readonly quantity: Quantity }
  | { readonly fits: false; readonly quantity: Quantity; readonly why: string };

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
