import type { AssetBalance } from '../exchange/exchange.ts';
import type { Market } from '../exchange/market.ts';
import {
  floorTo,
  least,
  lessAtMost,
  type Price,
  type Quantity,
  text,
  ZERO_QUANTITY,
} from '../money/money.ts';
import { fitToMarket } from '../order/fit.ts';

/** What the exchange shows of the asset that is to be sold; nothing where it lists none. */
export type Shown = Pick<AssetBalance, 'total' | 'free' | 'bonded'> | undefined;

/**
 * TOO_LITTLE: the market takes no order of so little, whatever is held. LOCKED: it is there, and no order can sell
 * it now. NOTHING_HELD_YET: the ledger has it, and the exchange does not show enough of it to sell; it may come
 * late, so that alone proves nothing.
 */
export type SaleSize =
  | { readonly ok: true; readonly quantity: Quantity; readonly asked: Quantity }
  | {
      readonly ok: false;
      readonly reason: 'TOO_LITTLE' | 'LOCKED' | 'NOTHING_HELD_YET';
      /** What is to be sold; more than a `quantity` would be where not all of it is free. */
      readonly asked: Quantity;
      readonly detail: string;
    };

/** What is to be sold of a position. */
export interface Asked {
  readonly wanted: Quantity;
  /** All that may be sold of it. */
  readonly reach: Quantity;
  /** The managed position. */
  readonly position: Quantity;
  /** Whether all within reach is wanted. */
  readonly whole: boolean;
  readonly market: Market;
  /** For the minimum cost; where there is none, the exchange decides. */
  readonly price: Price | undefined;
}

/** Down to the market's step; all within reach where the rest of the position could not be sold any more. */
export const askedOf = ({ wanted, reach, position, whole, market, price }: Asked) => {
  const down = floorTo(wanted, market.quantityStep);
  const rest = lessAtMost(position, down);
  const all = whole || (!down.isZero() && !fitToMarket(rest, market, price).fits);
  return { all, asked: all ? floorTo(reach, market.quantityStep) : down };
};

/** As much of what is asked as is free. Judged by what the ledger has first, then by what the exchange shows. */
export const sizeSale = (
  asked: Quantity,
  shown: Shown,
  market: Market,
  price: Price | undefined,
): SaleSize => {
  const { total, free } = shown ?? { total: ZERO_QUANTITY, free: ZERO_QUANTITY };
  const whole = fitToMarket(asked, market, price);
  if (!whole.fits) return { ok: false, reason: 'TOO_LITTLE', asked, detail: whole.why };
  const now = fitToMarket(least(asked, free), market, price);
  if (now.fits) return { ok: true, quantity: now.quantity, asked };
  if (!fitToMarket(least(asked, total), market, price).fits) {
    const detail = `the exchange shows ${text(total)} ${market.base}, and the ledger has ${text(asked)} to sell`;
    return { ok: false, reason: 'NOTHING_HELD_YET', asked, detail };
  }
  return { ok: false, reason: 'LOCKED', asked, detail: whyLocked(asked, { total, free, ...shown }, market) };
};

const whyLocked = (
  asked: Quantity,
  { total, free, bonded = ZERO_QUANTITY }: NonNullable<Shown>,
  { base, symbol }: Market,
): string => {
  const inOrders = lessAtMost(lessAtMost(total, free), bonded);
  const causes = [
    ...(inOrders.isZero()
      ? []
      : [
          `${text(inOrders)} is locked in open orders that are not Nija's: it is sold when they go; cancel them, or exit ${symbol}, which does`,
        ]),
    ...(bonded.isZero() ? [] : [`${text(bonded)} is staked: it is sold when its owner has unstaked it`]),
  ];
  return `${text(free)} of ${text(least(asked, total))} ${base} is free; ${causes.join('; ')}`;
};
