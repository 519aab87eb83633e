import { sizeBound } from './item-size.ts';
import { type Entry, OrderedEntries } from './ordered-entries.ts';
import type { IndexDefinition, TableDefinition } from './table-definition.ts';
import type { StoredItem, Value } from './value.ts';

/** One item before and after a write. */
export interface ItemChange {
  readonly pk: string;
  readonly sk: string;
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
}

/** A secondary index: of each item that has both of the index's keys, an entry. */
export class IndexEntries {
  readonly #index: IndexDefinition;
  readonly #shown: readonly string[];
  readonly #partitions = new Map<string, OrderedEntries>();

  constructor(index: IndexDefinition, table: TableDefinition) {
    this.#index = index;
    this.#shown = [...new Set([table.partitionKey, table.sortKey, index.partitionKey, index.sortKey])];
  }

  partition(key: string): OrderedEntries | undefined {
    return this.#partitions.get(key);
  }

  apply({ pk, sk, before, after }: ItemChange): void {
    const { partitionKey, sortKey, projection } = this.#index;
    const from = before?.[partitionKey];
    const to = after?.[partitionKey];
    const old = before === undefined ? undefined : this.#entry(pk, sk, before);
    const entry = after === undefined ? undefined : this.#entry(pk, sk, after);
    const stays =
      old !== undefined && entry !== undefined && from === to && before?.[sortKey] === after?.[sortKey];
    if (stays && projection === 'KEYS_ONLY') return;
    if (old !== undefined && !stays && typeof from === 'string') this.#partitions.get(from)?.remove(old);
    if (entry === undefined || typeof to !== 'string') return;
    const partition = this.#partitions.get(to) ?? new OrderedEntries();
    this.#partitions.set(to, partition);
    partition.put(entry);
  }

  #entry(pk: string, sk: string, item: StoredItem): Entry | undefined {
    const { partitionKey, sortKey, projection } = this.#index;
    const sort = item[sortKey];
    if (typeof item[partitionKey] !== 'string' || typeof sort !== 'string') return undefined;
    const shown = projection === 'ALL' ? item : this.#keysOf(item);
    return { sort, pk, sk, item: shown, bound: sizeBound(shown) };
  }

  #keysOf(item: StoredItem): StoredItem {
    const keys: Record<string, Value> = {};
    for (const name of this.#shown) keys[name] = item[name] ?? null;
    return keys;
  }
}
