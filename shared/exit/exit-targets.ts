import { cashMarketOf } from '../account/equity.ts';
import type { AssetBalance } from '../exchange/exchange.ts';
import { type Asset, isCash, type Market, type MarketSymbol } from '../exchange/market.ts';
import type { Position } from '../ledger/position.ts';
import type { ExitScope } from './exit-request.ts';

/** The symbols an exit is about, sorted, and what it cannot do anything about. */
export interface ExitTargets {
  readonly symbols: readonly MarketSymbol[];
  readonly notes: readonly string[];
}

/**
 * The managed positions; with `everything` also each asset that can be sold for cash; and what the caller
 * names or an earlier try began, even where nothing is held of it now.
 */
export const exitTargets = (input: {
  readonly scope: ExitScope;
  readonly only: readonly MarketSymbol[] | undefined;
  readonly begun: readonly MarketSymbol[];
  readonly positions: readonly Position[];
  readonly balances: readonly AssetBalance[];
  readonly markets: readonly Market[];
}): ExitTargets => {
  const symbols = new Set<MarketSymbol>([
    ...input.positions.map(({ symbol }) => symbol),
    ...input.begun,
    ...(input.only ?? []),
  ]);
  const notes: string[] = [];
  if (input.scope === 'everything' && input.only === undefined) {
    for (const { asset, total } of input.balances) {
      if (isCash(asset) || total.isZero() || covered(asset, symbols)) continue;
      const market = cashMarketOf(asset, input.markets);
      if (market === undefined) notes.push(`${asset} has no market against cash: sell it by hand`);
      else symbols.add(market.symbol);
    }
  }
  const wanted = [...symbols].filter((symbol) => input.only?.includes(symbol) ?? true);
  return { symbols: wanted.sort(), notes };
};

const covered = (asset: Asset, symbols: ReadonlySet<MarketSymbol>): boolean =>
  [...symbols].some((symbol) => symbol.startsWith(`${asset}/`));
