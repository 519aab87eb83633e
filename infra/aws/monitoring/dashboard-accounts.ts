import { type IWidget, LogQueryVisualizationType } from 'aws-cdk-lib/aws-cloudwatch';
import type { DataStack } from '../stacks/data-stack.ts';
import { FIVE_MINUTES } from './counting.ts';
import type { Figures } from './metrics.ts';
import { BLUE, GREEN, GREY, graph, labelled, query, RED } from './widgets.ts';

export const users = (stage: string, figures: Figures): IWidget[] => {
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

export const checks = (stage: string, data: DataStack, figures: Figures): IWidget[] => {
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

/** What checks did and found without being asked: how often it is told, not how many accounts it is true of. */
export const byThemselves = (figures: Figures): IWidget[] => {
  const sum = { statistic: 'Sum', period: FIVE_MINUTES } as const;
  const checked = (name: Parameters<Figures['of']>[1], label: string, color?: string) =>
    labelled(figures.of('account-check', name, sum), label, color);
  return [
    graph('Sold for their owners', 8, [
      checked('ProtectionFired', 'rules that fired', BLUE),
      checked('ProtectionFailed', 'not sold', RED),
      checked('SaleMadeGood', 'owed sales made good', GREEN),
      checked('SaleStillOwed', 'still owed', GREY),
    ]),
    graph('Not watched, or not as it should be', 8, [
      checked('PositionUnjudged', 'not judged', RED),
      checked('DriftFound', 'drifts'),
      checked('KeyUnusable', 'keys that cannot be used'),
      checked('Standalone', 'left by their master', GREY),
    ]),
    graph('Exchange that fails an account', 8, [
      labelled(figures.of('copy-worker', 'CircuitOpened', sum), 'copies pause'),
      checked('CircuitOpened', 'checks begin to fail'),
      checked('CircuitStaysOpen', 'checks go on failing', RED),
    ]),
  ];
};
