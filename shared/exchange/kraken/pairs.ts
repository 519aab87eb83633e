import { quantity } from '../../money/money.ts';
import { type Asset, type Market, type MarketSymbol, marketSymbol } from '../market.ts';
import { assetOf, shortNameOf, spellingsOf } from './assets.ts';
import type { TradedMarket } from './orders.ts';

/** Finds a market by whatever Kraken calls it: orders say `XBTUSD`, trades `XXBTZUSD`. */
export interface MarketIndex {
  byPair(pair: string): Market | undefined;
  /** What the name of a pair tells of its market; undefined where it ends in no asset that markets are quoted in. */
  byName(pair: string): TradedMarket | undefined;
}

// One index for all sessions that were given the same list: 200 accounts share one.
const indexes = new WeakMap<readonly Market[], MarketIndex>();

export const indexOf = (markets: readonly Market[]): MarketIndex => {
  const known = indexes.get(markets);
  if (known !== undefined) return known;
  const named = new Map<string, Market>();
  for (const market of markets) {
    named.set(market.altname, market);
    named.set(market.exchangeId, market);
  }
  // USDT before USD, of which it is no part.
  const quotes = [...new Set(markets.map(({ quote }) => quote))].sort((a, b) => b.length - a.length);
  const index: MarketIndex = { byPair: (pair) => named.get(pair), byName: (pair) => read(pair, quotes) };
  indexes.set(markets, index);
  return index;
};

/** Finer than any step of Kraken's, or as fine. */
const FINEST_STEP = quantity('0.00000001');
/** `XXBTZUSD`: two ids from the early days, of four letters each. In `XTZUSD` the Z is the base's. */
const EARLY_PAIR = /^X[A-Z]{3}[XZ][A-Z]{3}$/;

const read = (pair: string, quotes: readonly Asset[]): TradedMarket | undefined => {
  const isEarly = EARLY_PAIR.test(pair);
  for (const quote of quotes) {
    const spellings = spellingsOf(quote).filter((name) => isEarly || name === shortNameOf(quote));
    const ending = spellings.toReversed().find((name) => pair.endsWith(name));
    if (ending === undefined) continue;
    const base = assetOf(pair.slice(0, -ending.length));
    if (!/^[A-Z0-9]{1,20}$/.test(base)) return undefined;
    return { symbol: marketSymbol(`${base}/${quote}`), base, quote, quantityStep: FINEST_STEP };
  }
  return undefined;
};

/** A stand-in for a pair that the session was not told of: names it, and equals no real symbol. */
export const unlistedSymbol = (pair: string): MarketSymbol =>
  marketSymbol(
    `${
      pair
        .toUpperCase()
        .replace(/[^A-Z0-9.]/g, '')
        .slice(0, 20) || 'PAIR'
    }/UNLISTED`,
  );

const parts = (symbol: MarketSymbol): readonly [string, string] => {
  const slash = symbol.indexOf('/');
  return [symbol.slice(0, slash), symbol.slice(slash + 1)];
};

/** `BTC/USD` → `XBTUSD`: what public calls take. */
export const shortPairOf = (symbol: MarketSymbol): string => {
  const [base, quote] = parts(symbol);
  return shortNameOf(base) + shortNameOf(quote);
};

/** Every key under which a public answer may hold the pair: `XBTUSD`, `XXBTZUSD`, `XBTZUSD`, … */
export const pairSpellings = (symbol: MarketSymbol): readonly string[] => {
  const [base, quote] = parts(symbol);
  return spellingsOf(base).flatMap((first) => spellingsOf(quote).map((second) => first + second));
};
