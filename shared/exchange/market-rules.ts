import type { MarketRules } from '../account/connect.ts';
import type { MarketStore } from '../ledger/ledger.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, DAY, HOUR, type Instant } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeName, Market } from './market.ts';

/** How long one process uses the rules it has. */
const FRESH_MS = HOUR;
/** Minimums change and pairs come and go: rules older than this are read from the exchange again. */
const OUTDATED_MS = DAY;

/**
 * Market rules from the process's memory, else from the ledger; from the exchange itself (two slow public
 * calls on Kraken) only where the ledger has none or old ones. Old ones still serve while the exchange cannot
 * be asked: they must stop no sale.
 */
export const cachedMarketRules = (ports: {
  readonly store: MarketStore;
  exchange(name: ExchangeName): Exchange;
  readonly clock: Clock;
  readonly log: Log;
}): MarketRules => {
  const cache = new Map<
    ExchangeName,
    { readonly markets: Promise<readonly Market[]>; readonly at: Instant }
  >();
  const reload = async (name: ExchangeName): Promise<readonly Market[]> => {
    const markets = await ports.exchange(name).marketData.markets();
    await ports.store.save(name, markets, ports.clock.now());
    return markets;
  };
  const load = async (name: ExchangeName): Promise<readonly Market[]> => {
    const stored = await ports.store.all(name);
    if (stored === undefined) return await reload(name);
    // Rules from the future are of a clock that was set back.
    if (Math.abs(ports.clock.now() - stored.savedAt) < OUTDATED_MS) return stored.markets;
    return await reload(name).catch((error: unknown) => {
      ports.log.error('market rules could not be refreshed; the old ones serve on', error, {
        exchange: name,
      });
      return stored.markets;
    });
  };
  return {
    refresh: async (name) => {
      await reload(name);
      cache.delete(name);
    },
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
