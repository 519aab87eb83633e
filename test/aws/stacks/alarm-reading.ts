import * as z from 'zod';
import type { SynthesisedStage } from './synthesised.ts';

const zDimensions = z
  .array(z.object({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));

const zAlarm = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()).default([]),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  TreatMissingData: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: zDimensions,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.looseObject({
        Id: z.string(),
        Expression: z.string().optional(),
        Period: z.number().optional(),
        MetricStat: z
          .object({
            Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: zDimensions }),
            Period: z.number(),
            Stat: z.string(),
          })
          .optional(),
      }),
    )
    .default([]),
});

/** A figure as CloudWatch knows it. */
export interface ReadMetric {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
}

export interface ReadAlarm {
  /** Without the stage. */
  readonly id: string;
  readonly name: string;
  readonly stack: string;
  readonly means: string;
  readonly first: string;
  readonly metrics: readonly ReadMetric[];
  /** Where it watches what is made of more than one figure. */
  readonly expression: string | undefined;
  readonly below: boolean;
  readonly threshold: number;
  readonly periods: number;
  readonly datapoints: number;
  readonly missing: string;
  /** Topics that it tells by itself. */
  readonly tells: readonly string[];
}

export interface ReadComposite {
  readonly name: string;
  readonly stack: string;
  readonly description: string;
  /** The names of the alarms that it stands for. */
  readonly of: readonly string[];
  readonly tells: readonly string[];
}

/** @throws Error when a description does not say what to do first */
export const alarmsOf = (stage: SynthesisedStage): readonly ReadAlarm[] =>
  stage.all('AWS::CloudWatch::Alarm').map(({ stack, properties }) => {
    const alarm = zAlarm.parse(properties);
    const [means, first, ...more] = alarm.AlarmDescription.split(' First: ');
    if (means === undefined || first === undefined || more.length > 0)
      throw new Error(`the alarm ${alarm.AlarmName} does not say what to do first`);
    return {
      id: alarm.AlarmName.replace(`nija-${stage.configuration.stage}-`, ''),
      name: alarm.AlarmName,
      stack,
      means,
      first,
      metrics: metricsOf(alarm),
      expression: alarm.Metrics.find(({ Expression }) => Expression !== undefined)?.Expression,
      below: alarm.ComparisonOperator === 'LessThanThreshold',
      threshold: alarm.Threshold,
      periods: alarm.EvaluationPeriods,
      datapoints: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
      missing: alarm.TreatMissingData,
      tells: alarm.AlarmActions,
    };
  });

const metricsOf = (alarm: z.infer<typeof zAlarm>): readonly ReadMetric[] => {
  const { Namespace, MetricName, Period } = alarm;
  if (Namespace !== undefined && MetricName !== undefined && Period !== undefined) {
    const statistic = alarm.Statistic ?? alarm.ExtendedStatistic ?? '';
    return [
      {
        id: '',
        namespace: Namespace,
        name: MetricName,
        dimensions: alarm.Dimensions,
        statistic,
        period: Period,
      },
    ];
  }
  return alarm.Metrics.flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined
      ? []
      : [
          {
            id: Id,
            namespace: MetricStat.Metric.Namespace,
            name: MetricStat.Metric.MetricName,
            dimensions: MetricStat.Metric.Dimensions,
            statistic: MetricStat.Stat,
            period: MetricStat.Period,
          },
        ],
  );
};

const zComposite = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmRule: z.string().regex(/^ALARM\("[^"]+"\)( OR ALARM\("[^"]+"\))*$/),
  AlarmActions: z.array(z.string()).default([]),
});

export const compositesOf = (stage: SynthesisedStage): readonly ReadComposite[] =>
  stage.all('AWS::CloudWatch::CompositeAlarm').map(({ stack, properties }) => {
    const composite = zComposite.parse(properties);
    return {
      name: composite.AlarmName,
      stack,
      description: composite.AlarmDescription,
      of: [...composite.AlarmRule.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
      tells: composite.AlarmActions,
    };
  });

const zWidgetText = z.string();
const zDashboard = z.looseObject({
  widgets: z.array(
    z.looseObject({
      properties: z.looseObject({
        metrics: z.array(z.array(z.unknown())).default([]),
        query: z.string().optional(),
      }),
    }),
  ),
});

const widgetsOf = (stage: SynthesisedStage) =>
  stage
    .all('AWS::CloudWatch::Dashboard')
    .flatMap(
      ({ properties }) =>
        zDashboard.parse(JSON.parse(zWidgetText.parse(properties['DashboardBody']))).widgets,
    )
    .map(({ properties }) => properties);

/** What the dashboards draw. */
export const dashboardMetricsOf = (stage: SynthesisedStage): readonly Omit<ReadMetric, 'id'>[] =>
  widgetsOf(stage).flatMap(({ metrics }) => metrics.flatMap(drawn));

/** What the dashboards ask of logs. */
export const dashboardQueriesOf = (stage: SynthesisedStage): readonly string[] =>
  widgetsOf(stage).flatMap(({ query }) => (query === undefined ? [] : [query]));

/** `[namespace, name, dimension, value, …, { stat, period }]`; an expression is an object alone. */
const drawn = (line: readonly unknown[]): readonly Omit<ReadMetric, 'id'>[] => {
  const texts = line.filter((part) => typeof part === 'string');
  const [namespace, name, ...pairs] = texts;
  if (namespace === undefined || name === undefined) return [];
  const dimensions: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) dimensions[pairs[at] ?? ''] = pairs[at + 1] ?? '';
  const { stat = 'Average', period = 300 } = z
    .looseObject({ stat: z.string().optional(), period: z.number().optional() })
    .parse(line.find((part) => typeof part === 'object') ?? {});
  return [{ namespace, name, dimensions, statistic: stat, period }];
};
