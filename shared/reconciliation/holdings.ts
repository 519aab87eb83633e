import type { AssetBalance } from '../exchange/exchange.ts';
import { type Asset, isCash, type Market, type MarketSymbol } from '../exchange/market.ts';
import type { Position } from '../ledger/position.ts';
import { greatest, least, lessAtMost, plus, type Quantity, ZERO_QUANTITY } from '../money/money.ts';

/** What an account holds of an asset, against what its positions say. */
export interface Holding {
  readonly asset: Asset;
  readonly positions: readonly Position[];
  /** The sum of the positions. */
  readonly managed: Quantity;
  /** At the exchange, locked or free. */
  readonly held: Quantity;
  /** Of what is managed, above one step of quantity; zero where that much is held. */
  readonly missing: Quantity;
  /** The owner's own. */
  readonly unmanaged: Quantity;
  readonly step: Quantity;
  /** Held, but too little for any of the positions' markets to sell; or nothing. */
  readonly gone: boolean;
}

export const assetsOf = (symbol: MarketSymbol): { readonly base: Asset; readonly quote: Asset } => {
  const slash = symbol.indexOf('/');
  return { base: symbol.slice(0, slash), quote: symbol.slice(slash + 1) };
};

/** Every asset with a position, and every other that is held and is not cash; sorted by asset. */
export const holdingsOf = (
  positions: readonly Position[],
  balances: readonly AssetBalance[],
  markets: readonly Market[],
): readonly Holding[] => {
  const byBase = Map.groupBy(positions, ({ symbol }) => assetsOf(symbol).base);
  const totals = new Map(balances.map(({ asset, total }) => [asset, total]));
  const others = [...totals.keys()].filter((asset) => !isCash(asset) && !byBase.has(asset));
  return [...byBase.keys(), ...others]
    .sort()
    .map((asset) => holdingOf(asset, byBase.get(asset) ?? [], totals.get(asset) ?? ZERO_QUANTITY, markets));
};

const holdingOf = (
  asset: Asset,
  positions: readonly Position[],
  held: Quantity,
  markets: readonly Market[],
): Holding => {
  const rules = markets.filter(({ symbol }) => positions.some((position) => position.symbol === symbol));
  const [minimum = ZERO_QUANTITY, ...minimums] = rules.map(({ minimumQuantity }) => minimumQuantity);
  const managed = positions.reduce((sum, { quantity }) => plus(sum, quantity), ZERO_QUANTITY);
  const step = greatest(ZERO_QUANTITY, ...rules.map(({ quantityStep }) => quantityStep));
  const gap = lessAtMost(managed, held);
  return {
    asset,
    positions,
    managed,
    held,
    missing: gap.lte(step) ? ZERO_QUANTITY : gap,
    unmanaged: lessAtMost(held, managed),
    step,
    gone: held.isZero() || held.lt(least(minimum, ...minimums)),
  };
};
