import { describe, expect, it } from 'vitest';
import { type Exchange, ExchangeError } from '../../shared/exchange/exchange.ts';
import { type Market, marketSymbol } from '../../shared/exchange/market.ts';
import { cachedMarketRules } from '../../shared/exchange/market-rules.ts';
import type { MarketStore } from '../../shared/ledger/ledger.ts';
import type { Log } from '../../shared/telemetry/telemetry.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';
import { aMarket, START } from '../ledger/examples.ts';
import { ManualClock } from '../local/kraken/exchange.ts';

const SOL = marketSymbol('SOL/USD');
const bitcoin = aMarket();
const solana = aMarket({ symbol: SOL, base: 'SOL', baseId: 'SOL', exchangeId: 'SOLUSD', altname: 'SOLUSD' });

/** Rules of an exchange that lists what it is told to, or nothing: it cannot be asked then. */
const rulesOf = (first: readonly Market[] | undefined) => {
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
    if (listed === undefined) throw new ExchangeError('kraken', 'UNAVAILABLE', 'down');
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
  /** A new process: it remembers nothing, and has the same ledger. */
  const another = () => cachedMarketRules({ store, exchange: () => exchange, clock, log });
  const rules = another();
  const shown = async () => ({
    listed: (await rules.of('kraken')).map(({ exchangeId }) => exchangeId).sort(),
    everListed: (await rules.everListed('kraken')).map(({ exchangeId }) => exchangeId).sort(),
  });
  return {
    clock,
    rules,
    another,
    shown,
    asked: () => asked,
    list: (markets: readonly Market[] | undefined) => {
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

  it('give way where the exchange calls the pair otherwise now: one pair has one symbol', async () => {
    const { clock, shown, rules, list } = rulesOf([bitcoin, solana]);
    await shown();
    list([bitcoin, { ...solana, symbol: marketSymbol('LUNA/USD'), base: 'LUNA' }]);
    clock.advance(DAY);

    const symbols = (await rules.everListed('kraken')).map(({ symbol }) => symbol);

    expect(symbols).toEqual([bitcoin.symbol, 'LUNA/USD']);
  });

  it('are read from the exchange once a day, for all who ask at once and all other processes', async () => {
    const { rules, another, clock, asked } = rulesOf([bitcoin]);

    await Promise.all([rules.of('kraken'), rules.everListed('kraken'), rules.of('kraken')]);
    clock.advance(DAY - 1);
    const known = await another().of('kraken');
    const forAll = asked();
    clock.advance(1);
    await another().of('kraken');

    expect(known).toEqual([bitcoin]);
    expect([forAll, asked()]).toEqual([1, 2]);
  });

  it('are read again where they are a day ahead: the clock was set back', async () => {
    const { rules, another, clock, asked } = rulesOf([bitcoin]);
    await rules.of('kraken');

    clock.advance(1 - DAY);
    await another().of('kraken');
    const almost = asked();
    clock.advance(-1);
    await another().of('kraken');

    expect([almost, asked()]).toEqual([1, 2]);
  });

  it('are the same objects for an hour, and then what another process read meanwhile', async () => {
    const { rules, another, clock, list } = rulesOf([bitcoin]);
    const first = await rules.of('kraken');
    const ever = await rules.everListed('kraken');
    list([bitcoin, solana]);
    await another().refresh('kraken');

    clock.advance(HOUR - 1);
    const kept = [await rules.of('kraken'), await rules.everListed('kraken')];
    clock.advance(1);
    const then = await rules.of('kraken');

    expect(kept[0]).toBe(first);
    expect(kept[1]).toBe(ever);
    expect(then).toEqual([bitcoin, solana]);
  });

  it('serve on while the exchange cannot be asked: they must stop no sale', async () => {
    const { rules, clock, list, asked } = rulesOf([bitcoin]);
    await rules.of('kraken');
    list(undefined);
    clock.advance(DAY);

    const old = await rules.of('kraken');
    list([bitcoin, solana]);
    clock.advance(HOUR);
    const anew = await rules.of('kraken');

    expect(old).toEqual([bitcoin]);
    expect(anew).toEqual([bitcoin, solana]);
    expect(asked()).toBe(3);
  });

  it('fail where there are none to be had, and are asked for again by whoever comes next', async () => {
    const { rules, list } = rulesOf(undefined);

    const none = rules.of('kraken');

    await expect(none).rejects.toThrow('down');
    list([bitcoin]);
    expect(await rules.of('kraken')).toEqual([bitcoin]);
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

  it('count as older than a trade up to a minute before: the clock of the exchange may be ahead', async () => {
    const { rules, another, asked } = rulesOf([bitcoin]);
    await rules.of('kraken');

    const before = await another().refresh('kraken', START - MINUTE);
    const within = await another().refresh('kraken', START - MINUTE + 1);

    expect([before, within]).toEqual([false, true]);
    expect(asked()).toBe(2);
  });

  it('are read for a trade where nobody has read any', async () => {
    const { rules, shown } = rulesOf([bitcoin]);

    const isRead = await rules.refresh('kraken', START);

    expect(isRead).toBe(true);
    expect((await shown()).listed).toEqual([bitcoin.exchangeId]);
  });

  it('read for a trade serve at once, with what the exchange lists no more', async () => {
    const { rules, shown, list } = rulesOf([bitcoin, solana]);
    await shown();
    list([bitcoin]);

    await rules.refresh('kraken');

    expect(await shown()).toEqual({
      listed: [bitcoin.exchangeId],
      everListed: [solana.exchangeId, bitcoin.exchangeId],
    });
  });

  it('that another process read after a trade serve at once', async () => {
    const { rules, another, clock, shown, list } = rulesOf([bitcoin]);
    await shown();
    list([bitcoin, solana]);
    clock.advance(10 * MINUTE);
    await another().refresh('kraken');

    const isRead = await rules.refresh('kraken', START + MINUTE);

    expect(isRead).toBe(false);
    expect((await shown()).listed).toContain(solana.exchangeId);
  });
});
