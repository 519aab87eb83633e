import {
  floorTo,
  least,
  lessAtMost,
  plus,
  type Quantity,
  quantity,
  ratio,
  scale,
  ZERO_QUANTITY,
} from '../money/money.ts';
import type { Trade } from './trade.ts';

/** Where a trade stands among its master's: by time, then by id. */
export type TradePlace = Pick<Trade, 'at' | 'tradeId'>;

export const isLater = (a: TradePlace, b: TradePlace): boolean =>
  a.at === b.at ? a.tradeId > b.tradeId : a.at > b.at;

/** Coins that came into a position or left it. */
export interface Movement {
  readonly direction: 'IN' | 'OUT';
  readonly quantity: Quantity;
  /** The trade that it was made for. Coins without one count as older than any sale; a sale without one takes of all. */
  readonly of?: TradePlace;
}

interface Lot {
  readonly of?: TradePlace;
  readonly left: Quantity;
}

/** Far below any quantity step: a share with endless digits must not cost a step. */
const GRAIN = quantity('0.000000000000000001');

/**
 * How much of a position came for trades later than `place`. A sale takes of all coins that it may touch alike:
 * one made for a trade, of those from trades up to its own. So it does not matter in which order sales are made,
 * each leaves of every purchase what it would have left in time.
 *
 * @param held the position as the movements have left it
 * @param movements all of the position's since `place.at`, in their order
 */
export const laterCoins = (held: Quantity, place: TradePlace, movements: readonly Movement[]): Quantity => {
  let lots: readonly Lot[] = [{ left: heldBefore(held, movements) }];
  for (const { direction, quantity: moved, of } of movements) {
    if (direction === 'IN') {
      lots = [...lots, of !== undefined && isLater(of, place) ? { of, left: moved } : { left: moved }];
      continue;
    }
    const isTouched = (lot: Lot): boolean => of === undefined || lot.of === undefined || !isLater(lot.of, of);
    const taken = takeAlike(lots, isTouched, moved);
    // More than it may touch: then it took others' coins, as a fact.
    lots = takeAlike(taken.lots, () => true, taken.missed).lots;
  }
  const later = lots.reduce((sum, { of, left }) => (of === undefined ? sum : plus(sum, left)), ZERO_QUANTITY);
  return floorTo(least(later, held), GRAIN);
};

const heldBefore = (held: Quantity, movements: readonly Movement[]): Quantity => {
  const sum = (wanted: Movement['direction']): Quantity =>
    movements.reduce(
      (total, { direction, quantity: moved }) => (direction === wanted ? plus(total, moved) : total),
      ZERO_QUANTITY,
    );
  return lessAtMost(plus(held, sum('OUT')), sum('IN'));
};

const takeAlike = (
  lots: readonly Lot[],
  isTouched: (lot: Lot) => boolean,
  wanted: Quantity,
): { readonly lots: readonly Lot[]; readonly missed: Quantity } => {
  const there = lots.reduce((sum, lot) => (isTouched(lot) ? plus(sum, lot.left) : sum), ZERO_QUANTITY);
  if (there.isZero() || wanted.isZero()) return { lots, missed: wanted };
  const kept = ratio(lessAtMost(there, wanted), there);
  return {
    lots: lots.map((lot) => (isTouched(lot) ? { ...lot, left: scale(lot.left, kept) } : lot)),
    missed: lessAtMost(wanted, there),
  };
};
