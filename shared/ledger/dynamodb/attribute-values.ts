import { LedgerError } from '../ledger.ts';

/** DynamoDB's own notation, as streams and failed conditions carry it: `{ pk: { S: 'u-ann' } }`. */
export type Image = Readonly<Record<string, unknown>>;

/**
 * The plain item of an image. @throws LedgerError for a value of a type that the ledger never stores
 */
export const plainItem = (image: Image): Record<string, unknown> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plain(value, name)]));

const plain = (value: unknown, path: string): unknown => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [entry] = entries.filter(([, content]) => content !== undefined);
  const [type, content] = entry ?? [];
  switch (type) {
    case 'S':
    case 'BOOL':
      return content;
    case 'N':
      return Number(content);
    case 'NULL':
      return null;
    case 'L':
      if (Array.isArray(content)) return content.map((item, index) => plain(item, `${path}.${index}`));
      break;
    case 'M':
      if (typeof content === 'object' && content !== null) {
        return Object.fromEntries(
          Object.entries(content).map(([name, item]) => [name, plain(item, `${path}.${name}`)]),
        );
      }
      break;
  }
  throw new LedgerError(
    `the attribute '${path}' of a table image is of no type that the ledger stores (given type '${String(type)}')`,
  );
};
