import * as z from 'zod';
import {
  LEDGER_GLOBAL_INDEXES,
  LEDGER_KEYS,
  LEDGER_LOCAL_INDEXES,
} from '../../shared/ledger/dynamodb/table.ts';

/** A value as DynamoDB's API carries it. */
export type WireValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly WireValue[] }
  | { readonly M: Readonly<Record<string, WireValue>> };
export type WireItem = Readonly<Record<string, WireValue>>;

export const zWireValue: z.ZodType<WireValue> = z.lazy(() =>
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string() }),
    z.strictObject({ B: z.string() }),
    z.strictObject({ BOOL: z.boolean() }),
    z.strictObject({ NULL: z.literal(true) }),
    z.strictObject({ L: z.array(zWireValue) }),
    z.strictObject({ M: z.record(z.string(), zWireValue) }),
  ]),
);
export const zWireItem = z.record(z.string(), zWireValue);

const WRITE_UNIT = 1_024;
const READ_UNIT = 4_096;
/** Of each item, and of each of its entries in an index; stored, but neither read nor written. */
const STORAGE_OVERHEAD = 100;
const CONTAINER_OVERHEAD = 3;
const ELEMENT_OVERHEAD = 1;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/** One byte for two significant digits, one more, and one for a minus sign. */
const numberBytes = (text: string): number => {
  const digits = text.replace(/e.*$/i, '').replaceAll(/[^\d]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
};

const valueBytes = (value: WireValue): number => {
  if ('S' in value) return bytesOf(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64').length;
  if ('L' in value)
    return value.L.reduce((sum, one) => sum + ELEMENT_OVERHEAD + valueBytes(one), CONTAINER_OVERHEAD);
  if ('M' in value)
    return Object.entries(value.M).reduce(
      (sum, [name, one]) => sum + ELEMENT_OVERHEAD + bytesOf(name) + valueBytes(one),
      CONTAINER_OVERHEAD,
    );
  return 1;
};

/** Size of an item as DynamoDB counts it: names and values. */
export const itemBytes = (item: WireItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + bytesOf(name) + valueBytes(value), 0);

/** Request units of a read of `bytes` in one: 4 kB each, at least one; half where eventually consistent. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT)) * (consistent ? 1 : 0.5);

/** Request units of a write: 1 kB each of the larger of what was and what is, at least one. */
export const writeUnits = (bytesBefore: number, bytesAfter: number): number =>
  Math.max(1, Math.ceil(Math.max(bytesBefore, bytesAfter) / WRITE_UNIT));

interface Index {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly whole: boolean;
}
const INDEXES: readonly Index[] = [
  ...LEDGER_GLOBAL_INDEXES.map((index) => ({ ...index, whole: false })),
  ...LEDGER_LOCAL_INDEXES.map((index) => ({
    ...index,
    partitionKey: LEDGER_KEYS.partitionKey,
    whole: true,
  })),
];

/** What an index holds of an item; nothing where the item lacks the index's keys. */
const entryOf = (item: WireItem | undefined, index: Index): WireItem | undefined => {
  if (item?.[index.partitionKey] === undefined || item[index.sortKey] === undefined) return undefined;
  if (index.whole) return item;
  const kept = new Set<string>([
    LEDGER_KEYS.partitionKey,
    LEDGER_KEYS.sortKey,
    index.partitionKey,
    index.sortKey,
  ]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** An entry that moves is deleted and written; one that does not change costs nothing. */
const indexWriteUnits = (before: WireItem | undefined, after: WireItem | undefined): number =>
  INDEXES.reduce((sum, index) => {
    const [old, now] = [entryOf(before, index), entryOf(after, index)];
    if (old === undefined && now === undefined) return sum;
    if (old === undefined || now === undefined) return sum + writeUnits(0, itemBytes(old ?? now ?? {}));
    const keysOf = (entry: WireItem) => [entry[index.partitionKey], entry[index.sortKey]];
    if (!same(keysOf(old), keysOf(now)))
      return sum + writeUnits(itemBytes(old), 0) + writeUnits(0, itemBytes(now));
    return same(sorted(old), sorted(now)) ? sum : sum + writeUnits(itemBytes(old), itemBytes(now));
  }, 0);

const sorted = (item: WireItem) => Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * Request units of one write and of the index entries it moves, given the item before and after. A refused
 * write leaves the item as it was, and is paid for. In a transaction all of it counts twice, which for index
 * entries is the upper bound.
 */
export const unitsOfWrite = (
  before: WireItem | undefined,
  after: WireItem | undefined,
  transactional: boolean,
): number => {
  const table = writeUnits(sizeOf(before), sizeOf(after));
  return (table + indexWriteUnits(before, after)) * (transactional ? 2 : 1);
};

const sizeOf = (item: WireItem | undefined): number => (item === undefined ? 0 : itemBytes(item));

/** What an item occupies as storage is billed, with its index entries. */
export const storedBytes = (item: WireItem | undefined): number =>
  item === undefined
    ? 0
    : [item, ...INDEXES.map((index) => entryOf(item, index))].reduce(
        (sum, entry) => (entry === undefined ? sum : sum + itemBytes(entry) + STORAGE_OVERHEAD),
        0,
      );
