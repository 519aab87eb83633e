import { plain } from './plain.ts';
import { type Cell, type Column, type Tone, textOf, toneOf } from './shown.ts';
import { padEnd, padStart, widthOf, wrap } from './width.ts';

/** Colours a text that is shown already as wide as it is to be. */
export type Paint = (text: string, tone: Tone | undefined) => string;

const GAP = '  ';
/** A last column that would be narrower than this is no text that one can read. */
const LEAST_LAST = 24;
const LEAST_VALUE = 16;

interface Ready {
  readonly text: string;
  readonly tone: Tone | undefined;
}

/**
 * Lines of a table no wider than `width`: columns as wide as their widest cell, a last column of text broken between
 * words, or under its row where it would be narrow. Where not even that fits, each row is a list of its cells.
 */
export const tableLines = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
): readonly string[] => {
  const ready = rows.map((row) => columns.map((_, at) => readyCell(row[at] ?? '')));
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...ready.map((row) => widthOf(row[at]?.text ?? ''))),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, column) => sum + column + GAP.length, 0);
  const lastWidth = widths[last] ?? 0;
  if (before + lastWidth <= width) return aligned(columns, ready, widths, paint);
  const room = width - before;
  if (columns[last]?.right !== true && room >= LEAST_LAST)
    return aligned(columns, ready, [...widths.slice(0, last), room], paint);
  if (columns[last]?.right !== true && before - GAP.length <= width)
    return withTextBelow(columns, ready, widths, width, paint);
  return listed(columns, ready, width, paint);
};

const readyCell = (cell: Cell): Ready => ({ text: plain(textOf(cell)), tone: toneOf(cell) });

const aligned = (
  columns: readonly Column[],
  rows: readonly (readonly Ready[])[],
  widths: readonly number[],
  paint: Paint,
): readonly string[] => {
  const last = columns.length - 1;
  const placed = (text: string, at: number): string => {
    const width = widths[at] ?? 0;
    if (columns[at]?.right === true) return padStart(text, width);
    return at === last ? text : padEnd(text, width);
  };
  const head = columns.map(({ title }, at) => paint(placed(title, at), 'faint')).join(GAP);
  const body = rows.flatMap((row) => {
    const texts = row.map(({ text }, at) => (at === last ? wrap(text, widths[at] ?? 0) : [text]));
    const height = Math.max(...texts.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map(({ tone }, at) => paint(placed(texts[at]?.[line] ?? '', at), tone))
        .join(GAP)
        .trimEnd(),
    );
  });
  return [head.trimEnd(), ...body];
};

/** The last column's text has lines of its own, a little to the right. */
const withTextBelow = (
  columns: readonly Column[],
  rows: readonly (readonly Ready[])[],
  widths: readonly number[],
  width: number,
  paint: Paint,
): readonly string[] => {
  const last = columns.length - 1;
  const [head = '', ...lines] = aligned(
    columns.slice(0, last),
    rows.map((row) => row.slice(0, last)),
    widths,
    paint,
  );
  return [
    head,
    ...lines.flatMap((line, at) => {
      const { text = '', tone } = rows[at]?.[last] ?? {};
      const below = text === '' ? [] : wrap(text, width - GAP.length);
      return [line, ...below.map((part) => GAP + paint(part, tone))];
    }),
  ];
};

/** For a narrow screen: one cell a line under its title, rows apart. */
const listed = (
  columns: readonly Column[],
  rows: readonly (readonly Ready[])[],
  width: number,
  paint: Paint,
): readonly string[] => {
  const titles = columns.map(({ title }) => title);
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : ['']),
    ...factLines(
      row.map((cell, column) => [titles[column] ?? '', cell] as const).filter(([, { text }]) => text !== ''),
      width,
      paint,
    ),
  ]);
};

const factLines = (
  facts: readonly (readonly [name: string, value: Ready])[],
  width: number,
  paint: Paint,
): readonly string[] => {
  const names = Math.max(...facts.map(([name]) => widthOf(name)), 0);
  const room = Math.max(LEAST_VALUE, width - names - GAP.length);
  return facts.flatMap(([name, { text, tone }]) =>
    wrap(text, room).map((line, at) =>
      `${paint(padEnd(at === 0 ? name : '', names), 'faint')}${GAP}${paint(line, tone)}`.trimEnd(),
    ),
  );
};

/** Names and values, all values aligned. */
export const linesOfFacts = (
  facts: readonly (readonly [name: string, value: Cell])[],
  width: number,
  paint: Paint,
): readonly string[] =>
  factLines(
    facts.map(([name, value]) => [plain(name), readyCell(value)] as const),
    width,
    paint,
  );
