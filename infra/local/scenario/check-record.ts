import * as z from 'zod';
import type { AccountId } from '../../../shared/account/account.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { ScheduledRun } from '../aws/scheduler.ts';
import { CHECKS } from '../check-schedule.ts';
import type { LogLine } from '../local-host.ts';

/** One check of one account, as the function told of it when it ended. */
export interface CheckRun {
  readonly accountId: AccountId;
  readonly completed: boolean;
  /** What its steps came to. */
  readonly steps: string;
  readonly from: Instant;
  readonly until: Instant;
}

/** One time that all users were to be checked. */
export interface CheckRound {
  readonly at: Instant;
  /** How many were handed to the queue; undefined where that failed. */
  readonly accounts: number | undefined;
}

const zEnded = z.object({
  account: z.string(),
  state: z.enum(['COMPLETED', 'FAILED']),
  steps: z.string(),
  durationMs: z.number(),
});
const zDispatched = z.object({ accounts: z.number() });

/** All checks of a run, in the order in which they ended. */
export class CheckRecord {
  readonly runs: CheckRun[] = [];
  readonly rounds: CheckRound[] = [];
  readonly #waiting = new Set<() => void>();

  /** Sees every line that a function logs. */
  see(line: LogLine): void {
    if (line.function !== 'account-check' || line.message !== 'account checked') return;
    const { account, state, steps, durationMs } = zEnded.parse(line.fields);
    const until = Date.parse(line.at);
    this.runs.push({
      accountId: account,
      completed: state === 'COMPLETED',
      steps,
      from: until - durationMs,
      until,
    });
    for (const look of this.#waiting) look();
  }

  addRounds(runs: readonly ScheduledRun[]): void {
    for (const run of runs.filter(({ schedule }) => schedule === CHECKS)) {
      const dispatched = run.state === 'SUCCEEDED' ? zDispatched.safeParse(run.result) : undefined;
      this.rounds.push({ at: run.scheduledAt, accounts: dispatched?.data?.accounts });
    }
  }

  /** Resolves when each of these accounts has ended a check that was not there at `since`, an index of `runs`. */
  ended(accountIds: readonly AccountId[], since: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        const ended = new Set(this.runs.slice(since).map(({ accountId }) => accountId));
        if (!accountIds.every((accountId) => ended.has(accountId))) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
