/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** Time as the domain sees it. Adapters: the system's clock, and the local runtime's virtual one. */
export interface Clock {
  now(): Instant;
  /** Resolves when `ms` milliseconds of this clock have passed. */
  sleep(ms: number): Promise<void>;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const iso = (at: Instant): string => new Date(at).toISOString();

/** The UTC calendar day, `YYYY-MM-DD`. */
export const utcDay = (at: Instant): string => iso(at).slice(0, 10);
