import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { render } from '../../../cli/screen/render.ts';
import type { Block } from '../../../cli/screen/shown.ts';
import { widthOf } from '../../../cli/screen/width.ts';

const COLUMNS = [{ title: 'ACCOUNT' }, { title: 'EQUITY', right: true }, { title: 'NOTE' }] as const;
const tableOf = (rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  columns: COLUMNS,
  rows,
  none: 'There are none.',
});
const shown = (block: Block, width: number, coloured = false): readonly string[] =>
  render([block], { width, coloured }).trimEnd().split('\n');

const ROWS = [
  ['u-ann', '9958.92', 'the key of u-ann was revoked by its owner'],
  ['u-benjamin', '12.00', 'follows m-apex'],
] as const;

test('columns are aligned, numbers to the right, with nothing behind the last', () => {
  expect(shown(tableOf(ROWS), 200)).toEqual([
    'ACCOUNT      EQUITY  NOTE',
    'u-ann       9958.92  the key of u-ann was revoked by its owner',
    'u-benjamin    12.00  follows m-apex',
  ]);
});

test('a long last column is broken between words', () => {
  expect(shown(tableOf(ROWS), 45)).toEqual([
    'ACCOUNT      EQUITY  NOTE',
    'u-ann       9958.92  the key of u-ann was',
    '                     revoked by its owner',
    'u-benjamin    12.00  follows m-apex',
  ]);
});

test('where it would be narrow, the text of the last column stands under its row', () => {
  expect(shown(tableOf(ROWS), 32)).toEqual([
    'ACCOUNT      EQUITY',
    'u-ann       9958.92',
    '  the key of u-ann was revoked',
    '  by its owner',
    'u-benjamin    12.00',
    '  follows m-apex',
  ]);
});

test('on a narrow screen each row is a list, and nothing is left out', () => {
  const wider = ROWS.map(([account, equity, note]) => [`${account}-and-others-of-it`, equity, note]);

  expect(shown(tableOf(wider), 30)).toEqual([
    'ACCOUNT  u-ann-and-others-of-i',
    '         t',
    'EQUITY   9958.92',
    'NOTE     the key of u-ann was',
    '         revoked by its owner',
    '',
    'ACCOUNT  u-benjamin-and-others',
    '         -of-it',
    'EQUITY   12.00',
    'NOTE     follows m-apex',
  ]);
});

test('a table without rows says what there is none of', () => {
  expect(shown(tableOf([]), 80)).toEqual(['There are none.']);
});

test('colours change nothing but colours, and go round the text alone', () => {
  const block: Block = {
    kind: 'table',
    columns: COLUMNS,
    rows: [[{ text: 'u-ann', tone: 'bad' }, { text: '1.00', tone: 'good' }, 'note']],
    none: '',
  };

  const coloured = shown(block, 80, true).join('\n');

  expect(coloured).toContain('\u001b[31m');
  expect(stripVTControlCharacters(coloured)).toBe(shown(block, 80).join('\n'));
});

test('a name from outside cannot break a row, colour it or shift its columns', () => {
  const lines = shown(
    tableOf([
      ['u-\u001b[31mann\nu-fake', '1.00', '漢字 and a note'],
      ['u-ben', '20.00', ''],
    ]),
    80,
  );

  expect(lines).toEqual([
    'ACCOUNT           EQUITY  NOTE',
    'u-[31mann u-fake    1.00  漢字 and a note',
    'u-ben              20.00',
  ]);
});

test('whatever is in it, no line is wider than the screen', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 30, max: 120 }), (cells, width) => {
      for (const line of shown(tableOf(cells), width)) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }),
  );
});
