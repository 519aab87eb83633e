import type { Fill } from '../exchange/exchange.ts';
import { type Asset, isCash } from '../exchange/market.ts';
import { notional, type Price, price, type QuoteAmount, type Units, ZERO_QUOTE } from '../money/money.ts';
import { assetsOf } from '../snapshot/flows.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';

/** What a unit of an asset is worth in cash, as far as it is known. Cash is at par and not among them. */
export type Prices = ReadonlyMap<Asset, Price>;

const PAR = price('1');

export const priceIn = (prices: Prices, asset: Asset): Price | undefined =>
  isCash(asset) ? PAR : prices.get(asset);

/** Nothing where the asset has no price. */
export const worthAt = (amount: Units, prices: Prices, asset: Asset): QuoteAmount => {
  const at = priceIn(prices, asset);
  return at === undefined ? ZERO_QUOTE : notional(amount, at);
};

/** At a snapshot: its own; of what it does not hold the newest it was traded at since, else the one known before. */
export const pricesAt = (
  before: Prices,
  fills: readonly Fill[],
  { holdings }: Pick<EquitySnapshot, 'holdings'>,
): Prices => {
  const prices = new Map(before);
  for (const fill of fills) {
    const [base, quoted] = assetsOf(fill);
    if (isCash(quoted)) prices.set(base, fill.price);
  }
  for (const holding of holdings) if (holding.price !== undefined) prices.set(holding.asset, holding.price);
  return prices;
};
