import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES, FUNCTION_SPECS, type FunctionName } from '../../functions/specs.ts';
import type { StageConfiguration } from '../configuration.ts';
import { functionResourceName, stageName } from '../names.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { RaisedAlarm } from './alarm.ts';
import { type Figures, figuresOf } from './metrics.ts';

const WIDTH = 24;
const FIVE_MINUTES = Duration.minutes(5);
const RED = '#d13212';
const GREEN = '#1d8102';
const GREY = '#879596';
const BLUE = '#0073bb';

export interface DashboardParts {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly alarms: readonly RaisedAlarm[];
}

/** One page that answers, top down: is something wrong; do masters trade; do users get it; can they get out. */
export const nijaDashboard = (
  scope: Construct,
  { configuration, data, alarms }: DashboardParts,
): Dashboard => {
  const { stage, masters } = configuration;
  const figures = figuresOf(stage);
  const hasMasters = masters.length > 0;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: stageName(stage, 'overview'),
    defaultInterval: Duration.hours(12),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [
        new AlarmStatusWidget({
          title: 'Alarms',
          width: WIDTH,
          height: 6, // By name, as the composite alarms do.
          alarms: alarms.map(({ name }) => Alarm.fromAlarmName(scope, `Shown-${name}`, name)),
        }),
      ],
      ...(hasMasters ? [heading('Masters'), masterHealth(configuration, figures)] : []),
      heading('Copies'),
      copies(stage, figures),
      copyDelays(stage, data, figures),
      heading('Users'),
      users(stage, figures),
      heading('Checks of accounts'),
      checks(stage, data, figures),
      heading('Errors and limits'),
      errors(configuration),
    ],
  });
};

const heading = (text: string): IWidget[] => [
  new TextWidget({ markdown: `## ${text}`, width: WIDTH, height: 1 }),
];

const graph = (
  title: string,
  width: number,
  left: readonly IMetric[],
  more: { readonly stacked?: boolean; readonly unit?: string } = {},
): GraphWidget =>
  new GraphWidget({
    title,
    width,
    height: 6,
    left: [...left],
    leftYAxis: { min: 0, ...(more.unit === undefined ? {} : { label: more.unit, showUnits: false }) },
    stacked: more.stacked ?? false,
  });

const query = (
  stage: string,
  title: string,
  width: number,
  of: FunctionName,
  view: LogQueryVisualizationType,
  queryLines: readonly string[],
): LogQueryWidget =>
  new LogQueryWidget({
    title,
    width,
    height: 6,
    view,
    logGroupNames: [`/aws/lambda/${functionResourceName(stage, of)}`],
    queryLines: [...queryLines],
  });

const labelled = (metric: Metric, label: string, color?: string): Metric =>
  metric.with({ label, ...(color === undefined ? {} : { color }) });

const masterHealth = ({ stage, masters }: StageConfiguration, figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  return [
    graph(
      'Ticks by master',
      10,
      masters.flatMap(({ accountId: master }) => [
        labelled(figures.ofMaster('TickSucceeded', { master }, sum), `${master} succeeded`),
        labelled(figures.ofMaster('TickFailed', { master }, sum), `${master} failed`, RED),
      ]),
    ),
    graph(
      'Equity of masters, mean of the readings',
      7,
      [
        labelled(
          figures.ofRole(
            'master-tick',
            'Equity',
            { role: 'master' },
            { statistic: 'Average', period: FIVE_MINUTES },
          ),
          'masters',
        ),
      ],
      { unit: 'quote units' },
    ),
    query(stage, 'Equity by master, last reading', 7, 'master-tick', LogQueryVisualizationType.TABLE, [
      'filter ispresent(Equity)',
      'stats latest(Equity) as equity, latest(@timestamp) as read by account',
      'sort account',
    ]),
  ];
};

const copies = (stage: string, figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  const latency = (statistic: 'p50' | 'p90' | 'p99') =>
    labelled(figures.of('copy-worker', 'CopyOrderLatency', { statistic, period: FIVE_MINUTES }), statistic);
  return [
    graph(
      'Copies by outcome',
      8,
      [
        labelled(figures.of('copy-worker', 'CopyFilled', sum), 'filled', GREEN),
        labelled(figures.of('copy-worker', 'CopySkipped', sum), 'skipped', GREY),
        labelled(figures.of('copy-worker', 'CopyFailed', sum), 'failed', RED),
      ],
      { stacked: true },
    ),
    graph("From the master's fill to the user's order", 8, [latency('p50'), latency('p90'), latency('p99')], {
      unit: 'ms',
    }),
    // CloudWatch has no percentiles of a metric that can be negative, as a better price is; its log has.
    query(
      stage,
      'Price against the master, basis points (positive is worse)',
      8,
      'copy-worker',
      LogQueryVisualizationType.LINE,
      [
        'filter ispresent(CopySlippage)',
        'stats pct(CopySlippage, 50) as p50, pct(CopySlippage, 90) as p90, pct(CopySlippage, 99) as p99 by bin(5m)',
      ],
    ),
  ];
};

const copyDelays = (stage: string, data: DataStack, figures: Figures): IWidget[] => [
  query(stage, 'Skipped and failed copies by reason', 8, 'copy-worker', LogQueryVisualizationType.TABLE, [
    'filter ispresent(CopySkipped) or ispresent(CopyFailed)',
    'stats count(*) as copies by reason, ispresent(CopyFailed) as failed',
    'sort copies desc',
  ]),
  graph('Trades published, and copies left for another delivery', 8, [
    labelled(
      figures.of('trade-copier', 'TradePublished', { statistic: 'Sum', period: FIVE_MINUTES }),
      'trades',
      BLUE,
    ),
    labelled(
      figures.of('trade-copier', 'FanOutFailed', { statistic: 'Sum', period: FIVE_MINUTES }),
      'fan-outs failed',
      RED,
    ),
    labelled(
      figures.of('copy-worker', 'CopyUnfinished', { statistic: 'Sum', period: FIVE_MINUTES }),
      'copies unfinished',
      GREY,
    ),
  ]),
  graph('What waits', 8, [
    labelled(data.copyQueue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' }), 'oldest copy, s'),
    labelled(
      data.copyQueue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      'copies waiting',
    ),
    labelled(
      data.copyDeadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      'copies given up',
      RED,
    ),
    labelled(
      data.tradeDeadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      'trades given up',
      RED,
    ),
  ]),
];

const users = (stage: string, figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  return [
    graph(
      'Exits',
      6,
      [
        labelled(figures.of('exit', 'ExitFlat', sum), 'flat', GREEN),
        labelled(figures.of('exit', 'ExitFailed', sum), 'not flat', RED),
      ],
      { stacked: true },
    ),
    graph(
      'Balances',
      6,
      [
        labelled(figures.of('balance', 'BalanceRead', sum), 'read', GREEN),
        labelled(figures.of('balance', 'BalanceFailed', sum), 'could not be read', RED),
      ],
      { stacked: true },
    ),
    graph(
      'Equity of users, mean of the readings',
      6,
      [
        labelled(
          figures.ofRole(
            'balance',
            'Equity',
            { role: 'user' },
            { statistic: 'Average', period: FIVE_MINUTES },
          ),
          'users',
        ),
      ],
      { unit: 'quote units' },
    ),
    query(stage, 'Exits that did not end flat', 6, 'exit', LogQueryVisualizationType.TABLE, [
      'filter ispresent(ExitFailed)',
      'stats count(*) as exits, latest(@timestamp) as last by account',
      'sort last desc',
      'limit 20',
    ]),
  ];
};

const checks = (stage: string, data: DataStack, figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  const duration = (statistic: 'p50' | 'p99') =>
    labelled(figures.of('account-check', 'CheckDuration', { statistic, period: FIVE_MINUTES }), statistic);
  return [
    graph(
      'Checks',
      6,
      [
        labelled(figures.of('account-check', 'CheckCompleted', sum), 'completed', GREEN),
        labelled(figures.of('account-check', 'CheckFailed', sum), 'steps failed', RED),
      ],
      { stacked: true },
    ),
    graph('Time of one check', 6, [duration('p50'), duration('p99')], { unit: 'ms' }),
    graph('Checks that wait', 6, [
      labelled(data.checkQueue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' }), 'oldest, s'),
      labelled(
        data.checkDeadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
        'given up',
        RED,
      ),
    ]),
    query(stage, 'What failed in checks', 6, 'account-check', LogQueryVisualizationType.TABLE, [
      'filter ispresent(CheckFailed)',
      'stats count(*) as failures, latest(@timestamp) as last by account, step, code',
      'sort last desc',
      'limit 20',
    ]),
  ];
};

const lambda = (stage: string, name: FunctionName, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionResourceName(stage, name) },
    statistic,
    period: FIVE_MINUTES,
    label: name,
  });

const errors = ({ stage, masters }: StageConfiguration): IWidget[] => {
  const deployed = FUNCTION_NAMES.filter(
    (name) => masters.length > 0 || FUNCTION_SPECS[name].plane !== 'master',
  );
  const each = (metricName: string, statistic = 'Sum') =>
    deployed.map((name) => lambda(stage, name, metricName, statistic));
  return [
    graph('Errors by function', 6, each('Errors')),
    graph('Throttles by function', 6, each('Throttles')),
    graph('Executions at the same time', 6, each('ConcurrentExecutions', 'Maximum')),
    graph('Slowest call by function', 6, each('Duration', 'Maximum'), { unit: 'ms' }),
  ];
};
