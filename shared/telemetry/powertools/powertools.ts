import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { describeError } from '../describe-error.ts';
import type { Log, LogFields, Meter, Telemetry } from '../telemetry.ts';

/** Structured logs and embedded metrics on standard output, as CloudWatch reads them. */
export const powertoolsTelemetry = (functionName: string, stage: string): Telemetry => ({
  log: logOf(new Logger({ serviceName: functionName, persistentKeys: { stage } })),
  meter: meterOf(functionName, stage),
});

const logOf = (logger: Logger): Log => ({
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  error: (message, error, fields) => logger.error(message, { ...fields, ...describeError(error) }),
  with: (fields) => logOf(logger.createChild({ persistentKeys: { ...fields } })),
});

/** One record per figure, with the account in its metadata and never among its dimensions. */
const meterOf = (functionName: string, stage: string): Meter => {
  const record = (
    name: string,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit],
    value: number,
    fields?: LogFields,
  ): void => {
    const metrics = new Metrics({
      namespace: 'Nija',
      serviceName: functionName,
      defaultDimensions: { stage },
    });
    for (const [key, field] of Object.entries(fields ?? {}))
      if (field !== undefined) metrics.addMetadata(key, String(field));
    metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  };
  return {
    count: (name, fields) => record(name, MetricUnit.Count, 1, fields),
    milliseconds: (name, value, fields) => record(name, MetricUnit.Milliseconds, value, fields),
    basisPoints: (name, value, fields) => record(name, MetricUnit.NoUnit, value, fields),
  };
};
