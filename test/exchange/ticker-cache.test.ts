import { describe, expect, test } from 'vitest';
import { ExchangeError, type MarketData, type Ticker } from '../../shared/exchange/exchange.ts';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { cacheTickers } from '../../shared/exchange/ticker-cache.ts';
import { price, text } from '../../shared/money/money.ts';
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
});
