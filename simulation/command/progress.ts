import type { SeedReport } from './messages.ts';

/** What was done so far, in one line. */
export class Progress {
  readonly #startedAt: number;
  readonly #total: number;
  #seeds = 0;
  #simulatedMs = 0;
  #events = 0;
  #violations = 0;
  #errors = 0;

  /** @param startedAt milliseconds of any steady clock */
  constructor(total: number, startedAt: number) {
    this.#total = total;
    this.#startedAt = startedAt;
  }

  get failed(): boolean {
    return this.#violations + this.#errors > 0;
  }

  add(report: SeedReport): void {
    this.#seeds += 1;
    this.#simulatedMs += report.simulatedMs;
    this.#events += report.events;
    if (report.failure !== undefined) this.#violations += 1;
    if (report.error !== undefined) this.#errors += 1;
  }

  line(now: number): string {
    const seconds = Math.max(0.001, (now - this.#startedAt) / 1_000);
    const hours = (this.#simulatedMs / 3_600_000).toFixed(1);
    const rate = (this.#seeds / seconds).toFixed(1);
    const errors = this.#errors === 0 ? '' : `, ${counted(this.#errors, 'error')} of the simulation`;
    return `${this.#seeds} of ${counted(this.#total, 'seed')}, ${hours} simulated hours, ${this.#events} events, ${rate} seeds/s, ${counted(this.#violations, 'violation')}${errors}`;
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** All that is known of a seed that failed: what broke, by what, and how. */
export const renderFailure = ({ seed, steps, failure, error }: SeedReport): string | undefined => {
  if (error !== undefined) return `seed ${seed}: the simulation itself failed\n${error}\n`;
  if (failure === undefined) return undefined;
  const { needed, complete } = failure;
  return [
    `seed ${seed} breaks '${failure.invariant}': ${failure.message}`,
    `shortest history found (${counted(needed.length, 'deviation')} of ${failure.deviations}, ${counted(failure.shrinkRuns, 'run')}${complete ? '' : ', not looked at to the end'}):`,
    ...needed.map((id) => `  ${id}`),
    'what happened:',
    failure.trace,
    `again: npm run simulate -- --seed ${seed} --steps ${steps}`,
    '',
  ].join('\n');
};
