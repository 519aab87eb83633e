import { MoneyError, price, quantity } from '../../money/money.ts';
import { type Instant, MINUTE } from '../../time/clock.ts';
import { type Candle, ExchangeError, type MarketData, type Ticker } from '../exchange.ts';
import type { MarketSymbol } from '../market.ts';
import { type Caller, failure, resultOf } from './answer.ts';
import type { KrakenClient } from './client.ts';
import { marketsFrom } from './markets.ts';
import { pairSpellings, shortPairOf } from './pairs.ts';
import { zAssetPairs, zAssets, zCandles, zTickers } from './schemas.ts';

const CANDLE = 5 * MINUTE;

const guarded = <T>(caller: Caller, endpoint: string, what: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    throw failure(caller, endpoint, 'MALFORMED_ANSWER', `${what}: ${error.message}`);
  }
};

/** Undefined where one side of the book is empty or nothing was ever traded: Kraken says zero then. */
const tickerFrom = (
  symbol: MarketSymbol,
  raw: {
    readonly a: readonly [string, ...unknown[]];
    readonly b: readonly [string, ...unknown[]];
    readonly c: readonly [string, ...unknown[]];
  },
): Ticker | undefined => {
  const figures = [raw.b[0], raw.a[0], raw.c[0]].map((figure) => quantity(figure));
  if (figures.some((figure) => figure.isZero())) return undefined;
  return { symbol, bid: price(raw.b[0]), ask: price(raw.a[0]), last: price(raw.c[0]) };
};

export const krakenMarketData = (client: KrakenClient): MarketData => {
  const { caller } = client;

  const askTickers = async (symbols: readonly MarketSymbol[]): Promise<ReadonlyMap<MarketSymbol, Ticker>> => {
    const answer = await client.ask('Ticker', { pair: symbols.map(shortPairOf).join(',') });
    const raw = resultOf(caller, 'Ticker', answer, zTickers);
    const tickers = new Map<MarketSymbol, Ticker>();
    for (const symbol of symbols) {
      const key = pairSpellings(symbol).find((spelling) => raw[spelling] !== undefined);
      const figures = key === undefined ? undefined : raw[key];
      if (figures === undefined) continue;
      const ticker = guarded(caller, 'Ticker', symbol, () => tickerFrom(symbol, figures));
      if (ticker !== undefined) tickers.set(symbol, ticker);
    }
    return tickers;
  };

  /** Kraken refuses the whole call for one unknown pair: halves find out which one it is. */
  const tickers = async (symbols: readonly MarketSymbol[]): Promise<ReadonlyMap<MarketSymbol, Ticker>> => {
    if (symbols.length === 0) return new Map();
    try {
      return await askTickers(symbols);
    } catch (error) {
      if (!(error instanceof ExchangeError) || error.code !== 'UNKNOWN_PAIR') throw error;
      if (symbols.length === 1) return new Map();
      const half = Math.ceil(symbols.length / 2);
      const first = await tickers(symbols.slice(0, half));
      return new Map([...first, ...(await tickers(symbols.slice(half)))]);
    }
  };

  const candles = async (symbol: MarketSymbol, since?: Instant): Promise<readonly Candle[]> => {
    const params = {
      pair: shortPairOf(symbol),
      interval: String(CANDLE / MINUTE),
      // Exclusive at the exchange.
      ...(since === undefined ? {} : { since: String(Math.max(0, Math.ceil(since / 1000) - 1)) }),
    };
    const raw = resultOf(caller, 'OHLC', await client.ask('OHLC', params), zCandles);
    const rows = pairSpellings(symbol)
      .map((spelling) => raw[spelling])
      .find((value) => Array.isArray(value));
    if (rows === undefined) throw failure(caller, 'OHLC', 'MALFORMED_ANSWER', `no candles for ${symbol}`);
    return rows
      .map(([seconds, open, high, low, close, , volume]) =>
        guarded(caller, 'OHLC', `${symbol} at ${seconds}`, () => ({
          at: seconds * 1000,
          open: price(open),
          high: price(high),
          low: price(low),
          close: price(close),
          volume: quantity(volume),
        })),
      )
      .filter((candle) => since === undefined || candle.at >= since)
      .toSorted((a, b) => a.at - b.at);
  };

  return {
    exchange: 'kraken',
    markets: async () => {
      const assets = resultOf(caller, 'Assets', await client.ask('Assets', {}), zAssets);
      const pairs = resultOf(caller, 'AssetPairs', await client.ask('AssetPairs', {}), zAssetPairs);
      return marketsFrom(caller, pairs, assets);
    },
    tickers,
    candles,
  };
};
