import { describeError } from '../../shared/telemetry/describe-error.ts';
import type { Log, LogFields, Meter } from '../../shared/telemetry/telemetry.ts';

/** Leaves a line and a figure: Lambda counts no error where a function itself names the records that failed. */
export const fanOutFailed = (
  error: unknown,
  fields: LogFields,
  { log, meter }: { readonly log: Log; readonly meter: Meter },
): void => {
  log.error('a trade could not be fanned out', error, fields);
  meter.count('FanOutFailed', { ...fields, error: describeError(error)['error'] });
};
