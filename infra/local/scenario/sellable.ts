import { Decimal } from '../kraken/decimal.ts';
import { type AssetSpec, DEFAULT_PAIRS, type PairSpec } from '../kraken/pairs.ts';

/** How far the price of a moment may lie from the one a proof knows. */
export const PRICE_BOUNDS = ['0.95', '1.05'] as const;

/** @throws TypeError for a symbol that the simulated exchange does not list */
export const pairOf = (symbol: string): PairSpec => {
  const found = DEFAULT_PAIRS.find((pair) => pair.symbol === symbol);
  if (found === undefined) throw new TypeError(`the exchange lists no such pair (given '${symbol}')`);
  return found;
};

/** @throws TypeError for an asset of which the simulated exchange has no pair */
export const assetOf = (code: string): AssetSpec => {
  const found = DEFAULT_PAIRS.flatMap(({ base, quote }) => [base, quote]).find(
    (asset) => asset.code === code,
  );
  if (found === undefined) throw new TypeError(`the exchange has no such asset (given '${code}')`);
  return found;
};

/** By the exchange's own minimums, not by what the product knows of them. */
export const sellable = (quantity: Decimal, pair: PairSpec, price: Decimal): boolean => {
  const rounded = quantity.toDecimalPlaces(pair.lotDecimals, Decimal.ROUND_DOWN);
  return rounded.gte(pair.orderMinimum) && rounded.times(price).gte(pair.costMinimum);
};

/** Even at the lowest price that it may have had. */
export const clearlySellable = (quantity: Decimal, pair: PairSpec, price: Decimal): boolean =>
  sellable(quantity, pair, price.times(PRICE_BOUNDS[0]));
