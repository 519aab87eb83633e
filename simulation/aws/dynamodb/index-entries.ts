import { OrderedEntries } from './ordered-entries.ts';
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
    const fromSort = before?.[sortKey];
    const to = after?.[partitionKey];
    const toSort = after?.[sortKey];
    const stays = from === to && fromSort === toSort;
    if (stays && projection === 'KEYS_ONLY') return;
    if (!stays && typeof from === 'string' && typeof fromSort === 'string')
      this.#partitions.get(from)?.remove({ sort: fromSort, pk, sk });
    if (after === undefined || typeof to !== 'string' || typeof toSort !== 'string') return;
    const item = projection === 'ALL' ? after : this.#keysOf(after);
    this.#partitionFor(to).put({ sort: toSort, pk, sk, item });
  }

  #partitionFor(key: string): OrderedEntries {
    const found = this.#partitions.get(key);
    if (found !== undefined) return found;
    const partition = new OrderedEntries();
    this.#partitions.set(key, partition);
    return partition;
  }

  #keysOf(item: StoredItem): StoredItem {
    const keys: Record<string, Value> = {};
    for (const name of this.#shown) keys[name] = item[name] ?? null;
    return keys;
  }
}
