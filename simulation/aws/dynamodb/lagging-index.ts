import type { Instant } from '../../../shared/time/clock.ts';
import type { IndexEntries, ItemChange } from './index-entries.ts';
import type { OrderedEntries } from './ordered-entries.ts';

interface Pending {
  readonly change: ItemChange;
  readonly seenAt: Instant;
}

/**
 * A global index, which shows each write some time later. Writes of different items may be seen in another
 * order than they were made; those of one item never.
 */
export class LaggingIndex {
  readonly #entries: IndexEntries;
  readonly #now: () => Instant;
  readonly #lagMs: (() => number) | undefined;
  #pending: Pending[] = [];
  /** Until when changes of an item are pending, by its key. */
  readonly #lastSeenAt = new Map<string, Instant>();

  constructor(entries: IndexEntries, now: () => Instant, lagMs: (() => number) | undefined) {
    this.#entries = entries;
    this.#now = now;
    this.#lagMs = lagMs;
  }

  apply(change: ItemChange): void {
    if (this.#lagMs === undefined) {
      this.#entries.apply(change);
      return;
    }
    const key = JSON.stringify([change.pk, change.sk]);
    const seenAt = Math.max(this.#now() + this.#lagMs(), this.#lastSeenAt.get(key) ?? 0);
    this.#lastSeenAt.set(key, seenAt);
    this.#pending.push({ change, seenAt });
  }

  partition(key: string): OrderedEntries | undefined {
    if (this.#pending.length > 0) this.#catchUp();
    return this.#entries.partition(key);
  }

  #catchUp(): void {
    const now = this.#now();
    const due = this.#pending.filter(({ seenAt }) => seenAt <= now);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ seenAt }) => seenAt > now);
    for (const { change } of due.sort((one, other) => one.seenAt - other.seenAt)) this.#entries.apply(change);
    if (this.#pending.length === 0) this.#lastSeenAt.clear();
  }
}
