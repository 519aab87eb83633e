import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Host } from '../../functions/host.ts';
import { describeError } from '../../shared/telemetry/describe-error.ts';
import type {
  Log,
  LogFields,
  MasterDimension,
  MetricName,
  Telemetry,
} from '../../shared/telemetry/telemetry.ts';
import { type Clock, iso } from '../../shared/time/clock.ts';
import type { Ids } from '../../shared/time/jitter.ts';

export interface LogLine {
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error' | 'metric';
  readonly function: string;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * Ids that one seed always gives in the same order.
 *
 * @param stream who gets them: by such ids one knows a lease, or a write, as its own, so no two may have the same
 */
export const seededIds = (seed: number, stream: string): Ids => {
  let count = 0;
  return {
    id: () => {
      count += 1;
      const hex = createHash('sha256').update(`nija-id:${seed}:${stream}:${count}`).digest('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
  };
};

/** What a function gets from the local runtime. */
export const localHost = (parts: {
  readonly env: Host['env'];
  readonly clock: Clock;
  readonly chance: Ids;
  readonly write: (line: LogLine) => void;
}): Host => ({
  env: parts.env,
  clock: parts.clock,
  chance: parts.chance,
  telemetry: (functionName) => telemetry(functionName, parts.clock, parts.write),
});

const telemetry = (functionName: string, clock: Clock, write: (line: LogLine) => void): Telemetry => {
  const line = (level: LogLine['level'], message: string, fields: LogFields): void =>
    write({ at: iso(clock.now()), level, function: functionName, message, fields });
  const logWith = (fixed: LogFields): Log => ({
    info: (message, fields) => line('info', message, { ...fixed, ...fields }),
    warn: (message, fields) => line('warn', message, { ...fixed, ...fields }),
    error: (message, error, fields) =>
      line('error', message, { ...fixed, ...fields, ...describeError(error) }),
    with: (fields) => logWith({ ...fixed, ...fields }),
  });
  const metric = (name: MetricName, value: number, fields?: LogFields): void =>
    line('metric', name, { value, ...fields });
  return {
    log: logWith({}),
    meter: {
      count: (name: MetricName, fields?: LogFields, own?: MasterDimension) =>
        metric(name, 1, { ...fields, ...own }),
      milliseconds: metric,
      basisPoints: metric,
      quoteUnits: (name, value, fields, own) => metric(name, value.toNumber(), { ...fields, ...own }),
    },
  };
};

/** Collects lines and appends them to a file a few hundred at a time. */
export const logFile = (path: string): { write(line: LogLine): void; flush(): void } => {
  let pending: string[] = [];
  const flush = (): void => {
    if (pending.length === 0) return;
    appendFileSync(path, pending.join(''), { mode: 0o600 });
    pending = [];
  };
  return {
    write: (line) => {
      pending.push(`${JSON.stringify(line)}\n`);
      if (pending.length >= 200) flush();
    },
    flush,
  };
};
