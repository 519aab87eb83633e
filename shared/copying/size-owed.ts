import type { Market } from '../exchange/market.ts';
import type { Price, Quantity } from '../money/money.ts';
import { askedOf, type SaleSize, type Shown, sizeSale } from './size-sale.ts';

/** How much to sell of what is owed, by the rules of a copied SELL. */
export const sizeOwed = (input: {
  readonly owed: Quantity;
  /** The managed position. */
  readonly position: Quantity;
  /** Of it, what did not come after the trade (see reach.ts): at least as much as is owed. */
  readonly reach: Quantity;
  readonly shown: Shown;
  readonly market: Market;
  readonly price: Price | undefined;
}): SaleSize => {
  const { owed, position, reach, shown, market, price } = input;
  const whole = owed.gte(reach);
  const { asked } = askedOf({ wanted: owed, reach, position, whole, market, price });
  return sizeSale(asked, shown, market, price);
};
