import { join } from 'node:path';
import { type Assumptions, DEFAULT_ASSUMPTIONS, USER_COUNTS } from './assumptions.ts';
import { billOf } from './bill.ts';
import type { Calls } from './calls.ts';
import type { PriceList } from './prices.ts';
import { PROSE_NAMES, type ProseName } from './prose.ts';
import { schedulesLine } from './schedules.ts';
import { costTable, largestLines } from './table.ts';

export const COST_DOCUMENT = join(import.meta.dirname, '../../docs/costs.md');

const BEGIN = '<!-- npm run cost -- --write: begin -->';
const END = '<!-- npm run cost -- --write: end -->';

/** The document lacks the place for the table. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** What docs/costs.md shows, of these assumptions and counts of users. */
export const documentedTable = (
  calls: Calls,
  prices: PriceList,
  assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
  counts: readonly number[] = USER_COUNTS,
): string => {
  const bills = counts.map((users) => billOf(users, assumptions, calls, prices));
  const parts = [costTable(bills, prices), largestLines(bills), schedulesLine(assumptions, calls, prices)];
  return parts.join('\n\n');
};

/** The document with its table replaced. @throws DocumentError */
export const withTable = (document: string, table: string): string =>
  replaced(document, BEGIN, END, `\n\n\`\`\`text\n${table}\n\`\`\`\n\n`);

const beginOf = (name: ProseName): string => `<!-- cost: ${name} -->`;
const END_OF_PROSE = '<!-- end -->';

/** The document with each sentence that has figures replaced. @throws DocumentError */
export const withProse = (document: string, prose: Readonly<Record<ProseName, string>>): string =>
  PROSE_NAMES.reduce((text, name) => replaced(text, beginOf(name), END_OF_PROSE, prose[name]), document);

/** What stands in the document beside that which is computed. @throws DocumentError */
export const writtenByHand = (document: string): string => {
  const none = Object.fromEntries(PROSE_NAMES.map((name) => [name, ''])) as Record<ProseName, string>;
  return withProse(withTable(document, ''), none);
};

/** The text between the first `end` after `begin`, of which there is one, and that. */
const replaced = (document: string, begin: string, end: string, text: string): string => {
  const [before, rest, ...more] = document.split(begin);
  const at = rest?.indexOf(end) ?? -1;
  if (before === undefined || rest === undefined || at < 0 || more.length > 0)
    throw new DocumentError(
      `what is computed goes between '${begin}', which is there once, and '${end}': add them to docs/costs.md`,
    );
  return `${before}${begin}${text}${rest.slice(at)}`;
};
