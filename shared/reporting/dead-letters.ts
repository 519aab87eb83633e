import { attemptRead } from '../ledger/read.ts';
import type { Finding } from './contract/finding.ts';

/** Where what was given up lies. */
export const DEAD_LETTERS = ['copies', 'checks', 'trades', 'schedules'] as const;
export type DeadLettersOf = (typeof DEAD_LETTERS)[number];

export interface DeadLetterQueue {
  readonly of: DeadLettersOf;
  /** About how many messages lie there. */
  count(): Promise<number>;
}

const MEANS = {
  copies: 'copies failed in all their deliveries',
  checks: 'checks of accounts were given up; each is followed by the next',
  trades: 'trades were not handed to their followers for hours',
  schedules: 'ticks could not be started even after retries',
} as const satisfies Record<DeadLettersOf, string>;

/** What has been given up. Never throws: a queue that cannot be asked is a finding, too. */
export const deadLetterFindings = async (queues: readonly DeadLetterQueue[]): Promise<readonly Finding[]> => {
  const found = await Promise.all(
    queues.map(async ({ of, count }): Promise<readonly Finding[]> => {
      const read = await attemptRead(count);
      if (!read.readable) return [unreadable(of, read.why)];
      return read.value === 0 ? [] : [given(of, read.value)];
    }),
  );
  return found.flat();
};

const given = (of: DeadLettersOf, messages: number): Finding => ({
  severity: of === 'schedules' || of === 'checks' ? 'warning' : 'critical',
  code: 'DEAD_LETTERS',
  what: `${messages} messages lie in the dead letters of ${of}: ${MEANS[of]}`,
  remedy: `the runbook tells what to do with them, under ${of}-dead-letters`,
});

const unreadable = (of: DeadLettersOf, why: string): Finding => ({
  severity: 'warning',
  code: 'DEAD_LETTERS_UNREADABLE',
  what: `whether anything lies in the dead letters of ${of} cannot be told: ${why}`,
  remedy: 'see whether the queue is there, and whether view may ask it; deploy the stack of operators again',
});
