import { invalid } from './errors.ts';
import type { TableDefinition } from './table-definition.ts';
import type { StoredItem, Value } from './value.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

const MOST_PARTITION_KEY_BYTES = 2_048;
const MOST_SORT_KEY_BYTES = 1_024;
const MOST_BYTES_OF_A_UNIT = 3;

const longerThan = (text: string, bytes: number): boolean =>
  text.length * MOST_BYTES_OF_A_UNIT > bytes && Buffer.byteLength(text) > bytes;

const keyText = (value: Value | undefined, name: string, mostBytes: number): string => {
  if (typeof value !== 'string')
    throw invalid(`One or more parameter values were invalid: Type mismatch for key ${name} expected: S`);
  if (value === '')
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  if (longerThan(value, mostBytes))
    throw invalid(
      `One or more parameter values were invalid: the key ${name} has exceeded the maximum size limit of ${mostBytes} bytes`,
    );
  return value;
};

/** The key of an item that is to be stored. @throws ValidationException */
export const keyOfItem = (item: StoredItem, { partitionKey, sortKey }: TableDefinition): ItemKey => {
  for (const name of [partitionKey, sortKey]) {
    if (item[name] === undefined)
      throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
  }
  return {
    pk: keyText(item[partitionKey], partitionKey, MOST_PARTITION_KEY_BYTES),
    sk: keyText(item[sortKey], sortKey, MOST_SORT_KEY_BYTES),
  };
};

/** A key that a request names. @throws ValidationException where it has other attributes than the table's key */
export const keyOfRequest = (key: unknown, definition: TableDefinition): ItemKey => {
  const { partitionKey, sortKey } = definition;
  if (!hasExactly(key, [partitionKey, sortKey]))
    throw invalid('The provided key element does not match the schema');
  return keyOfItem(
    { [partitionKey]: key[partitionKey] ?? null, [sortKey]: key[sortKey] ?? null },
    definition,
  );
};

const hasExactly = (key: unknown, names: readonly string[]): key is Readonly<Record<string, string>> => {
  if (typeof key !== 'object' || key === null) return false;
  const given = Object.entries(key).filter(([, value]) => value !== undefined);
  return (
    given.length === names.length &&
    given.every(([name, value]) => names.includes(name) && typeof value === 'string')
  );
};

/** The texts of a key with exactly these attributes; undefined where it is another. */
export const exactKey = (
  key: unknown,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined => (hasExactly(key, names) ? key : undefined);

/**
 * What is wrong with the attributes of an item by which indexes find it; undefined where all may be stored.
 * An index key that is absent keeps the item out of the index.
 */
export const wrongIndexKey = (item: StoredItem, { indexes }: TableDefinition): string | undefined => {
  for (const { name, partitionKey, sortKey } of indexes) {
    for (const key of [partitionKey, sortKey]) {
      const value = item[key];
      if (value === undefined) continue;
      if (typeof value !== 'string')
        return `One or more parameter values were invalid: Type mismatch for Index Key ${key} Expected: S IndexName: ${name}`;
      if (value === '')
        return `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${name}, IndexKey: ${key}`;
      if (longerThan(value, key === partitionKey ? MOST_PARTITION_KEY_BYTES : MOST_SORT_KEY_BYTES))
        return `One or more parameter values were invalid: Size of the index key ${key} has exceeded the maximum size limit. IndexName: ${name}`;
    }
  }
  return undefined;
};
