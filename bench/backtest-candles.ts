import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Candle } from '../shared/exchange/exchange.ts';
import { type Market, type MarketSymbol, marketSymbol } from '../shared/exchange/market.ts';
import { MoneyError, price, quantity, quote } from '../shared/money/money.ts';

const HEADER = 'timestamp,open,high,low,close,volume';

/** Candle files that cannot be used; the message names the file, and the line where it is one. */
export class CandleFileError extends Error {
  override readonly name = 'CandleFileError';
}

const parseLine = (line: string): Candle => {
  const fields = line.split(',');
  const [at, open, high, low, close, volume] = fields;
  if (
    fields.length !== 6 ||
    at === undefined ||
    open === undefined ||
    high === undefined ||
    low === undefined ||
    close === undefined ||
    volume === undefined
  ) {
    throw new MoneyError(`six fields are needed, ${HEADER} (given ${fields.length})`);
  }
  if (!/^\d{12,14}$/.test(at)) {
    throw new MoneyError(`the timestamp must be in milliseconds (given '${at.slice(0, 40)}')`);
  }
  return {
    at: Number(at),
    open: price(open),
    high: price(high),
    low: price(low),
    close: price(close),
    volume: quantity(volume),
  };
};

/**
 * The candles of a CSV file, plain or gzipped: a header, then lines in rising order of time.
 * @throws CandleFileError naming the line
 */
export const readCandleFile = (
  file: string,
  within: { readonly from?: number; readonly to?: number } = {},
): readonly Candle[] => {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim() !== HEADER) {
    throw new CandleFileError(
      `${file}, line 1: the header must be ${HEADER} (given '${lines[0]?.slice(0, 60) ?? ''}')`,
    );
  }
  const candles: Candle[] = [];
  let before = -1;
  lines.forEach((line, index) => {
    if (index === 0 || line === '') return;
    const at = Number(line.slice(0, line.indexOf(',')));
    if (at < (within.from ?? 0) || at >= (within.to ?? Number.POSITIVE_INFINITY)) return;
    try {
      const candle = parseLine(line);
      if (candle.at <= before) throw new MoneyError(`the timestamp must rise (given ${candle.at})`);
      before = candle.at;
      candles.push(candle);
    } catch (error) {
      if (!(error instanceof MoneyError)) throw error;
      throw new CandleFileError(`${file}, line ${index + 1}: ${error.message}`);
    }
  });
  return candles;
};

/** `…/BTCUSD-5m-2019.csv.gz` → `BTC/USD`. @throws CandleFileError where the name does not say */
export const symbolOfFile = (file: string): MarketSymbol => {
  const [, base, quoteAsset] = /([A-Z0-9]{2,8})(USDT|USDC|USD)-5m[^/]*$/.exec(file) ?? [];
  if (base === undefined || quoteAsset === undefined) {
    throw new CandleFileError(`a candle file is named like BTCUSD-5m-2019.csv.gz (given '${file}')`);
  }
  return marketSymbol(`${base}/${quoteAsset}`);
};

/**
 * The candles of each pair, by the names of the files.
 * @throws CandleFileError where two are of one pair, too
 */
export const readCandleFiles = (
  files: readonly string[],
  within: Parameters<typeof readCandleFile>[1],
): ReadonlyMap<MarketSymbol, readonly Candle[]> => {
  const bySymbol = new Map<MarketSymbol, string>();
  for (const file of files) {
    const symbol = symbolOfFile(file);
    const other = bySymbol.get(symbol);
    if (other !== undefined)
      throw new CandleFileError(
        `'${other}' and '${file}' are both of ${symbol}: put the candles of a pair into one file, in rising order of time`,
      );
    bySymbol.set(symbol, file);
  }
  return new Map([...bySymbol].map(([symbol, file]) => [symbol, readCandleFile(file, within)]));
};

/** Rules that hardly bind: a backtest over candles knows no exchange's own. */
export const looseMarket = (symbol: MarketSymbol): Market => {
  const [base = '', quoteAsset = ''] = symbol.split('/');
  return {
    exchange: 'kraken',
    symbol,
    base,
    quote: quoteAsset,
    exchangeId: `${base}${quoteAsset}`,
    altname: `${base}${quoteAsset}`,
    baseId: base,
    quoteId: quoteAsset,
    quantityStep: quantity('0.00000001'),
    priceTick: price('0.00000001'),
    minimumQuantity: quantity('0.00000001'),
    minimumCost: quote('0.5'),
    status: 'online',
  };
};
