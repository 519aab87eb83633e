import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarm.ts';

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);
export const QUARTER_HOUR = Duration.minutes(15);

/** From how many on it is told; no figures mean that there was nothing to count. */
type Threshold = Pick<AlarmDefinition, 'metric' | 'threshold' | 'noData'>;

interface Counted {
  readonly metric: IMetric;
  atLeast(threshold: number): Threshold;
}

const counted = (metric: IMetric): Counted => ({
  metric,
  atLeast: (threshold) => ({ metric, threshold, noData: 'fine' }),
});

/**
 * Figures together, each of which may be absent: `sumOf('exits', …).over(FIVE_MINUTES).atLeast(1)`.
 *
 * @param what they are called together, where they are more than one
 */
export const sumOf = (what: string, figures: readonly Metric[]) => ({
  over: (period: Duration): Counted => {
    const sums = figures.map((figure) => figure.with({ statistic: 'Sum', period }));
    const [only, ...others] = sums;
    if (only !== undefined && others.length === 0) return counted(only);
    const named = sums.map((metric, index) => [`m${index}`, metric] as const);
    return counted(
      new MathExpression({
        // One without figures would make the whole sum one without figures.
        expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(named),
        label: what,
        period,
      }),
    );
  },
});

/** The most of a figure of AWS within a minute. */
const mostOf = (namespace: string, metricName: string, dimensionsMap: Record<string, string>): Metric =>
  new Metric({ namespace, metricName, dimensionsMap, statistic: 'Maximum', period: MINUTE });

/** Seconds that the oldest message has waited. */
export const ageIn = (queue: IQueue): Counted =>
  counted(mostOf('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queue.queueName }));

/** Messages that lie in a queue. */
export const messagesIn = (queue: IQueue): Counted =>
  counted(mostOf('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queue.queueName }));

/** Calls of a group of schedules that Lambda turned away. */
export const refusedCallsOf = (scheduleGroup: string): Counted =>
  sumOf('calls that were turned away', [
    new Metric({
      namespace: 'AWS/Scheduler',
      metricName: 'TargetErrorCount',
      dimensionsMap: { ScheduleGroup: scheduleGroup },
    }),
  ]).over(FIVE_MINUTES);
