import type { Instant } from '../../../shared/time/clock.ts';
import { iso } from '../../../shared/time/clock.ts';
import { invoke, type LocalFunction } from './lambda.ts';

export interface Schedule {
  readonly name: string;
  readonly rateMs: number;
  /** When it is due first. */
  readonly startAt: Instant;
  readonly fn: LocalFunction;
  /** `<aws.scheduler.scheduled-time>` in a text is replaced as EventBridge Scheduler does. */
  readonly input: unknown;
  /** Default true. */
  readonly enabled?: boolean;
}

export type ScheduledRun = { readonly schedule: string; readonly scheduledAt: Instant } & (
  | { readonly state: 'SUCCEEDED'; readonly result: unknown }
  | { readonly state: 'FAILED'; readonly error: unknown }
);

/** The schedule does not exist, exists already, or is not one. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

interface Entry {
  readonly schedule: Schedule;
  enabled: boolean;
  nextAt: Instant;
  running: Promise<ScheduledRun> | undefined;
}

/**
 * Named schedules at a fixed rate, like EventBridge Scheduler's, driven by whoever owns the clock.
 * Occurrences missed since the last look are made up for once, not one by one; a schedule whose last run
 * has not ended waits for its next occurrence.
 */
export class Scheduler {
  readonly #entries = new Map<string, Entry>();

  /** @throws ScheduleError */
  create(schedule: Schedule): void {
    if (this.#entries.has(schedule.name)) {
      throw new ScheduleError(`there is a schedule of this name already (given '${schedule.name}')`);
    }
    if (!(schedule.rateMs > 0)) {
      throw new ScheduleError(`the rate of '${schedule.name}' must be above 0 ms (given ${schedule.rateMs})`);
    }
    this.#entries.set(schedule.name, {
      schedule,
      enabled: schedule.enabled ?? true,
      nextAt: schedule.startAt,
      running: undefined,
    });
  }

  /** @throws ScheduleError */
  enable(name: string): void {
    this.#entry(name).enabled = true;
  }

  /** Lets a running one end. @throws ScheduleError */
  disable(name: string): void {
    this.#entry(name).enabled = false;
  }

  /** @throws ScheduleError */
  remove(name: string): void {
    this.#entry(name);
    this.#entries.delete(name);
  }

  list(): readonly { readonly name: string; readonly enabled: boolean; readonly nextAt: Instant }[] {
    return [...this.#entries.values()].map(({ schedule, enabled, nextAt }) => ({
      name: schedule.name,
      enabled,
      nextAt,
    }));
  }

  /** When something is due next; undefined when no schedule is enabled. */
  nextAt(): Instant | undefined {
    const enabled = [...this.#entries.values()].filter((entry) => entry.enabled);
    return enabled.length === 0 ? undefined : Math.min(...enabled.map((entry) => entry.nextAt));
  }

  /** Runs all that is due, at once; resolves when all of them have ended. A failure is a result, not an error. */
  async runDue(now: Instant): Promise<readonly ScheduledRun[]> {
    const due = [...this.#entries.values()].filter((entry) => entry.nextAt <= now);
    const runs: Promise<ScheduledRun>[] = [];
    for (const entry of due) {
      const { rateMs, startAt } = entry.schedule;
      const scheduledAt = startAt + Math.floor((now - startAt) / rateMs) * rateMs;
      entry.nextAt = scheduledAt + rateMs;
      if (entry.enabled && !entry.running) runs.push(this.#start(entry, scheduledAt));
    }
    return Promise.all(runs);
  }

  /** Resolves when nothing runs. */
  async settle(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => entry.running));
  }

  #start(entry: Entry, scheduledAt: Instant): Promise<ScheduledRun> {
    const { name, fn, input } = entry.schedule;
    const event = withTime(input, scheduledAt);
    entry.running = invoke(fn, event).then(
      (result): ScheduledRun => ({ schedule: name, scheduledAt, state: 'SUCCEEDED', result }),
      (error: unknown): ScheduledRun => ({ schedule: name, scheduledAt, state: 'FAILED', error }),
    );
    return entry.running.finally(() => {
      entry.running = undefined;
    });
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry) return entry;
    throw new ScheduleError(`there is no schedule of this name (given '${name}')`);
  }
}

const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

const withTime = (input: unknown, scheduledAt: Instant): unknown =>
  JSON.parse(JSON.stringify(input ?? {}).replaceAll(SCHEDULED_TIME, iso(scheduledAt)));
