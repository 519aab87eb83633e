import { styleText } from 'node:util';
import { plain } from './plain.ts';
import type { Block, Tone } from './shown.ts';
import { linesOfFacts, type Paint, tableLines } from './table.ts';
import { wrap } from './width.ts';

/** What is known of the place where it is shown. */
export interface Place {
  /** Columns; infinite where nobody looks at a screen. */
  readonly width: number;
  readonly coloured: boolean;
}

const STYLES = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  faint: 'dim',
  strong: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Whether to colour was decided by who asks: the stream behind it is not looked at again. */
const coloured: Paint = (text, tone) =>
  tone === undefined || text.trim() === '' ? text : styleText(STYLES[tone], text, { validateStream: false });
const uncoloured: Paint = (text) => text;

/** The blocks as text, ending with a line break; no text of theirs can do anything to a terminal. */
export const render = (blocks: readonly Block[], place: Place): string => {
  const paint = place.coloured ? coloured : uncoloured;
  const lines = blocks.flatMap((block, at) => [
    ...(at > 0 && standsApart(block, blocks[at - 1]) ? [''] : []),
    ...linesOf(block, place.width, paint),
  ]);
  return lines.map((line) => `${line}\n`).join('');
};

/** Sentences follow each other; everything else has a line of air before it. */
const standsApart = (block: Block, before: Block | undefined): boolean =>
  block.kind !== 'text' || before?.kind !== 'text';

const linesOf = (block: Block, width: number, paint: Paint): readonly string[] => {
  switch (block.kind) {
    case 'text':
      return wrap(plain(block.text), width).map((line) => paint(line, block.tone));
    case 'heading':
      return [paint(plain(block.text), 'strong')];
    case 'facts':
      return linesOfFacts(block.facts, width, paint);
    case 'table':
      return block.rows.length === 0
        ? [paint(plain(block.none), 'faint')]
        : tableLines(block.columns, block.rows, width, paint);
  }
};
