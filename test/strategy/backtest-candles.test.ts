import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CandleFileError,
  readCandleFile,
  readCandleFiles,
  symbolOfFile,
} from '../../bench/backtest-candles.ts';

const folder = mkdtempSync(join(tmpdir(), 'nija-candles-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = 'timestamp,open,high,low,close,volume';
const FIRST = '1546300800000,3832.6,3834.7,3830.4,3831.6,12.88954995';
const SECOND = '1546301100000,3831.6,3831.6,3822.4,3823.9,19.3';

const written = (content: string | Uint8Array, name = 'BTCUSD-5m-test.csv'): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('a candle file', () => {
  it('is read plain or gzipped', () => {
    const content = `${HEADER}\n${FIRST}\r\n${SECOND}\n`;

    const plain = readCandleFile(written(content));
    const zipped = readCandleFile(written(gzipSync(content)));

    expect(plain).toHaveLength(2);
    expect(plain[0]?.close.toFixed()).toBe('3831.6');
    expect(zipped).toEqual(plain);
  });

  it('is read within a span of time', () => {
    const file = written(`${HEADER}\n${FIRST}\n${SECOND}\n`);

    expect(readCandleFile(file, { from: 1546301100000 })).toHaveLength(1);
    expect(readCandleFile(file, { to: 1546301100000 })).toHaveLength(1);
  });

  it.each([
    ['another header', `time,price\n${FIRST}`, /line 1: the header must be/],
    [
      'a missing field',
      `${HEADER}\n${FIRST}\n1546301100000,1,2`,
      /line 3: six fields are needed.*\(given 3\)/,
    ],
    [
      'a price that is no number',
      `${HEADER}\n${FIRST.replace('3834.7', 'high')}`,
      /line 2: .*\(given 'high'\)/,
    ],
    [
      'a timestamp that is none',
      `${HEADER}\n${FIRST.replace('1546300800000', '2019')}`,
      /line 2: the timestamp/,
    ],
    ['time running backwards', `${HEADER}\n${SECOND}\n${FIRST}`, /line 3: the timestamp must rise/],
    ['a blank in a timestamp', `${HEADER}\n,1,1,1,1,1`, /line 2: the timestamp/],
  ])('with %s is refused with the line', (_, content, message) => {
    expect(() => readCandleFile(written(content))).toThrow(message);
  });

  it('names its market', () => {
    expect(symbolOfFile('/data/BTCUSD-5m-2019.csv.gz')).toBe('BTC/USD');
    expect(symbolOfFile('SOLUSDT-5m.csv')).toBe('SOL/USDT');
    expect(() => symbolOfFile('candles.csv')).toThrow(
      /named like BTCUSD-5m-2019.csv.gz \(given 'candles.csv'\)/,
    );
  });
});

describe('several candle files', () => {
  const content = `${HEADER}\n${FIRST}\n${SECOND}\n`;

  it('are read by their pairs, within the same span', () => {
    const files = [written(content, 'BTCUSD-5m-a.csv'), written(content, 'ETHUSD-5m-a.csv')];

    const candles = readCandleFiles(files, { from: 1546301100000 });

    expect([...candles].map(([symbol, { length }]) => [symbol, length])).toEqual([
      ['BTC/USD', 1],
      ['ETH/USD', 1],
    ]);
  });

  it('are refused where two are of one pair: one would stand for both', () => {
    const files = ['2018/BTCUSD-5m-2018.csv', '2019/BTCUSD-5m-2019.csv'];

    const reading = () => readCandleFiles(files, {});

    expect(reading).toThrow(CandleFileError);
    expect(reading).toThrow(/'2018\/BTCUSD-5m-2018.csv' and '2019\/BTCUSD-5m-2019.csv' are both of BTC\/USD/);
  });
});
