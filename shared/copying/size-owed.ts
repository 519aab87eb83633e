import type { Market } from '../exchange/market.ts';
import { floorTo, least, lessAtMost, type Price, type Quantity, text } from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';

export type OwedSize =
  | {
      readonly ok: true;
      readonly quantity: Quantity;
      /** What is to be sold; more than `quantity` where not all of it is free. */
      readonly asked: Quantity;
    }
  | { readonly ok: false; readonly reason: 'NOTHING_HELD' | 'DUST' | 'LOCKED'; readonly detail: string };

/**
 * How much to sell of what is owed, by the rules of a copied SELL: all within reach where the rest of the position
 * could not be sold any more; never more than is free. LOCKED: it is there, but not free.
 */
export const sizeOwed = (input: {
  readonly owed: Quantity;
  /** The managed position. */
  readonly position: Quantity;
  /** Of it, what did not come after the trade (see reach.ts): at least as much as is owed. */
  readonly reach: Quantity;
  /** Units of the base asset at the exchange. */
  readonly total: Quantity;
  readonly free: Quantity;
  readonly market: Market;
  readonly price: Price | undefined;
}): OwedSize => {
  const { owed, position, reach, total, free, market, price } = input;
  if (total.isZero())
    return { ok: false, reason: 'NOTHING_HELD', detail: `the exchange holds no ${market.base}` };
  const wanted = floorTo(owed, market.quantityStep);
  const rest = lessAtMost(position, wanted);
  const all = owed.gte(reach) || (!wanted.isZero() && !fitToMarket(rest, market, price).fits);
  const asked = all ? floorTo(reach, market.quantityStep) : wanted;
  const now = fitToMarket(least(asked, free), market, price);
  if (now.fits) return { ok: true, quantity: now.quantity, asked };
  const unlocked = fitToMarket(least(asked, total), market, price);
  if (!unlocked.fits) return { ok: false, reason: 'DUST', detail: unlocked.why };
  return {
    ok: false,
    reason: 'LOCKED',
    detail: `${text(free)} of ${text(least(asked, total))} ${market.base} is free; the rest is locked in open orders that are not Nija's: it is sold when they go`,
  };
};
