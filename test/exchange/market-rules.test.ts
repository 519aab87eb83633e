import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../shared/exchange/exchange.ts';
import { type Market, marketSymbol } from '../../shared/exchange/market.ts';
import { cachedMarketRules } from '../../shared/exchange/market-rules.ts';
import type { MarketStore } from '../../shared/ledger/ledger.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';
import { aMarket, START } from '../ledger/examples.ts';
import { ManualClock } from '../local/kraken/exchange.ts';

const SOL = marketSymbol('SOL/USD');
const bitcoin = aMarket();
const solana = aMarket({ symbol: SOL, base: 'SOL', baseId: 'SOL', exchangeId: 'SOLUSD', altname: 'SOLUSD' });

/** Rules of an exchange that lists what it is told to. */
const rulesOf = (first: readonly Market[]) => {
  const clock = new ManualClock(START);
  let listed = first;
  let stored: Awaited<ReturnType<MarketStore['all']>>;
  let asked = 0;
  const store: MarketStore = {
    all: async () => stored,
    save: async (_exchange, markets, savedAt) => {
      stored = { markets, savedAt };
    },
  };
  const markets = async (): Promise<readonly Market[]> => {
    asked += 1;
    return listed;
  };
  const none = async (): Promise<never> => {
    throw new Error('only the markets are asked for');
  };
  const exchange: Exchange = {
    marketData: { exchange: 'kraken', markets, tickers: none, candles: none },
    session: () => {
      throw new Error('nobody needs a key');
    },
  };
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    with: () => log,
  };
  const rules = cachedMarketRules({ store, exchange: () => exchange, clock, log });
  const shown = async () => ({
    listed: (await rules.of('kraken')).map(({ exchangeId }) => exchangeId).sort(),
    everListed: (await rules.everListed('kraken')).map(({ exchangeId }) => exchangeId).sort(),
  });
  return {
    clock,
    rules,
    shown,
    asked: () => asked,
    list: (markets: readonly Market[]) => {
      listed = markets;
    },
  };
};

describe('market rules', () => {
  it('keep what the exchange lists no more, apart from what can be traded, until it is listed again', async () => {
    const { rules, clock, shown, list } = rulesOf([bitcoin, solana]);
    const before = await shown();
    list([bitcoin]);
    clock.advance(DAY);
    const gone = await shown();
    const kept = (await rules.everListed('kraken')).find(({ symbol }) => symbol === SOL);
    list([bitcoin, solana]);
    clock.advance(DAY);
    const back = await shown();

    const both = [solana.exchangeId, bitcoin.exchangeId];
    expect(before).toEqual({ listed: both, everListed: both });
    expect(gone).toEqual({ listed: [bitcoin.exchangeId], everListed: both });
    expect(kept).toEqual({ ...solana, status: 'delisted' });
    expect(back).toEqual(before);
  });

  it('give way where another pair has the symbol now', async () => {
    const { clock, shown, list } = rulesOf([bitcoin, solana]);
    await shown();
    list([bitcoin, { ...solana, exchangeId: 'SOL2USD', altname: 'SOL2USD' }]);
    clock.advance(DAY);

    const { listed, everListed } = await shown();

    expect(everListed).toEqual(listed);
    expect(listed).toContain('SOL2USD');
  });

  it('are read again for a trade that they may not know, and not for one before they were read', async () => {
    const { rules, clock, shown, asked } = rulesOf([bitcoin]);
    await shown();
    clock.advance(10 * MINUTE);

    const forNew = await rules.refresh('kraken', START + 5 * MINUTE);
    const again = await rules.refresh('kraken', START + 5 * MINUTE);
    const always = await rules.refresh('kraken');

    expect([forNew, again, always]).toEqual([true, false, true]);
    expect(asked()).toBe(3);
  });
});
