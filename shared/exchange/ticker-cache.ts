import { type Clock, type Instant, SECOND } from '../time/clock.ts';
import type { MarketData, Ticker } from './exchange.ts';
import type { MarketSymbol } from './market.ts';

interface Entry {
  /** When it was asked for: a ticker is at least as new as this. */
  readonly askedAt: Instant;
  readonly ticker: Promise<Ticker | undefined>;
}

/**
 * Shares tickers within the process for `maxAgeMs` of `clock`, also while they are being asked for: many copies
 * of one trade make one call. A failed call is not remembered, and fails for all who waited for it.
 */
export const cacheTickers = (source: MarketData, clock: Clock, maxAgeMs = SECOND): MarketData => {
  const entries = new Map<MarketSymbol, Entry>();

  const isFresh = (symbol: MarketSymbol, now: Instant): boolean => {
    const entry = entries.get(symbol);
    return entry !== undefined && now >= entry.askedAt && now - entry.askedAt < maxAgeMs;
  };

  const ask = (symbols: readonly MarketSymbol[], now: Instant): void => {
    const answer = source.tickers(symbols);
    for (const symbol of symbols) {
      const entry: Entry = { askedAt: now, ticker: answer.then((found) => found.get(symbol)) };
      entries.set(symbol, entry);
      entry.ticker.catch(() => {
        if (entries.get(symbol) === entry) entries.delete(symbol);
      });
    }
  };

  return {
    exchange: source.exchange,
    markets: () => source.markets(),
    candles: (symbol, since) => source.candles(symbol, since),
    tickers: async (symbols, { anew = false } = {}) => {
      const now = clock.now();
      const stale = [...new Set(symbols)].filter((symbol) => anew || !isFresh(symbol, now));
      if (stale.length > 0) ask(stale, now);
      const found = await Promise.all(
        symbols.map(async (symbol) => [symbol, await entries.get(symbol)?.ticker] as const),
      );
      return new Map(found.flatMap(([symbol, ticker]) => (ticker === undefined ? [] : [[symbol, ticker]])));
    },
  };
};
