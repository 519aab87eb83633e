import { join } from 'node:path';

export const COST_DOCUMENT = join(import.meta.dirname, '../../docs/costs.md');

const BEGIN = '<!-- npm run cost -- --write: begin -->';
const END = '<!-- npm run cost -- --write: end -->';

/** The document lacks the place for the table. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** The document with its table replaced. @throws DocumentError */
export const withTable = (document: string, table: string): string => {
  const [before, rest, ...more] = document.split(BEGIN);
  const after = rest?.split(END);
  if (before === undefined || after?.length !== 2 || more.length > 0)
    throw new DocumentError(`the table goes between the lines '${BEGIN}' and '${END}', each once: add them`);
  return `${before}${BEGIN}\n\n\`\`\`text\n${table}\n\`\`\`\n\n${END}${after[1] ?? ''}`;
};
