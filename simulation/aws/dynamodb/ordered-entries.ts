import { compareText } from './text-order.ts';
import type { StoredItem } from './value.ts';

/** Where an entry lies among others of its partition: by its sort key, then by the item's own key. */
export interface Place {
  readonly sort: string;
  readonly pk: string;
  readonly sk: string;
}

export interface Entry extends Place {
  readonly item: StoredItem;
}

export const comparePlaces = (one: Place, other: Place): number =>
  compareText(one.sort, other.sort) || compareText(one.pk, other.pk) || compareText(one.sk, other.sk);

/** The entries of one partition of a table or index, in order. */
export class OrderedEntries {
  readonly #entries: Entry[] = [];

  get length(): number {
    return this.#entries.length;
  }

  at(index: number): Entry | undefined {
    return this.#entries[index];
  }

  put(entry: Entry): void {
    const index = this.after((one) => comparePlaces(one, entry) < 0);
    const found = this.#entries[index];
    const replaced = found !== undefined && comparePlaces(found, entry) === 0 ? 1 : 0;
    this.#entries.splice(index, replaced, entry);
  }

  remove(place: Place): void {
    const index = this.after((one) => comparePlaces(one, place) < 0);
    const found = this.#entries[index];
    if (found !== undefined && comparePlaces(found, place) === 0) this.#entries.splice(index, 1);
  }

  /** How many entries at the front `precede`; those that do must lie before all that do not. */
  after(precede: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && precede(entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
