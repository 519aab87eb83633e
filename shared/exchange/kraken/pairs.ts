import { type Market, type MarketSymbol, marketSymbol } from '../market.ts';
import { shortNameOf, spellingsOf } from './assets.ts';

/** Finds a market by whatever Kraken calls it: orders say `XBTUSD`, trades `XXBTZUSD`. */
export interface MarketIndex {
  byPair(pair: string): Market | undefined;
}

// One index for all sessions that were given the same list: 200 accounts share one.
const indexes = new WeakMap<readonly Market[], MarketIndex>();

export const indexOf = (markets: readonly Market[]): MarketIndex => {
  const known = indexes.get(markets);
  if (known !== undefined) return known;
  const byName = new Map<string, Market>();
  for (const market of markets) {
    byName.set(market.altname, market);
    byName.set(market.exchangeId, market);
  }
  const index: MarketIndex = { byPair: (pair) => byName.get(pair) };
  indexes.set(markets, index);
  return index;
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
