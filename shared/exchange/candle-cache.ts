import type { Candle, MarketData } from './exchange.ts';
import type { MarketSymbol } from './market.ts';

/** As many as the exchange keeps. */
const MOST = 720;

/**
 * Remembers candles between calls of one process and asks only for what came since: a tick every few minutes
 * needs one new candle, not 720. A gap (more than the exchange keeps) is filled from the exchange.
 */
export const withCandleCache = (source: MarketData): MarketData => {
  const known = new Map<MarketSymbol, readonly Candle[]>();
  return {
    ...source,
    candles: async (symbol, since) => {
      const cached = known.get(symbol) ?? [];
      // The last one may have been open when it was read, so it is asked for again.
      const fresh = await source.candles(symbol, cached.at(-1)?.at);
      const first = fresh[0];
      const kept = first === undefined ? cached : cached.filter(({ at }) => at < first.at);
      const all = [...kept, ...fresh].slice(-MOST);
      known.set(symbol, all);
      return since === undefined ? all : all.filter(({ at }) => at >= since);
    },
  };
};
