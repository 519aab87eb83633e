import { describe, expect, test } from 'vitest';
import { ExchangeError, type MarketData, type Ticker } from '../../shared/exchange/exchange.ts';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { cacheTickers } from '../../shared/exchange/ticker-cache.ts';
import { price, text } from '../../shared/money/money.ts';
import { aMarket } from '../ledger/examples.ts';
import { clockAt } from './kraken/raw-kraken.ts';

const BTC = marketSymbol('BTC/USD');
const ETH = marketSymbol('ETH/USD');
const SOL = marketSymbol('SOL/USD');

/** Counts what it is asked; each answer is a price higher than the one before. */
const source = (failing: readonly number[] = []) => {
  const asked: (readonly MarketSymbol[])[] = [];
  const data: MarketData = {
    exchange: 'kraken',
    markets: async () => [],
    candles: async () => [],
    tickers: async (symbols) => {
      asked.push(symbols);
      const at = price(String(asked.length));
      if (failing.includes(asked.length)) throw new ExchangeError('kraken', 'UNAVAILABLE', 'down');
      await Promise.resolve();
      return new Map(
        symbols
          .filter((symbol) => symbol !== SOL)
          .map((symbol): [MarketSymbol, Ticker] => [symbol, { symbol, bid: at, ask: at, last: at }]),
      );
    },
  };
  return { data, asked };
};

const lastOf = async (data: MarketData, symbol: MarketSymbol): Promise<string | undefined> => {
  const ticker = (await data.tickers([symbol])).get(symbol);
  return ticker === undefined ? undefined : text(ticker.last);
};

describe('the ticker cache', () => {
  test('makes one call for any number of askers at once', async () => {
    const { data, asked } = source();
    const cached = cacheTickers(data, clockAt(0));

    const answers = await Promise.all(Array.from({ length: 200 }, () => lastOf(cached, BTC)));

    expect(asked).toEqual([[BTC]]);
    expect(new Set(answers)).toEqual(new Set(['1']));
  });

  test('asks again once a second has passed', async () => {
    const { data, asked } = source();
    const clock = clockAt(5_000);
    const cached = cacheTickers(data, clock);
    const first = await lastOf(cached, BTC);

    clock.set(5_999);
    const second = await lastOf(cached, BTC);
    clock.set(6_000);
    const third = await lastOf(cached, BTC);

    expect([first, second, third]).toEqual(['1', '1', '2']);
    expect(asked).toHaveLength(2);
  });

  test('asks again when the clock was set back', async () => {
    const { data } = source();
    const clock = clockAt(5_000);
    const cached = cacheTickers(data, clock);
    await lastOf(cached, BTC);

    clock.set(1_000);
    const again = await lastOf(cached, BTC);

    expect(again).toBe('2');
  });

  test('asks only for what it does not have, in one call', async () => {
    const { data, asked } = source();
    const cached = cacheTickers(data, clockAt(0));
    await lastOf(cached, BTC);

    const tickers = await cached.tickers([BTC, ETH, SOL, ETH]);

    expect(asked).toEqual([[BTC], [ETH, SOL]]);
    expect([...tickers.keys()]).toEqual([BTC, ETH]);
  });

  test('remembers that a symbol has no price', async () => {
    const { data, asked } = source();
    const cached = cacheTickers(data, clockAt(0));

    const answers = [await lastOf(cached, SOL), await lastOf(cached, SOL)];

    expect(answers).toEqual([undefined, undefined]);
    expect(asked).toHaveLength(1);
  });

  test('does not remember a failure', async () => {
    const { data } = source([1]);
    const cached = cacheTickers(data, clockAt(0));
    const first = await Promise.allSettled([lastOf(cached, BTC), lastOf(cached, BTC)]);

    const second = await lastOf(cached, BTC);

    expect(first.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(second).toBe('2');
  });

  test('asks anew where it is told to, and has that for all who come after', async () => {
    const { data, asked } = source();
    const cached = cacheTickers(data, clockAt(0));
    await lastOf(cached, BTC);

    const anew = await cached.tickers([BTC], { anew: true });
    const after = await lastOf(cached, BTC);

    expect(text(anew.get(BTC)?.last ?? price('9'))).toBe('2');
    expect(after).toBe('2');
    expect(asked).toEqual([[BTC], [BTC]]);
  });

  test('keeps a newer answer where a call from before fails late', async () => {
    const { data, asked } = source();
    const hanging = Promise.withResolvers<never>();
    const slow: MarketData = {
      ...data,
      tickers: (symbols) => {
        const answer = data.tickers(symbols);
        return asked.length === 1 ? hanging.promise : answer;
      },
    };
    const clock = clockAt(0);
    const cached = cacheTickers(slow, clock);
    const late = lastOf(cached, BTC);
    clock.set(1_000);
    const newer = await lastOf(cached, BTC);

    hanging.reject(new ExchangeError('kraken', 'TIMEOUT', 'no answer'));

    await expect(late).rejects.toThrow('no answer');
    expect([newer, await lastOf(cached, BTC)]).toEqual(['2', '2']);
  });

  test('leaves markets and candles to the exchange', async () => {
    const { data } = source();
    const markets = [aMarket()];
    const asked: unknown[] = [];
    const candles: MarketData['candles'] = async (...what) => {
      asked.push(what);
      return [];
    };
    const cached = cacheTickers({ ...data, markets: async () => markets, candles }, clockAt(0));

    const given = [await cached.markets(), await cached.candles(BTC, 5), cached.exchange];

    expect(given).toEqual([markets, [], 'kraken']);
    expect(asked).toEqual([[BTC, 5]]);
  });
});
