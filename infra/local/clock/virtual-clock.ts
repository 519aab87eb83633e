import type { Clock, Instant } from '../../../shared/time/clock.ts';

/** A clock that can also wake somebody at a moment, and be told to forget it. */
export interface AlarmClock extends Clock {
  /**
   * Runs once, when this clock has reached the moment; never before this call returns. Does not keep the
   * process alive.
   *
   * @returns forgets the alarm
   */
  at(moment: Instant, run: () => void): () => void;
}

interface Alarm {
  readonly moment: Instant;
  readonly run: () => void;
  readonly keepsAlive: boolean;
  timer: NodeJS.Timeout | undefined;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs as fast as real time from a start of one's choice, and can be moved forward. Never goes backwards,
 * whatever happens to the machine's wall clock.
 */
export class VirtualClock implements AlarmClock {
  readonly #alarms = new Set<Alarm>();
  /** This clock minus the machine's monotonic one. */
  #offset: number;

  constructor(start: Instant = Date.now()) {
    this.#offset = start - performance.now();
  }

  now(): Instant {
    return Math.floor(this.#exact());
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#schedule(this.#exact() + Math.max(0, ms), resolve, true);
    });
  }

  at(moment: Instant, run: () => void): () => void {
    const alarm = this.#schedule(moment, run, false);
    return () => this.#forget(alarm);
  }

  /**
   * Moves this clock to `moment`; one that has passed already changes nothing. Who sleeps until then or
   * before wakes, earliest first.
   */
  advanceTo(moment: Instant): void {
    const ahead = moment - this.#exact();
    if (ahead <= 0) return;
    this.#offset += ahead;
    const due = [...this.#alarms].filter((alarm) => alarm.moment <= moment);
    due.sort((a, b) => a.moment - b.moment);
    for (const alarm of due) this.#fire(alarm);
    for (const alarm of this.#alarms) this.#arm(alarm);
  }

  #exact(): number {
    return performance.now() + this.#offset;
  }

  #schedule(moment: Instant, run: () => void, keepsAlive: boolean): Alarm {
    const alarm: Alarm = { moment, run, keepsAlive, timer: undefined };
    this.#alarms.add(alarm);
    this.#arm(alarm);
    return alarm;
  }

  #arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const wait = Math.min(Math.max(0, Math.ceil(alarm.moment - this.#exact())), LONGEST_TIMER_MS);
    alarm.timer = setTimeout(() => {
      if (this.#exact() >= alarm.moment) this.#fire(alarm);
      else this.#arm(alarm);
    }, wait);
    if (!alarm.keepsAlive) alarm.timer.unref();
  }

  #fire(alarm: Alarm): void {
    if (!this.#alarms.has(alarm)) return;
    this.#forget(alarm);
    alarm.run();
  }

  #forget(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    this.#alarms.delete(alarm);
  }
}
