import type { Instant } from '../../../shared/time/clock.ts';
import type { Range } from '../faults.ts';
import type { Lambda } from '../lambda.ts';
import type { Sim } from '../sim.ts';

export interface SimScheduleOptions {
  readonly sim: Sim;
  readonly lambda: Lambda;
  /** Unique, and part of deviations' ids. */
  readonly name: string;
  readonly functionName: string;
  readonly rateMs: number;
  readonly startAt: Instant;
  readonly input: (scheduledAt: Instant) => unknown;
  /** After a failure; default 2. */
  readonly retries?: number;
  readonly rates?: ScheduleRates;
}

/** How often what befalls occurrences. */
export interface ScheduleRates {
  readonly twice: number;
  readonly late: number;
}

export interface SimSchedule {
  enabled: boolean;
  /** No occurrence after this. */
  stop(): void;
}

export const USUAL_SCHEDULE_RATES: ScheduleRates = { twice: 0.02, late: 0.03 };

const JITTER_MS: Range = { from: 0, to: 900 };
const LATE_MS: Range = { from: 5_000, to: 240_000 };
const AGAIN_MS: Range = { from: 0, to: 30_000 };

/**
 * Invokes a function at a fixed rate as EventBridge Scheduler does: at least once, now and then twice or late,
 * and whether or not the last invocation has ended.
 */
export const startSimSchedule = (options: SimScheduleOptions): SimSchedule => {
  const { sim, lambda, name, functionName, rateMs, startAt, input, retries } = options;
  if (!(rateMs > 0)) throw new RangeError(`the rate of '${name}' must be above 0 ms (given ${rateMs})`);
  const rates = options.rates ?? USUAL_SCHEDULE_RATES;
  const place = `schedule ${name}`;
  const invoke = (scheduledAt: Instant): void =>
    lambda.invokeLater(functionName, input(scheduledAt), retries, ({ state }) =>
      sim.note(place, 'an occurrence is given up', state),
    );
  let forget = (): void => {};
  const occur = (scheduledAt: Instant): void => {
    forget = sim.at(scheduledAt + rateMs, () => occur(scheduledAt + rateMs));
    if (!schedule.enabled) return;
    const late = sim.deviates(place, 'late', rates.late) ? sim.between(`${place} late`, LATE_MS) : 0;
    sim.after(late + sim.between(`${place} jitter`, JITTER_MS), () => invoke(scheduledAt));
    if (sim.deviates(place, 'twice', rates.twice))
      sim.after(late + sim.between(`${place} again`, AGAIN_MS), () => invoke(scheduledAt));
  };
  const schedule: SimSchedule = { enabled: true, stop: () => forget() };
  forget = sim.at(startAt, () => occur(startAt));
  return schedule;
};
