import type { Asset, MarketSymbol } from '../exchange/market.ts';
import type { Adjustment } from '../ledger/adjustment.ts';
import type { RecordedFill } from '../ledger/ledger.ts';
import type { QuoteAmount } from '../money/money.ts';
import { effectOf, type FillEffect, type Move } from './effect-of-fill.ts';
import { type HandOverEffect, handOverOf } from './hand-over.ts';
import type { Book } from './lots.ts';
import { sumOf } from './parts.ts';
import type { Prices } from './prices.ts';
import type { HandOver, Method, TradeLine } from './statement.ts';

/** What is managed, by symbol. */
export type Books = ReadonlyMap<MarketSymbol, Book>;

export const assetOf = (symbol: MarketSymbol): Asset => symbol.slice(0, symbol.indexOf('/'));

/** What the ledger has of the time between two snapshots. */
export interface Happened {
  /** Those that the second has in its balances and the first has not. */
  readonly fills: readonly RecordedFill[];
  readonly adjustments: readonly Adjustment[];
}

/** What came of it; amounts in quote units. */
interface Done {
  readonly books: Books;
  readonly trades: readonly TradeLine[];
  readonly handOvers: readonly HandOver[];
  readonly moved: readonly Move[];
  readonly own: readonly Move[];
  readonly realised: QuoteAmount;
  readonly fees: QuoteAmount;
  readonly exchanged: QuoteAmount;
  readonly handedOver: QuoteAmount;
}

/** Executions and changes in the order of their time, valued at the prices of the snapshot that follows. */
export const carryOut = (
  { fills, adjustments }: Happened,
  before: Books,
  prices: Prices,
  method: Method,
): Done => {
  const books = new Map(before);
  const effects: FillEffect[] = [];
  const handed: HandOverEffect[] = [];
  const queue = [
    ...fills.map((fill) => ({ at: fill.at, fill })),
    ...adjustments.map((adjustment) => ({ at: adjustment.at, adjustment })),
  ].sort((a, b) => a.at - b.at);
  for (const next of queue) {
    if ('fill' in next) {
      const { fill } = next;
      const effect = effectOf(fill, books.get(fill.symbol) ?? [], prices, method);
      books.set(fill.symbol, effect.book);
      effects.push(effect);
    } else {
      const { symbol } = next.adjustment;
      const effect = handOverOf(next.adjustment, assetOf(symbol), books.get(symbol) ?? [], prices, method);
      if (effect === undefined) continue;
      books.set(symbol, effect.book);
      handed.push(effect);
    }
  }
  return {
    books,
    trades: effects.map(({ line }) => line),
    handOvers: handed.map(({ line }) => line),
    moved: effects.flatMap(({ moved }) => moved),
    own: [...effects.flatMap(({ own }) => own), ...handed.map(({ own }) => own)],
    realised: sumOf(effects.map(({ realised }) => realised)),
    fees: sumOf(effects.map(({ fee }) => fee)),
    exchanged: sumOf(effects.map(({ exchanged }) => exchanged)),
    handedOver: sumOf(handed.map(({ gained }) => gained)),
  };
};
