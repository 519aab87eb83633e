import type { LogFields } from './telemetry.ts';

/** Only what is known to be free of secrets: an error's other properties may hold a request. */
export const describeError = (error: unknown): LogFields =>
  error instanceof Error
    ? { error: error.name, why: error.message, stack: error.stack }
    : { error: 'unknown', why: String(error) };
