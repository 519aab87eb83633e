import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { invalid } from './errors.ts';
import { byteCount } from './item-size.ts';
import { type KeyRange, keyRange } from './key-condition.ts';
import { exactKey } from './keys.ts';
import { comparePlaces, type Entry, type OrderedEntries, type Place } from './ordered-entries.ts';
import { projected } from './projection.ts';
import type { IndexDefinition, TableDefinition } from './table-definition.ts';
import type { TableStore } from './table-store.ts';
import { copyItemOut } from './value.ts';

const MOST_PAGE_BYTES = 1024 * 1024;

/**
 * One page of a query.
 *
 * @param most items that the page may have, whatever its Limit; undefined for no such bound
 * @throws ValidationException
 */
export const query = (
  asked: QueryCommandInput,
  definition: TableDefinition,
  store: TableStore,
  most: number | undefined,
): QueryCommandOutput => {
  const { query: input, project } = projected(asked);
  const index = indexOf(input, definition);
  const { Limit: limit } = input;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1))
    throw invalid(
      `Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1 (given ${limit})`,
    );
  const keys = index ?? definition;
  const range = keyRange(input, keys);
  const start = startPlace(input.ExclusiveStartKey, definition, index, range);
  const entries = store.partition(range.partition, index?.name);
  const found =
    entries === undefined
      ? { entries: [], stopped: false }
      : page(entries, range, start, {
          forward: input.ScanIndexForward ?? true,
          most: Math.min(limit ?? Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY),
        });
  const last = found.entries.at(-1);
  return {
    Items: found.entries.map(({ item }) => project(copyItemOut(item))),
    Count: found.entries.length,
    ScannedCount: found.entries.length,
    ...(found.stopped && last !== undefined
      ? { LastEvaluatedKey: lastKey(last, definition, index, range.partition) }
      : {}),
    $metadata: {},
  };
};

const indexOf = (
  { IndexName, ConsistentRead }: QueryCommandInput,
  { indexes }: TableDefinition,
): IndexDefinition | undefined => {
  if (IndexName === undefined) return undefined;
  const index = indexes.find(({ name }) => name === IndexName);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (index.scope === 'global' && ConsistentRead === true)
    throw invalid('Consistent reads are not supported on global secondary indexes');
  return index;
};

const startPlace = (
  start: unknown,
  table: TableDefinition,
  index: IndexDefinition | undefined,
  range: KeyRange,
): Place | undefined => {
  if (start === undefined) return undefined;
  const { partitionKey, sortKey } = index ?? table;
  const names = new Set([table.partitionKey, table.sortKey, partitionKey, sortKey]);
  const key = exactKey(start, [...names]);
  if (key === undefined) throw invalid('The provided starting key is invalid');
  const sort = key[sortKey] ?? '';
  if (key[partitionKey] !== range.partition || range.before(sort) || range.beyond(sort))
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  return { sort, pk: key[table.partitionKey] ?? '', sk: key[table.sortKey] ?? '' };
};

const lastKey = (
  { sort, pk, sk }: Entry,
  table: TableDefinition,
  index: IndexDefinition | undefined,
  partition: string,
): Record<string, string> => ({
  [table.partitionKey]: pk,
  [table.sortKey]: sk,
  ...(index === undefined ? {} : { [index.partitionKey]: partition, [index.sortKey]: sort }),
});

/** Stopped where more may follow: at the bound of items, also when none is left, and at that of bytes. */
const page = (
  entries: OrderedEntries,
  range: KeyRange,
  start: Place | undefined,
  { forward, most }: { readonly forward: boolean; readonly most: number },
): { readonly entries: readonly Entry[]; readonly stopped: boolean } => {
  let from = entries.after(({ sort }) => range.before(sort));
  let to = entries.after(({ sort }) => !range.beyond(sort));
  if (start !== undefined) {
    if (forward) from = entries.after((entry) => comparePlaces(entry, start) <= 0);
    else to = entries.after((entry) => comparePlaces(entry, start) < 0);
  }
  const found: Entry[] = [];
  const bytes = byteCount(MOST_PAGE_BYTES);
  for (let step = 0; step < to - from; step += 1) {
    const entry = entries.at(forward ? from + step : to - 1 - step);
    if (entry === undefined) break;
    if (bytes.exceedsWith(entry.item) && found.length > 0) return { entries: found, stopped: true };
    found.push(entry);
    if (found.length >= most) return { entries: found, stopped: true };
  }
  return { entries: found, stopped: false };
};
