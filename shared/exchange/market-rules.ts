import type { MarketRules } from '../account/connect.ts';
import type { MarketStore } from '../ledger/ledger.ts';
import { type Clock, HOUR, type Instant } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeName, Market } from './market.ts';

/** How long one process uses the rules it has. */
const FRESH_MS = HOUR;

/**
 * Market rules from the process's memory, else from the ledger, and only where that has none from the
 * exchange itself (two slow public calls on Kraken), which then fills the ledger.
 */
export const cachedMarketRules = (ports: {
  readonly store: MarketStore;
  exchange(name: ExchangeName): Exchange;
  readonly clock: Clock;
}): MarketRules => {
  const cache = new Map<
    ExchangeName,
    { readonly markets: Promise<readonly Market[]>; readonly at: Instant }
  >();
  const load = async (name: ExchangeName): Promise<readonly Market[]> => {
    const stored = await ports.store.all(name);
    if (stored.length > 0) return stored;
    const markets = await ports.exchange(name).marketData.markets();
    await ports.store.save(name, markets);
    return markets;
  };
  return {
    of: async (name) => {
      const known = cache.get(name);
      if (known !== undefined && ports.clock.now() - known.at < FRESH_MS) return await known.markets;
      const markets = load(name);
      cache.set(name, { markets, at: ports.clock.now() });
      try {
        return await markets;
      } catch (error) {
        cache.delete(name);
        throw error;
      }
    },
  };
};
