import type { Instant } from '../../../shared/time/clock.ts';
import { IndexEntries, type ItemChange } from './index-entries.ts';
import { LaggingIndex } from './lagging-index.ts';
import { OrderedEntries } from './ordered-entries.ts';
import type { IndexDefinition, TableDefinition } from './table-definition.ts';
import type { StoredItem } from './value.ts';

interface Partition {
  readonly items: Map<string, StoredItem>;
  readonly ordered: OrderedEntries;
}

/** The items of a table with its indexes. */
export class TableStore {
  readonly #partitions = new Map<string, Partition>();
  readonly #indexes: ReadonlyMap<string, IndexEntries | LaggingIndex>;

  constructor(definition: TableDefinition, now: () => Instant, indexLagMs: (() => number) | undefined) {
    const made = (index: IndexDefinition) => {
      const entries = new IndexEntries(index, definition);
      return index.scope === 'local' ? entries : new LaggingIndex(entries, now, indexLagMs);
    };
    this.#indexes = new Map(definition.indexes.map((index) => [index.name, made(index)]));
  }

  get(pk: string, sk: string): StoredItem | undefined {
    return this.#partitions.get(pk)?.items.get(sk);
  }

  /** A partition of the table, or of one of its indexes, as it can be seen now. */
  partition(key: string, index: string | undefined): OrderedEntries | undefined {
    return index === undefined
      ? this.#partitions.get(key)?.ordered
      : this.#indexes.get(index)?.partition(key);
  }

  *items(): Generator<StoredItem> {
    for (const { items } of this.#partitions.values()) yield* items.values();
  }

  apply(change: ItemChange): void {
    const { pk, sk, after } = change;
    const partition = this.#partition(pk);
    if (after === undefined) {
      partition.items.delete(sk);
      partition.ordered.remove({ sort: sk, pk, sk });
    } else {
      partition.items.set(sk, after);
      partition.ordered.put({ sort: sk, pk, sk, item: after });
    }
    for (const index of this.#indexes.values()) index.apply(change);
  }

  #partition(pk: string): Partition {
    const found = this.#partitions.get(pk);
    if (found !== undefined) return found;
    const partition = { items: new Map<string, StoredItem>(), ordered: new OrderedEntries() };
    this.#partitions.set(pk, partition);
    return partition;
  }
}
