import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  type IWidget,
  LogQueryVisualizationType,
  Metric,
  PeriodOverride,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName } from '../../functions/specs.ts';
import { isDeployed, type StageConfiguration } from '../configuration.ts';
import { functionArn } from '../function-arn.ts';
import { functionResourceName, stageName } from '../names.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { RaisedAlarm } from './alarm.ts';
import { FIVE_MINUTES } from './counting.ts';
import { byThemselves, checks, users } from './dashboard-accounts.ts';
import { type Figures, figuresOf } from './metrics.ts';
import { BLUE, GREEN, GREY, graph, heading, labelled, query, RED, WIDTH } from './widgets.ts';

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
      ...states(scope, alarms),
      [page(scope, stage)],
      ...(hasMasters ? [heading('Masters'), masterHealth(configuration, figures)] : []),
      heading('Copies'),
      copies(stage, figures),
      copyDelays(stage, data, figures),
      heading('Users'),
      users(stage, figures),
      heading('Checks of accounts'),
      checks(stage, data, figures),
      byThemselves(figures),
      ...(configuration.notify.length > 0 ? [heading('Notices'), notices(figures)] : []),
      heading('Errors and limits'),
      errors(configuration),
    ],
  });
};

/** CloudWatch takes this many alarms in one widget. */
const MOST_SHOWN = 100;

const states = (scope: Construct, alarms: readonly RaisedAlarm[]): IWidget[][] =>
  Array.from({ length: Math.ceil(alarms.length / MOST_SHOWN) }, (_, index) => [
    new AlarmStatusWidget({
      title: 'Alarms',
      width: WIDTH,
      height: 6, // By name, as the composite alarms do.
      alarms: alarms
        .slice(index * MOST_SHOWN, (index + 1) * MOST_SHOWN)
        .map(({ name }) => Alarm.fromAlarmName(scope, `Shown-${name}`, name)),
    }),
  ]);

/** All accounts on one page; it shows what is now, whatever time the graphs are about. */
const page = (scope: Construct, stage: string): IWidget =>
  new CustomWidget({
    title: 'Accounts',
    width: WIDTH,
    height: 24,
    functionArn: functionArn(scope, stage, 'dashboard'),
    updateOnRefresh: true,
    updateOnResize: false,
    updateOnTimeRangeChange: false,
  });

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

const notices = (figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  return [
    graph('Messages to channels', 8, [
      labelled(figures.of('notify', 'NoticeDelivered', sum), 'delivered', GREEN),
      labelled(figures.of('notify', 'NoticeUndelivered', sum), 'given up', RED),
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

const errors = (configuration: StageConfiguration): IWidget[] => {
  const { stage } = configuration;
  const deployed = FUNCTION_NAMES.filter((name) => isDeployed(configuration, name));
  const each = (metricName: string, statistic = 'Sum') =>
    deployed.map((name) => lambda(stage, name, metricName, statistic));
  return [
    graph('Errors by function', 6, each('Errors')),
    graph('Throttles by function', 6, each('Throttles')),
    graph('Executions at the same time', 6, each('ConcurrentExecutions', 'Maximum')),
    graph('Slowest call by function', 6, each('Duration', 'Maximum'), { unit: 'ms' }),
  ];
};
