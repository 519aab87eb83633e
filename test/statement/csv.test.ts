import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minus, quote, text } from '../../shared/money/money.ts';
import { statementCsv } from '../../shared/statement/csv.ts';
import { sumOf } from '../../shared/statement/parts.ts';
import type { Statement } from '../../shared/statement/statement.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { statementsOf } from './facts.ts';
import { historyOf } from './history.ts';

const [bought] = statementsOf(
  historyOf({ USD: '10000' }, [
    { what: 'buy', coin: 'BTC', share: 500, baseFee: false },
    { what: 'wait', ms: 5 * MINUTE },
  ]),
);
const statement = (changes: Partial<Statement> = {}): Statement => {
  if (bought === undefined) throw new Error('there are two snapshots in the month');
  return { ...bought, ...changes };
};

/** By RFC 4180. */
const parsed = (csv: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let rest = csv;
  while (rest !== '') {
    const cell = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (cell === null) throw new Error(`not RFC 4180: ${rest.slice(0, 40)}`);
    row.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '');
    if (cell[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
    rest = rest.slice(cell[0].length);
  }
  return rows;
};
const notesIn = (csv: string) =>
  parsed(csv)
    .filter(([section, kind]) => section === 'notes' && kind !== 'columns')
    .map(([, , note]) => note);

describe('a statement as CSV', () => {
  it('has as many fields in each line, and each section the line that names its columns', () => {
    const rows = parsed(statementCsv(statement()));

    expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
    const named = rows.filter(([, kind]) => kind === 'columns').map(([section]) => section);
    expect(new Set(rows.map(([section]) => section))).toEqual(new Set(named));
    expect(rows.find(([section, kind]) => section === 'trades' && kind === '1')).toContain('BTC/USD');
  });

  it('keeps every decimal: its parts add up to the change in equity', () => {
    const one = statement();

    const parts = parsed(statementCsv(one)).filter(
      ([section, kind]) => section === 'parts' && kind !== 'columns',
    );

    const amounts = parts.slice(0, -1).map(([, , , amount = '']) => quote(amount));
    expect(text(sumOf(amounts))).toBe(parts.at(-1)?.[3]);
    expect(parts.at(-1)?.[3]).toBe(text(minus(one.equity.closing, one.equity.opening)));
  });

  it('gives any text back as it was, but for what a spreadsheet would run', () => {
    const texts = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(texts, (notes) => {
        const told = notesIn(statementCsv(statement({ notes })));

        expect(told.map((note) => note?.replace(/^'/, ''))).toEqual(
          notes.map((note) => note.replace(/^'/, '')),
        );
        for (const note of told) expect(note).not.toMatch(/^\s*[=+\-@]/);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    '=1+1',
    '+1',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\r\n=1',
    '＝1',
    '\u{200b}=1',
    '-5',
  ])('writes %j as a text', (note) => {
    expect(notesIn(statementCsv(statement({ notes: [note] })))).toEqual([`'${note}`]);
  });

  it('leaves figures below zero figures', () => {
    const rows = parsed(statementCsv(statement()));

    expect(rows.find(([section, , name]) => section === 'parts' && name === 'fees')?.[3]).toBe('-19.8');
  });
});
