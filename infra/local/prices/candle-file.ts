import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Decimal } from 'decimal.js';
import { type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import { CANDLE_MS, type CandleText, candleOpening, flatCandle, type PriceSource } from './price-source.ts';

/** A candle file that cannot be used: which file, which line, what is wrong with it and what to do. */
export class CandleFileError extends Error {
  override readonly name = 'CandleFileError';
}

/** Prices from a file, with its extent. */
export interface CandleFile extends PriceSource {
  readonly until: Instant;
  /** Candles in the file; minutes without a trade are not among them. */
  readonly rows: number;
}

const HEADER = 'timestamp,open,high,low,close,volume';
const ROW = /^(\d{12,14}),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/;
/** No market has longer ones, and money is counted with some more. */
const LONGEST_FIGURE = 40;
const COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;
const QUOTES = ['USDT', 'USDC', 'USD'] as const;

/** `BTCUSD-5m-2019.csv.gz` → `BTC/USD`. @throws CandleFileError */
export const symbolOfFile = (path: string): MarketSymbol => {
  const file = basename(path);
  const [name = ''] = file.split(/[-_.]/);
  const quote = QUOTES.find((code) => name.endsWith(code) && name.length > code.length);
  if (quote === undefined || !/^[A-Z0-9]{5,20}$/.test(name)) {
    throw new CandleFileError(
      `${file}: the name does not say which market it holds; name it like BTCUSD-5m-2019.csv.gz or ETHUSD.csv`,
    );
  }
  return marketSymbol(`${name.slice(0, -quote.length)}/${quote}`);
};

const textOf = (file: string, bytes: Buffer): string => {
  if (bytes.length === 0)
    throw new CandleFileError(`${file} is empty; give a CSV file that starts with ${HEADER}`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CandleFileError(`${file} is a damaged gzip file (${why}); fetch or pack it again`);
  }
};

/** Texts compare by value: by floats where those differ (they never swap an order), exactly where they do not. */
const above = (one: string, other: string): boolean => {
  const [left, right] = [Number(one), Number(other)];
  if (left !== right) return left > right;
  return one !== other && new Decimal(one).gt(other);
};

const whatIsWrong = (line: string): string => {
  const cells = line.split(',');
  if (cells.length !== COLUMNS.length) {
    return `expected ${COLUMNS.length} columns (${HEADER}), found ${cells.length}`;
  }
  const index = cells.findIndex((cell, column) =>
    column === 0 ? !/^\d{12,14}$/.test(cell) : !/^\d+(\.\d+)?$/.test(cell),
  );
  const kind = index === 0 ? 'milliseconds since 1970' : 'a decimal number that is not negative';
  return `${COLUMNS[index] ?? 'a column'} must be ${kind} (given '${shown(cells[index] ?? line)}')`;
};

/** Of whatever a file holds, what a terminal takes. */
const shown = (text: string): string => text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');

const implausible = (row: RegExpExecArray): string | undefined => {
  const [, , open = '', high = '', low = '', close = '', volume = ''] = row;
  const long = [open, high, low, close, volume].find((figure) => figure.length > LONGEST_FIGURE);
  if (long !== undefined) return `a figure has at most ${LONGEST_FIGURE} digits (given '${shown(long)}…')`;
  if (Number(low) <= 0) return `low must be positive (given '${low}')`;
  if (above(low, high)) return `high ${high} is below low ${low}`;
  if (above(open, high) || above(low, open)) return `open ${open} is not between low ${low} and high ${high}`;
  if (above(close, high) || above(low, close))
    return `close ${close} is not between low ${low} and high ${high}`;
  return undefined;
};

const parse = (
  file: string,
  text: string,
): { readonly times: Float64Array; readonly lines: readonly string[] } => {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines[0]?.replace(/^\uFEFF/, '').trim() !== HEADER) {
    throw new CandleFileError(
      `${file} line 1: not a candle file: expected the header ${HEADER} (given '${shown(lines[0] ?? '')}')`,
    );
  }
  if (lines.length < 2)
    throw new CandleFileError(`${file} has a header but no candles; give a file with at least one`);
  const times = new Float64Array(lines.length - 1);
  let previous = 0;
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const fail = (what: string): CandleFileError => new CandleFileError(`${file} line ${index + 1}: ${what}`);
    const match = ROW.exec(line);
    if (match === null) throw fail(whatIsWrong(line));
    const [, stamp = ''] = match;
    const at = Number(stamp);
    if (candleOpening(at) !== at)
      throw fail(`timestamp ${stamp} is not a full five minutes; give 5-minute candles`);
    if (at === previous) throw fail(`timestamp ${stamp} is there twice`);
    if (at < previous) throw fail(`timestamp ${stamp} comes after ${previous}; sort the file by time`);
    const wrong = implausible(match);
    if (wrong !== undefined) throw fail(wrong);
    previous = at;
    times[index - 1] = at;
  }
  return { times, lines };
};

/** The last index whose time is not after `at`; -1 where there is none. */
const lastNotAfter = (times: Float64Array, at: Instant): number => {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/**
 * Real candles: CSV, plain or gzip. Five minutes without a trade are absent in the file and flat, without
 * volume, here; after the end the last close stands still. Every row is checked at once, but read only when asked for.
 * @throws CandleFileError
 */
export const candleFile = async (path: string): Promise<CandleFile> => {
  const file = basename(path);
  const symbol = symbolOfFile(path);
  const bytes = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new CandleFileError(`${path}: ${why}; give the path of a candle file`);
  });
  const { times, lines } = parse(file, textOf(file, bytes));
  const from = times[0] ?? 0;
  const rowAt = (index: number): CandleText | undefined => {
    const cells = lines[index + 1]?.split(',');
    if (cells === undefined) return undefined;
    const [stamp = '', open = '', high = '', low = '', close = '', volume = ''] = cells;
    return { at: Number(stamp), open, high, low, close, volume };
  };
  return {
    symbol,
    from,
    until: (times.at(-1) ?? from) + CANDLE_MS,
    rows: times.length,
    candle: (at) => {
      const index = lastNotAfter(times, at);
      const row = index < 0 ? undefined : rowAt(index);
      return row === undefined || row.at === at ? row : flatCandle(at, row.close);
    },
  };
};
