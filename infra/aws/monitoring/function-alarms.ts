import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../functions/specs.ts';
import type { AlarmDefinition } from './alarm.ts';

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

/** Somebody who wants out, or to stop all buying, waits for these. */
const WAITED_FOR: ReadonlySet<FunctionName> = new Set<FunctionName>(['exit', 'control']);

/** Every function has this one. */
export const throttledAlarm = (name: FunctionName, fn: IFunction): AlarmDefinition => ({
  id: `${name}-throttled`,
  metric: fn.metricThrottles({ period: MINUTE, statistic: 'Sum' }),
  threshold: 1,
  periods: 5,
  datapoints: 2,
  noData: 'fine',
  tellsAtOnce: WAITED_FOR.has(name),
  means: `Lambda refused to start ${name}: all executions that it may use are taken.`,
  first:
    'see which function uses them (metric ConcurrentExecutions by function) and ask AWS for a higher limit (Service Quotas, Lambda, Concurrent executions), or lower copyWorkers in stages.json and deploy.',
});

/** Crashes, timeouts, lack of memory and refused permissions: what a function cannot count itself. */
export const crashedAlarm = (
  name: FunctionName,
  fn: IFunction,
  text: Pick<AlarmDefinition, 'means' | 'first'> & Partial<AlarmDefinition>,
): AlarmDefinition => ({
  id: `${name}-errors`,
  metric: fn.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' }),
  threshold: 1,
  noData: 'fine',
  ...text,
});

/** The sum of figures of which each may be absent. */
export const sumOf = (metrics: readonly IMetric[], label: string, period: Duration): MathExpression =>
  new MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label,
    period,
  });
