import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { describeError } from '../describe-error.ts';
import { metricIdentity } from '../metric-identity.ts';
import type {
  Log,
  LogFields,
  MasterDimension,
  Meter,
  MetricName,
  RoleDimension,
  Telemetry,
} from '../telemetry.ts';

/** Structured logs and embedded metrics on standard output, as CloudWatch reads them. */
export const powertoolsTelemetry = (functionName: string, stage: string): Telemetry => ({
  log: logOf(new Logger({ serviceName: functionName, persistentKeys: { stage } })),
  meter: meterOf(functionName, stage),
});

const logOf = (logger: Logger): Log => ({
  info: (message, fields) => logger.info(message, kept(fields)),
  warn: (message, fields) => logger.warn(message, kept(fields)),
  error: (message, error, fields) => logger.error(message, { ...kept(fields), ...describeError(error) }),
  with: (fields) => logOf(logger.createChild({ persistentKeys: kept(fields) })),
});

/** What every line says of itself. A fact by such a name would be dropped, and a warning written instead. */
const LINE_FIELDS: ReadonlySet<string> = new Set([
  'level',
  'message',
  'sampling_rate',
  'service',
  'timestamp',
]);

const kept = (fields: LogFields = {}): Record<string, LogFields[string]> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, fact]) => [LINE_FIELDS.has(name) ? `${name}_` : name, fact]),
  );

/** One record per figure, with the account in its metadata and no user among its dimensions. */
const meterOf = (functionName: string, stage: string): Meter => {
  const record = (
    name: MetricName,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit],
    value: number,
    fields: LogFields = {},
    own: MasterDimension | RoleDimension | Record<never, never> = {},
  ): void => {
    const { namespace, dimensions } = metricIdentity(functionName, stage, own);
    const { service, ...defaultDimensions } = dimensions;
    const metrics = new Metrics({ namespace, serviceName: service, defaultDimensions });
    for (const [key, field] of Object.entries(fields))
      if (field !== undefined) metrics.addMetadata(key, String(field));
    metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  };
  return {
    count: (name: MetricName, fields?: LogFields, own?: MasterDimension) =>
      record(name, MetricUnit.Count, 1, fields, own),
    milliseconds: (name, value, fields) => record(name, MetricUnit.Milliseconds, value, fields),
    basisPoints: (name, value, fields) => record(name, MetricUnit.NoUnit, value, fields),
    quoteUnits: (name, value, fields, own) => record(name, MetricUnit.NoUnit, value.toNumber(), fields, own),
  };
};
