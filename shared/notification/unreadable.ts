import type * as z from 'zod';
import { oneLine } from './one-line.ts';

/** There may be something to tell that cannot be read. Names fields, and holds nothing of what is in them. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const LONGEST_PLACE = 120;
const MOST_FIELDS = 6;

/** @param what names the record: an item's place, or that of a message */
export const unreadable = (what: string, { issues }: z.ZodError): Unreadable => {
  const wrong = issues
    .slice(0, MOST_FIELDS)
    .map(({ path, message }) => `${path.join('.') || 'all'}: ${message}`);
  return new Unreadable(`${oneLine(what, LONGEST_PLACE)} is not what it should be: ${wrong.join('; ')}`);
};
