import { wrap } from './wrap.ts';

/** However narrow the screen, the last column has so many characters. */
const LEAST_LAST = 12;

/**
 * Columns as wide as their widest cell; those in `right` aligned to the right. A last column of text is broken
 * between words where the table would be wider than `width`.
 */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
  width: number = Number.POSITIVE_INFINITY,
): string => {
  if (rows.length === 0) return '(none)';
  const last = head.length - 1;
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const before = widths.slice(0, last).reduce((sum, column) => sum + column + 2, 0);
  const room = Math.max(LEAST_LAST, width - before);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const broken = (cells: readonly string[]): string => {
    if (right.includes(last) || (cells[last] ?? '').length <= room) return line(cells);
    const [first = '', ...more] = wrap(cells[last] ?? '', room);
    return [line([...cells.slice(0, last), first]), ...more.map((part) => ' '.repeat(before) + part)].join(
      '\n',
    );
  };
  return [line(head), ...rows.map(broken)].join('\n');
};
