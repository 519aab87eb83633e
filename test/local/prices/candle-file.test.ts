import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { candleFile, symbolOfFile } from '../../../infra/local/prices/candle-file.ts';
import { CANDLE_MS } from '../../../infra/local/prices/price-source.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const AT = 1546300800000;
const row = (steps: number, cells = '100,101.5,99,101,2.25'): string => `${AT + steps * CANDLE_MS},${cells}`;

const written = async (name: string, content: string | Buffer): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nija-candles-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

const csv = (...rows: readonly string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

describe('candle files', () => {
  it('reads plain and packed files alike, by their exact texts', async () => {
    const content = csv(row(0), row(1, '101,102,100.5,102,3'));
    const plain = await candleFile(await written('BTCUSD.csv', content));
    const packed = await candleFile(await written('BTCUSD-5m-2019.csv.gz', gzipSync(content)));

    expect(packed.candle(AT)).toEqual(plain.candle(AT));
    expect(plain).toMatchObject({ symbol: 'BTC/USD', from: AT, until: AT + 2 * CANDLE_MS, rows: 2 });
    expect(plain.candle(AT)).toEqual({
      at: AT,
      open: '100',
      high: '101.5',
      low: '99',
      close: '101',
      volume: '2.25',
    });
  });

  it('stands still without volume where nothing was traded and after the end, and has nothing before the start', async () => {
    const file = await candleFile(await written('ETHUSD.csv', csv(row(0), row(3))));

    const flat = { open: '101', high: '101', low: '101', close: '101', volume: '0' };
    expect(file.candle(AT + CANDLE_MS)).toEqual({ at: AT + CANDLE_MS, ...flat });
    expect(file.candle(AT + 50 * CANDLE_MS)).toEqual({ at: AT + 50 * CANDLE_MS, ...flat });
    expect(file.candle(AT - CANDLE_MS)).toBeUndefined();
  });

  it('takes the market from the name of the file', () => {
    expect(symbolOfFile('/data/XRPUSD-5m-2019.csv.gz')).toBe('XRP/USD');
    expect(symbolOfFile('SOLUSDT.csv')).toBe('SOL/USDT');
    expect(() => symbolOfFile('prices.csv')).toThrow(
      'prices.csv: the name does not say which market it holds; name it like BTCUSD-5m-2019.csv.gz',
    );
  });

  it.each([
    ['high below low', csv(row(0), row(1, '3,3,4,3,1')), 'BTCUSD.csv line 3: high 3 is below low 4'],
    ['open outside', csv(row(0, '5,4,3,4,1')), 'line 2: open 5 is not between low 3 and high 4'],
    ['close outside', csv(row(0, '4,4,3,2,1')), 'line 2: close 2 is not between low 3 and high 4'],
    ['a price of zero', csv(row(0, '0,0,0,0,1')), "line 2: low must be positive (given '0')"],
    [
      'a text for a price',
      csv(row(0, 'x,4,3,3,1')),
      "line 2: open must be a decimal number that is not negative (given 'x')",
    ],
    [
      'a negative volume',
      csv(row(0, '3,4,3,3,-1')),
      "line 2: volume must be a decimal number that is not negative (given '-1')",
    ],
    ['a missing column', csv(row(0, '3,4,3,3')), 'line 2: expected 6 columns'],
    ['an empty line', csv(row(0), '', row(1)), 'line 3: expected 6 columns'],
    ['a doubled time', csv(row(0), row(0)), `line 3: timestamp ${AT} is there twice`],
    ['unsorted times', csv(row(1), row(0)), `line 3: timestamp ${AT} comes after ${AT + CANDLE_MS}; sort`],
    ['other than 5-minute candles', csv(`${AT + 60_000},3,4,3,3,1`), 'is not a full five minutes'],
    ['seconds for a time', csv('1546300800,3,4,3,3,1'), 'line 2: timestamp must be milliseconds since 1970'],
    [
      'another table',
      'a,b\n1,2\n',
      "line 1: not a candle file: expected the header timestamp,open,high,low,close,volume (given 'a,b')",
    ],
    ['only a header', `${HEADER}\n`, 'has a header but no candles'],
    ['nothing', '', 'BTCUSD.csv is empty'],
  ])('refuses %s, saying where and what', async (_, content, message) => {
    const path = await written('BTCUSD.csv', content);

    await expect(candleFile(path)).rejects.toThrow(message);
  });

  it('refuses a truncated gzip and a file that is not there', async () => {
    const whole = gzipSync(csv(...Array.from({ length: 500 }, (_, steps) => row(steps))));
    const path = await written('BTCUSD.csv.gz', whole.subarray(0, whole.length - 20));

    await expect(candleFile(path)).rejects.toThrow('BTCUSD.csv.gz is a damaged gzip file');
    await expect(candleFile(`${path}.nowhere/BTCUSD.csv`)).rejects.toThrow('give the path of a candle file');
  });
});

const REAL = join(import.meta.dirname, '../../../../shared/data/candles');

describe.skipIf(!existsSync(REAL))('real candle files (skipped where ../shared/data is absent)', () => {
  it.each([
    ['BTCUSD-5m-2019.csv.gz', 'BTC/USD', 104_849],
    ['ETHUSD-5m-2019.csv.gz', 'ETH/USD', 104_491],
    ['LTCUSD-5m-2019.csv.gz', 'LTC/USD', 101_266],
    ['XRPUSD-5m-2019.csv.gz', 'XRP/USD', 104_394],
  ])('reads %s whole', async (name, symbol, rows) => {
    const file = await candleFile(join(REAL, name));

    expect(file).toMatchObject({ symbol, rows, from: AT });
    expect(file.candle(file.until - CANDLE_MS)?.at).toBe(file.until - CANDLE_MS);
  });
});
