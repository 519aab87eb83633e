import type { MarketRules } from '../account/connect.ts';
import type { MarketStore } from '../ledger/ledger.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { type Clock, DAY, HOUR, type Instant, MINUTE } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';
import type { ExchangeName, Market } from './market.ts';

/** How long one process uses the rules it has. */
const FRESH_MS = HOUR;
/** Minimums change and pairs come and go: rules older than this are read from the exchange again. */
const OUTDATED_MS = DAY;
/** How far the exchange's clock may be ahead of ours. */
const SKEW_MS = MINUTE;

/** What the exchange lists, and that and what it listed once; each list is the same object for as long as it serves. */
interface Rules {
  readonly listed: readonly Market[];
  readonly everListed: readonly Market[];
}

const rulesOf = (everListed: readonly Market[]): Rules => ({
  listed: everListed.filter(({ status }) => status !== 'delisted'),
  everListed,
});

/** Those that are known and not listed any more, where no other pair has their symbol now. */
const goneOf = (known: readonly Market[], listed: readonly Market[]): readonly Market[] => {
  const taken = new Set(listed.flatMap(({ symbol, exchangeId }) => [symbol, exchangeId]));
  return known
    .filter(({ symbol, exchangeId }) => !taken.has(symbol) && !taken.has(exchangeId))
    .map((market) => ({ ...market, status: 'delisted' }));
};

/**
 * Market rules from the process's memory, else from the ledger; from the exchange itself (two slow public
 * calls on Kraken) only where the ledger has none or old ones. Old ones still serve while the exchange cannot
 * be asked: they must stop no sale. What the exchange lists no more stays known: an account may hold it, and has
 * traded it.
 */
export const cachedMarketRules = (ports: {
  readonly store: MarketStore;
  exchange(name: ExchangeName): Exchange;
  readonly clock: Clock;
  readonly log: Log;
}): MarketRules => {
  const cache = new Map<ExchangeName, { readonly rules: Promise<Rules>; readonly at: Instant }>();
  const reload = async (name: ExchangeName, known: readonly Market[]): Promise<readonly Market[]> => {
    const listed = await ports.exchange(name).marketData.markets();
    const markets = [...goneOf(known, listed), ...listed];
    await ports.store.save(name, markets, ports.clock.now());
    return markets;
  };
  const load = async (name: ExchangeName): Promise<Rules> => {
    const stored = await ports.store.all(name);
    if (stored === undefined) return rulesOf(await reload(name, []));
    // Rules from the future are of a clock that was set back.
    if (Math.abs(ports.clock.now() - stored.savedAt) < OUTDATED_MS) return rulesOf(stored.markets);
    const markets = await reload(name, stored.markets).catch((error: unknown) => {
      ports.log.error('market rules could not be refreshed; the old ones serve on', error, {
        exchange: name,
      });
      return stored.markets;
    });
    return rulesOf(markets);
  };
  const rules = async (name: ExchangeName): Promise<Rules> => {
    const known = cache.get(name);
    if (known !== undefined && ports.clock.now() - known.at < FRESH_MS) return await known.rules;
    const loading = load(name);
    cache.set(name, { rules: loading, at: ports.clock.now() });
    try {
      return await loading;
    } catch (error) {
      cache.delete(name);
      throw error;
    }
  };
  return {
    of: async (name) => (await rules(name)).listed,
    everListed: async (name) => (await rules(name)).everListed,
    refresh: async (name, tradedAt) => {
      const stored = await ports.store.all(name);
      const isOlder = stored === undefined || tradedAt === undefined || stored.savedAt < tradedAt + SKEW_MS;
      if (isOlder) await reload(name, stored?.markets ?? []);
      cache.delete(name);
      return isOlder;
    },
  };
};
