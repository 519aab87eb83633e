import type { Instant } from '../../../shared/time/clock.ts';
import type { ScheduledRun } from '../aws/scheduler.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Runtime } from '../runtime.ts';

/** What is due at a moment is run this much later: by then its candle has closed. */
export const AFTER_DUE_MS = 1_000;

/** Lets market time pass until a moment, and has done what is due on the way, one moment after the other. */
export const passUntil = async (
  { scheduler, settle }: Pick<Runtime, 'scheduler' | 'settle'>,
  clock: VirtualClock,
  until: Instant,
): Promise<readonly ScheduledRun[]> => {
  const runs: ScheduledRun[] = [];
  for (;;) {
    const next = scheduler.nextAt();
    if (next === undefined || next + AFTER_DUE_MS > until) break;
    clock.advanceTo(next + AFTER_DUE_MS);
    runs.push(...(await scheduler.runDue(clock.now())));
    await settle();
  }
  clock.advanceTo(until);
  return runs;
};
