import { join } from 'node:path';
import { type Assumptions, DEFAULT_ASSUMPTIONS, USER_COUNTS } from './assumptions.ts';
import { billOf } from './bill.ts';
import type { Calls } from './calls.ts';
import type { PriceList } from './prices.ts';
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
export const withTable = (document: string, table: string): string => {
  const [before, rest, ...more] = document.split(BEGIN);
  const after = rest?.split(END);
  if (before === undefined || after?.length !== 2 || more.length > 0)
    throw new DocumentError(`the table goes between the lines '${BEGIN}' and '${END}', each once: add them`);
  return `${before}${BEGIN}\n\n\`\`\`text\n${table}\n\`\`\`\n\n${END}${after[1] ?? ''}`;
};
