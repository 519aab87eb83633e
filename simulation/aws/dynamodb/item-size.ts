import { isList, type StoredItem, type Value } from './value.ts';

/** In bytes, as DynamoDB counts: names and values, 3 for a list or map, 1 for each of its members. */
export const MOST_ITEM_BYTES = 400 * 1024;

const MOST_BYTES_OF_A_UNIT = 3;

/** At least the size of the item, for a fraction of the cost. */
export const sizeBound = (item: StoredItem): number => {
  let bound = 0;
  for (const name in item) bound += MOST_BYTES_OF_A_UNIT * name.length + boundOf(item[name] ?? null);
  return bound;
};

const boundOf = (value: Value): number => {
  if (typeof value === 'string') return MOST_BYTES_OF_A_UNIT * value.length;
  if (typeof value !== 'object' || value === null) return MOST_NUMBER_BYTES;
  if (isList(value)) return value.reduce<number>((sum, member) => sum + 1 + boundOf(member), 3);
  return sizeBound(value) + Object.keys(value).length + 3;
};

const MOST_NUMBER_BYTES = 21;

export const itemSize = (item: StoredItem): number => {
  let size = 0;
  for (const [name, value] of Object.entries(item)) size += Buffer.byteLength(name) + sizeOf(value);
  return size;
};

const sizeOf = (value: Value): number => {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'number':
      return numberSize(value);
    case 'boolean':
      return 1;
    case 'object':
      if (value === null) return 1;
      if (isList(value)) return value.reduce<number>((sum, member) => sum + 1 + sizeOf(member), 3);
      return itemSize(value) + Object.keys(value).length + 3;
  }
};

/** Two digits a byte without zeroes at either end, one byte more, and one for a sign. */
const numberSize = (value: number): number => {
  const [digits = ''] = Math.abs(value).toString().split('e');
  const significant = digits.replace('.', '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(significant / 2) + 1 + (value < 0 ? 1 : 0);
};

export const exceedsItemSize = (item: StoredItem): boolean =>
  sizeBound(item) > MOST_ITEM_BYTES && itemSize(item) > MOST_ITEM_BYTES;

/** Adds items up, exactly only where the cheap upper bound would not do. */
export const byteCount = (most: number) => {
  let bound = 0;
  let exact: number | undefined;
  const counted: StoredItem[] = [];
  return {
    /** Whether all so far and this one together have more than `most` bytes. */
    exceedsWith: (item: StoredItem): boolean => {
      bound += sizeBound(item);
      counted.push(item);
      if (bound <= most) return false;
      exact =
        exact === undefined ? counted.reduce((sum, one) => sum + itemSize(one), 0) : exact + itemSize(item);
      return exact > most;
    },
  };
};
