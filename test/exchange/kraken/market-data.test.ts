import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import { text } from '../../../shared/money/money.ts';
import { type Answer, clockAt, gives, type Request, rawKraken, says } from './raw-kraken.ts';

const dataFolder = fileURLToPath(new URL('../../../../shared/data/kraken/', import.meta.url));
const hasData = existsSync(dataFolder);
const recorded = (name: string): Answer => ({ body: readFileSync(`${dataFolder}${name}.json`, 'utf8') });

const BTC_USD = marketSymbol('BTC/USD');
const DOGE_USD = marketSymbol('DOGE/USD');
const GONE_USD = marketSymbol('GONE/USD');

const dataFrom = async (answerTo: (request: Request, count: number) => Answer) => {
  const { url, requests } = await rawKraken(answerTo);
  return { data: krakenExchange({ url, clock: clockAt(0) }).marketData, requests };
};

const ticker = (bid: string, ask: string, last: string) => ({
  a: [ask, '1', '1.000'],
  b: [bid, '1', '1.000'],
  c: [last, '0.1'],
  t: [1, 2],
});

describe('tickers', () => {
  test('of several symbols come from one call, however Kraken spells the pairs', async () => {
    const { data, requests } = await dataFrom(() =>
      gives({
        XXBTZUSD: ticker('99.5', '100.5', '100.0'),
        XDGUSD: ticker('0.0000001', '0.0000002', '0.0000001'),
      }),
    );

    const tickers = await data.tickers([BTC_USD, DOGE_USD]);

    expect([...tickers.values()].map((t) => [t.symbol, text(t.bid), text(t.ask), text(t.last)])).toEqual([
      ['BTC/USD', '99.5', '100.5', '100'],
      ['DOGE/USD', '0.0000001', '0.0000002', '0.0000001'],
    ]);
    expect(requests.map((request) => [request.path, request.form])).toEqual([
      ['/0/public/Ticker', { pair: 'XBTUSD,XDGUSD' }],
    ]);
  });

  test('leave out one unknown symbol and keep the others', async () => {
    const { data } = await dataFrom((request) => {
      const pairs = (request.form['pair'] ?? '').split(',');
      if (pairs.includes('GONEUSD')) return says('EQuery:Unknown asset pair');
      return gives(Object.fromEntries(pairs.map((pair) => [pair, ticker('1', '2', '1.5')])));
    });

    const tickers = await data.tickers([BTC_USD, GONE_USD, DOGE_USD]);

    expect([...tickers.keys()]).toEqual([BTC_USD, DOGE_USD]);
  });

  test('leave out a symbol without a price, which Kraken shows as zero', async () => {
    const { data } = await dataFrom(() => gives({ XXBTZUSD: ticker('0.00000', '0.00000', '100.0') }));

    const tickers = await data.tickers([BTC_USD]);

    expect(tickers.size).toBe(0);
  });

  test.each<readonly [string, Answer]>([
    ['a figure that is none', gives({ XXBTZUSD: ticker('1', 'n/a', '1') })],
    ['a figure that is a JSON number', gives({ XXBTZUSD: { a: [1], b: ['1'], c: ['1'] } })],
    ['a negative figure', gives({ XXBTZUSD: ticker('-1', '1', '1') })],
    [
      'a volume where the price should be',
      gives({ XXBTZUSD: { ...ticker('99', '100', '99'), a: ['1', '1.000'] } }),
    ],
    ['a page', { body: '<html>' }],
  ])('with %s are an error', async (_what, answer) => {
    const { data } = await dataFrom(() => answer);

    const reading = data.tickers([BTC_USD]);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('of no symbols need no call', async () => {
    const { data, requests } = await dataFrom(() => gives({}));

    const tickers = await data.tickers([]);

    expect(tickers.size).toBe(0);
    expect(requests).toEqual([]);
  });
});

describe('candles', () => {
  const row = (seconds: number, close: string) => [seconds, '10.0', '12.0', '9.0', close, '10.5', '3.25', 7];

  test('are five minutes long, oldest first, and none from before the moment asked for', async () => {
    const { data, requests } = await dataFrom(() =>
      gives({ XXBTZUSD: [row(900, '3.0'), row(600, '2.0'), row(300, '1.0')], last: 600 }),
    );

    const candles = await data.candles(BTC_USD, 600_000);

    expect(candles.map((c) => [c.at, text(c.close), text(c.volume)])).toEqual([
      [600_000, '2', '3.25'],
      [900_000, '3', '3.25'],
    ]);
    expect(requests[0]?.form).toEqual({ pair: 'XBTUSD', interval: '5', since: '599' });
  });

  test('with an impossible figure are an error', async () => {
    const { data } = await dataFrom(() => gives({ XXBTZUSD: [row(300, '0.0')], last: 300 }));

    const reading = data.candles(BTC_USD);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('markets', () => {
  const pair = {
    altname: 'XBTUSD',
    aclass_base: 'currency',
    base: 'XXBT',
    quote: 'ZUSD',
    pair_decimals: 1,
    lot_decimals: 8,
    ordermin: '0.00005',
    costmin: '0.5',
    tick_size: '0.1',
    status: 'online',
  };
  const marketsFrom = async (pairs: Readonly<Record<string, unknown>>) => {
    const { data } = await dataFrom((request) =>
      request.endpoint === 'Assets'
        ? gives({ XXBT: { altname: 'XBT' }, ZUSD: { altname: 'USD' } })
        : gives(pairs),
    );
    return data.markets();
  };

  test('are given with every rule of Kraken', async () => {
    const [market] = await marketsFrom({ XXBTZUSD: pair });

    expect(JSON.parse(JSON.stringify(market))).toEqual({
      exchange: 'kraken',
      symbol: 'BTC/USD',
      base: 'BTC',
      quote: 'USD',
      exchangeId: 'XXBTZUSD',
      altname: 'XBTUSD',
      baseId: 'XXBT',
      quoteId: 'ZUSD',
      quantityStep: '0.00000001',
      priceTick: '0.1',
      minimumQuantity: '0.00005',
      minimumCost: '0.5',
      status: 'online',
    });
  });

  test('take no orders in a status that is new to us', async () => {
    const [market] = await marketsFrom({ XXBTZUSD: { ...pair, status: 'brand_new' } });

    expect(market?.status).toBe('maintenance');
  });

  test('leave out dark pools, tokenized securities and names that no symbol can hold', async () => {
    const markets = await marketsFrom({
      'XXBTZUSD.d': { ...pair, altname: 'XBTUSD.d' },
      AAPLUSD: { ...pair, altname: 'AAPLUSD', base: 'AAPL', aclass_base: 'tokenized_asset' },
      oddUSD: { ...pair, altname: 'oddUSD', base: 'odd' },
      XXBTZUSD: pair,
    });

    expect(markets.map((market) => market.exchangeId)).toEqual(['XXBTZUSD']);
  });
});

describe.skipIf(!hasData)('recorded answers of Kraken (skipped where ../shared/data is absent)', () => {
  test('give all spot markets', async () => {
    const { data } = await dataFrom((request) =>
      recorded(request.endpoint === 'Assets' ? 'assets' : 'asset-pairs'),
    );

    const markets = await data.markets();

    expect(markets).toHaveLength(75);
    expect(markets.find((market) => market.symbol === 'DOGE/BTC')?.exchangeId).toBe('XXDGXXBT');
    expect(markets.filter((market) => market.exchangeId.endsWith('.d'))).toEqual([]);
  });

  test('give candles', async () => {
    const { data } = await dataFrom(() => recorded('ohlc'));

    const candles = await data.candles(BTC_USD);

    expect(candles.length).toBeGreaterThan(700);
    expect(candles.every((candle, n) => n === 0 || candle.at > (candles[n - 1]?.at ?? 0))).toBe(true);
  });

  test('give tickers', async () => {
    const { data } = await dataFrom(() => recorded('ticker'));

    const tickers = await data.tickers([marketSymbol('BTC/EUR')]);

    expect([...tickers.values()].map((t) => text(t.bid))).toEqual(['560.466']);
  });
});
