import { type Instant, MINUTE } from '../../shared/time/clock.ts';
import type { Runtime } from './runtime.ts';

/** The name of the schedule, by which its runs are told from those of masters. */
export const CHECKS = 'checks';

/** Has every user's account checked, as the schedule of a deployment does. */
export const scheduleChecks = (
  { scheduler, functionOf }: Pick<Runtime, 'scheduler' | 'functionOf'>,
  startAt: Instant,
  rateMs: number = 15 * MINUTE,
): void =>
  scheduler.create({
    name: CHECKS,
    rateMs,
    startAt,
    fn: functionOf('check-dispatcher'),
    input: { slot: '<aws.scheduler.scheduled-time>' },
  });
