import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../functions/specs.ts';
import type { AlarmDefinition } from './alarm.ts';
import { FIVE_MINUTES, MINUTE, sumOf } from './counting.ts';

/**
 * Somebody who wants out, or to stop all buying, waits for these, and all followers for a trade. Who is refused once
 * may not ask again, so once is told.
 */
const WAITED_FOR: ReadonlySet<FunctionName> = new Set<FunctionName>(['exit', 'control', 'trade-copier']);

/** Every function has this one. */
export const throttledAlarm = (name: FunctionName, fn: IFunction): AlarmDefinition => ({
  id: `${name}-throttled`,
  ...sumOf('throttles', [fn.metricThrottles()]).over(MINUTE).atLeast(1),
  periods: 5,
  datapoints: WAITED_FOR.has(name) ? 1 : 2,
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
  ...sumOf('errors', [fn.metricErrors()]).over(FIVE_MINUTES).atLeast(1),
  ...text,
});
