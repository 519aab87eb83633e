import type { Instant } from '../time/clock.ts';

/** A month of the calendar in UTC: from its first moment to that of the next. */
export interface Month {
  readonly from: Instant;
  readonly to: Instant;
}

/** @param month `2026-11` */
export const monthOf = (month: string): Month => {
  const [year = 0, ordinal = 1] = month.split('-').map(Number);
  return { from: Date.UTC(year, ordinal - 1), to: Date.UTC(year, ordinal) };
};

/** The first moments of months after `since`, up to `until`, oldest first. */
export const monthsBetween = (since: Instant, until: Instant): readonly Instant[] => {
  const start = new Date(since);
  const first = Date.UTC(start.getUTCFullYear(), start.getUTCMonth());
  const moments: Instant[] = [];
  for (let month = new Date(first); month.getTime() <= until; month = nextMonth(month))
    if (month.getTime() > since) moments.push(month.getTime());
  return moments;
};

const nextMonth = (month: Date): Date => new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1));
