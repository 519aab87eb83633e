import type { Instant } from '../../shared/time/clock.ts';
import type { Seen } from './world.ts';

type Listener = (seen: Seen, at: Instant) => void;

/** Tells who looks on of all that leaves a process. */
export class Sightings {
  readonly #now: () => Instant;
  readonly #listeners: Listener[] = [];

  constructor(now: () => Instant) {
    this.#now = now;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  tell(seen: Seen): void {
    const at = this.#now();
    for (const listener of this.#listeners) listener(seen, at);
  }
}
