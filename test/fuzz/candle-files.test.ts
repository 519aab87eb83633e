import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CandleFileError, candleFile } from '../../infra/local/prices/candle-file.ts';
import { price, quantity } from '../../shared/money/money.ts';
import { shownOf } from './canary.ts';
import { runs } from './runs.ts';

const FILE = 'BTCUSD-5m.csv';
const HEADER = 'timestamp,open,high,low,close,volume';
const START = Date.UTC(2019, 0, 1);
const CANDLE = 300_000;

const ROWS = [
  '3700.5,3710,3690.25,3705,12.5',
  '3705,3705,3705,3705,0',
  '3705,3800.123456789,3600,3650,1.00000001',
  '3650,3651,3649,3650.5,100',
].map((row, index) => `${START + index * CANDLE},${row}`);

const ODD_CELLS = [
  '',
  '-1',
  '0',
  '0.0',
  'NaN',
  'Infinity',
  '1e5',
  '0x10',
  '1.',
  '.5',
  ' 5',
  '"5"',
  '9'.repeat(400),
  `0.${'0'.repeat(400)}1`,
  '٣',
  '__proto__',
  String(START),
  '999999999999999',
  '9'.repeat(70),
];

/** One cell or line of a good file is something else. */
const damagedLines: fc.Arbitrary<string> = fc
  .tuple(
    fc.nat(ROWS.length),
    fc.nat(5),
    fc.oneof(
      fc.constantFrom(...ODD_CELLS).map((cell) => ({ cell })),
      fc.constantFrom('', ',', ',,,,,', '\r', ROWS[0] ?? '', HEADER, '\u0000').map((line) => ({ line })),
      fc.string({ unit: 'binary', maxLength: 20 }).map((cell) => ({ cell })),
      fc.string({ maxLength: 40 }).map((line) => ({ line })),
    ),
    fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
  )
  .map(([row, column, odd, end]) => {
    const lines = [HEADER, ...ROWS].map((line, index) => {
      if (index !== row) return line;
      if ('line' in odd) return odd.line;
      return line
        .split(',')
        .map((cell, place) => (place === column ? odd.cell : cell))
        .join(',');
    });
    return lines.join(end);
  });

const bytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: damagedLines.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: damagedLines.map((text) => gzipSync(text)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(150), fc.nat(255)).map(([at, value]) => {
      const packed = gzipSync([HEADER, ...ROWS].join('\n'));
      packed[at % packed.length] = value;
      return packed;
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 50 }).map((some) => Buffer.from([0x1f, 0x8b, ...some])),
  },
);

describe('a candle file that is odd', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-fuzz-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('is refused with its name, and its line where it is one, or gives candles that money can say', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const path = join(folder, FILE);
        await writeFile(path, content);

        const end = await candleFile(path).then(
          (file) => ({ file }),
          (error: unknown) => ({ error }),
        );

        if ('error' in end) {
          expect(end.error, shownOf(end.error)).toBeInstanceOf(CandleFileError);
          expect(end.error instanceof Error ? end.error.message : '').toMatch(
            /^BTCUSD-5m\.csv( line \d+:| is empty| is a damaged gzip| has a header).{0,300}$/,
          );
          return;
        }
        const { file } = end;
        expect(file.from).toBeLessThan(file.until);
        for (let at = file.from, seen = 0; at < file.until && seen < 20; at += CANDLE, seen += 1) {
          const candle = file.candle(at);
          expect(candle?.at).toBe(at);
          const [open, high, low, close] = [candle?.open, candle?.high, candle?.low, candle?.close].map(
            (text) => price(text ?? ''),
          );
          quantity(candle?.volume ?? '');
          for (const figure of [open, close])
            expect(
              figure !== undefined &&
                low !== undefined &&
                high !== undefined &&
                figure.gte(low) &&
                figure.lte(high),
            ).toBe(true);
        }
      }),
      runs(300),
    );
  });

  test('is refused by its own error whatever its name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.constantFrom(
            'USD.csv',
            'USDUSD.csv',
            '../BTCUSD.csv',
            'BTCUSD\u0000.csv',
            `${'B'.repeat(300)}USD.csv`,
          ),
        ),
        async (name) => {
          await expect(candleFile(join(folder, 'absent', name))).rejects.toBeInstanceOf(CandleFileError);
        },
      ),
      runs(300),
    );
  });
});
