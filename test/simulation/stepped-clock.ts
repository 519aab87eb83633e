import type { AlarmClock } from '../../infra/local/clock/virtual-clock.ts';
import type { Instant } from '../../shared/time/clock.ts';

/** Stands still until it is told to go on, and rings what is due on the way, earliest first. */
export class SteppedClock implements AlarmClock {
  readonly #alarms = new Map<number, { readonly moment: Instant; readonly run: () => void }>();
  #now: Instant;
  #made = 0;

  constructor(now: Instant) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(this.#now + ms, resolve));
  }

  at(moment: Instant, run: () => void): () => void {
    this.#made += 1;
    const alarm = this.#made;
    this.#alarms.set(alarm, { moment, run });
    return () => void this.#alarms.delete(alarm);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#alarms]
        .filter(([, { moment }]) => moment <= end)
        .sort(([a, first], [b, second]) => first.moment - second.moment || a - b);
      if (next === undefined) break;
      const [alarm, { moment, run }] = next;
      this.#alarms.delete(alarm);
      this.#now = Math.max(this.#now, moment);
      run();
    }
    this.#now = end;
  }
}
