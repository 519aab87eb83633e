import type { Instant } from '../../shared/time/clock.ts';

/** Something that happens once, at its time; of two at one time the one that was scheduled first goes first. */
export interface Scheduled {
  readonly at: Instant;
  readonly sequence: number;
  /** Undefined when it was cancelled. */
  run: (() => void) | undefined;
}

/** What is to happen, earliest first: a binary heap by (time, sequence). */
export class EventQueue {
  readonly #heap: Scheduled[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(at: Instant, run: () => void): Scheduled {
    this.#sequence += 1;
    const added: Scheduled = { at, sequence: this.#sequence, run };
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(added, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = added;
    return added;
  }

  /** The earliest that was not cancelled; it stays. */
  next(): Scheduled | undefined {
    while (this.#heap[0]?.run === undefined && this.#heap.length > 0) this.#removeFirst();
    return this.#heap[0];
  }

  take(): Scheduled | undefined {
    const next = this.next();
    if (next !== undefined) this.#removeFirst();
    return next;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const useOther = other !== undefined && before(other, one);
      const child = useOther ? other : one;
      if (!before(child, last)) break;
      heap[index] = child;
      index = useOther ? left + 1 : left;
    }
    heap[index] = last;
  }
}

const before = (a: Scheduled, b: Scheduled): boolean =>
  a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
