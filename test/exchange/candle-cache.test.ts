import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withCandleCache } from '../../shared/exchange/candle-cache.ts';
import { type Candle, ExchangeError, type MarketData } from '../../shared/exchange/exchange.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { price, quantity, text } from '../../shared/money/money.ts';
import { type Instant, MINUTE } from '../../shared/time/clock.ts';

const BTC = marketSymbol('BTC/USD');
const ETH = marketSymbol('ETH/USD');
const CANDLE = 5 * MINUTE;
/** As many as the exchange keeps. */
const KEPT = 720;
const START = 10 * KEPT * CANDLE;

const candleAt = (at: Instant, close: number): Candle => {
  const figure = price(String(close));
  return { at, open: figure, high: figure, low: figure, close: figure, volume: quantity('1') };
};

/** An exchange whose candles close at the number of their five minutes; one that is open is at another price. */
const exchange = () => {
  let now = START;
  const asked: (readonly [string, Instant | undefined])[] = [];
  const closed = new Map<Instant, Candle>();
  const closedAt = (at: Instant): Candle => {
    const candle = closed.get(at) ?? candleAt(at, at / CANDLE);
    closed.set(at, candle);
    return candle;
  };
  const data: MarketData = {
    exchange: 'kraken',
    markets: async () => [],
    tickers: async () => new Map(),
    candles: async (symbol, since) => {
      asked.push([symbol, since]);
      const open = Math.floor(now / CANDLE) * CANDLE;
      const all = Array.from({ length: KEPT - 1 }, (_, index) =>
        closedAt(open - (KEPT - 1 - index) * CANDLE),
      );
      const last = candleAt(open, 1 + now - open);
      return [...all, last].filter(({ at }) => since === undefined || at >= since);
    },
  };
  return {
    data,
    asked,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
};

const shown = (candles: readonly Candle[]): readonly string[] =>
  candles.map(({ at, close }) => `${at / CANDLE}: ${text(close)}`);

/** Market data whose candles are answered as told, one answer after the other. */
const answering = (...answers: readonly (() => readonly Candle[])[]): MarketData => {
  const left = [...answers];
  return { ...exchange().data, candles: async () => left.shift()?.() ?? [] };
};

describe('the candle cache', () => {
  test('gives what the exchange would give, however much time has passed', async () => {
    const passing = fc.oneof(
      fc.integer({ min: 0, max: 3 * CANDLE }),
      fc.integer({ min: 0, max: 2 * KEPT * CANDLE }),
    );
    const since = fc.option(fc.integer({ min: -CANDLE, max: KEPT * CANDLE }), { nil: undefined });
    const reads = fc.array(fc.tuple(passing, since), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(reads, async (all) => {
        const { data, pass, now } = exchange();
        const cached = withCandleCache(data);
        for (const [ms, back] of all) {
          pass(ms);
          const from = back === undefined ? undefined : now() - back;

          const candles = await cached.candles(BTC, from);

          expect(shown(candles)).toEqual(shown(await data.candles(BTC, from)));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives the candle that opens at the moment from which it is asked', async () => {
    const { data } = exchange();
    const cached = withCandleCache(data);

    const candles = await cached.candles(BTC, START - CANDLE);

    expect(candles.map(({ at }) => at)).toEqual([START - CANDLE, START]);
  });

  test('asks for what came since alone, and again for the last one, which was open', async () => {
    const { data, asked, pass } = exchange();
    const cached = withCandleCache(data);
    await cached.candles(BTC);
    pass(2 * CANDLE);

    await cached.candles(BTC);
    await cached.candles(BTC);

    expect(asked).toEqual([
      [BTC, undefined],
      [BTC, START],
      [BTC, START + 2 * CANDLE],
    ]);
  });

  test('keeps the markets apart', async () => {
    const { data, asked } = exchange();
    const cached = withCandleCache(data);
    await cached.candles(BTC);

    await cached.candles(ETH);

    expect(asked).toEqual([
      [BTC, undefined],
      [ETH, undefined],
    ]);
  });

  test('gives what it has where the exchange has nothing new', async () => {
    const known = [candleAt(START - CANDLE, 1), candleAt(START, 2)];
    const cached = withCandleCache(answering(() => known));
    await cached.candles(BTC);

    const candles = await cached.candles(BTC);

    expect(shown(candles)).toEqual(shown(known));
  });

  test('passes a failure on, and has what it had before with the next call', async () => {
    const known = [candleAt(START - CANDLE, 1), candleAt(START, 2)];
    const newer = [candleAt(START, 3), candleAt(START + CANDLE, 4)];
    const down = (): never => {
      throw new ExchangeError('kraken', 'UNAVAILABLE', 'down');
    };
    const cached = withCandleCache(
      answering(
        () => known,
        down,
        () => newer,
      ),
    );
    await cached.candles(BTC);

    const failing = cached.candles(BTC);

    await expect(failing).rejects.toThrow('down');
    expect(shown(await cached.candles(BTC))).toEqual(shown([...known.slice(0, 1), ...newer]));
  });

  test('leaves all other market data as it is', () => {
    const { data } = exchange();

    const { candles, ...rest } = withCandleCache(data);

    const { candles: uncached, ...others } = data;
    expect(rest).toEqual(others);
    expect(candles).not.toBe(uncached);
  });
});
