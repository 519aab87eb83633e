import type { Clock } from '../../time/clock.ts';
import type { Exchange } from '../exchange.ts';
import { cacheTickers } from '../ticker-cache.ts';
import { KRAKEN_URL, keylessKraken, privateClient, publicClient } from './client.ts';
import type { FeeSides } from './executions.ts';
import { krakenMarketData } from './market-data.ts';
import { krakenSession } from './session.ts';
import { send, type Transport } from './transport.ts';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** An order's fee side never changes; of so many of an account it is asked once. */
const MOST_REMEMBERED = 1_000;

/** @throws TypeError for what is no address, or one that would send signed requests in the clear */
const checked = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const safe =
    parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && LOOPBACK.has(parsed.hostname));
  if (!safe) {
    throw new TypeError(
      `NIJA_EXCHANGE_URL_KRAKEN must be an https address, or http on this machine such as http://127.0.0.1:8000 (given '${url.slice(0, 80)}')`,
    );
  }
  return url.replace(/\/+$/, '');
};

/**
 * Kraken spot. `url` replaces the exchange's own address (a simulator); `timeoutMs` bounds each request, from
 * connecting to the last byte; `transport` replaces the network; tickers are shared for a second of `clock`.
 * @throws TypeError for an address that cannot be used
 */
export const krakenExchange = (options: {
  readonly url?: string | undefined;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly transport?: Transport | undefined;
}): Exchange => {
  const keyless = keylessKraken({
    url: checked(options.url ?? KRAKEN_URL),
    timeoutMs: options.timeoutMs ?? 10_000,
    transport: options.transport ?? send,
  });
  const remembered = new Map<string, FeeSides>();
  const feeSidesOf = (accountId: string): FeeSides => {
    const known = remembered.get(accountId);
    if (known !== undefined && known.size < MOST_REMEMBERED) return known;
    const fresh: FeeSides = new Map();
    remembered.set(accountId, fresh);
    return fresh;
  };
  return {
    marketData: cacheTickers(krakenMarketData(publicClient(keyless)), options.clock),
    session: (input) =>
      krakenSession(
        input.accountId,
        privateClient(keyless, input),
        input.markets,
        feeSidesOf(input.accountId),
      ),
  };
};
