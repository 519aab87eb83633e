import type { Instant } from '../../shared/time/clock.ts';

/** One choice that was not the quiet default: a fault, a kill, a duplicate, an act of somebody. */
export interface Deviation {
  /** Where and what, the same in every run of the seed that gets there: `copy-worker.2#17 store: lost answer`. */
  readonly id: string;
  readonly at: Instant;
}

/**
 * What deviated in a run. Given a set of ids, only these may: all else is as quiet as without faults. That is
 * how a history is made shorter.
 */
export class Choices {
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #taken: Deviation[] = [];

  constructor(allowed?: ReadonlySet<string>) {
    this.#allowed = allowed;
  }

  get taken(): readonly Deviation[] {
    return this.#taken;
  }

  /** Whether it may happen; if so it counts as done. An id names one place, and is asked for once. */
  take(id: string, at: Instant): boolean {
    if (this.#allowed !== undefined && !this.#allowed.has(id)) return false;
    this.#taken.push({ id, at });
    return true;
  }
}
