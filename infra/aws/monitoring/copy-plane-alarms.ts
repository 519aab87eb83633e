import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarm.ts';
import { ageIn, FIVE_MINUTES, MINUTE, sumOf } from './counting.ts';
import { figuresOf } from './metrics.ts';

/** Alarms for which a new version is taken back: those that one account's trouble does not raise. */
export const ROLLED_BACK_FOR: ReadonlySet<string> = new Set([
  'trade-copier-throttled',
  'trade-copier-errors',
  'trades-late',
  'copy-worker-throttled',
  'copy-worker-errors',
]);

/** Seconds; a BUY is not executed any more when its trade is two minutes old. */
const LATE_SECONDS = 60;

export const copyPlaneAlarms = (stage: string) => {
  const figures = figuresOf(stage);
  return {
    copier: (fn: IFunction): readonly AlarmDefinition[] => [
      {
        id: 'trades-late',
        metric: fn.metric('IteratorAge', { statistic: 'Maximum', period: MINUTE }),
        // There is a figure only where trades were handed on: one late trade makes one.
        threshold: LATE_SECONDS * 1_000,
        noData: 'fine',
        tellsAtOnce: true,
        means:
          "Trades wait in the ledger's stream for more than a minute before they are handed to followers. BUYs will end as STALE; SELLs come late.",
        first:
          'find the error in the log of trade-copier. It tries for six hours, then gives the trade up to the queue trades-dead-letters. If followers must not wait, exit them.',
      },
      {
        id: 'trade-copier-errors',
        ...sumOf('trades that could not be handed on', [
          ...figures.each('FanOutFailed', 'trade-copier'),
          fn.metricErrors(),
        ])
          .over(FIVE_MINUTES)
          .atLeast(1),
        means:
          'A trade could not be handed to its followers; it is tried again, and later trades wait for it.',
        first:
          'read the error in the log of trade-copier: usually the table or the queue refused requests for a moment. Watch the alarm trades-late: it tells whether it went on.',
      },
    ],
    worker: (fn: IFunction, queue: IQueue): readonly AlarmDefinition[] => [
      {
        id: 'copies-failed',
        // What the queue gave up is run again with the account's check.
        ...sumOf('copies that failed', [...figures.each('CopyFailed', 'copy-worker', 'account-check')])
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          'A copy ended FAILED. A failed BUY costs nothing; after a failed SELL its account still holds what the master has sold.',
        first:
          "find account, side and reason in the log of copy-worker or account-check. A SELL is tried again with every check; if it cannot wait, exit the account's symbol (test event Exit-one-symbol). Then see to the reason, which the runbook lists.",
      },
      {
        id: 'copy-worker-errors',
        ...sumOf('copies left for another delivery', [
          ...figures.each('CopyUnfinished', 'copy-worker'),
          fn.metricErrors(),
        ])
          .over(FIVE_MINUTES)
          .atLeast(3),
        means:
          'Copies could not be finished and wait for their next delivery, six minutes later; after five they go to copies-dead-letters.',
        first:
          'read the error in the log of copy-worker. One account only: its secret or key. All: the exchange, or a deployment (it rolls back by itself while it is watched).',
      },
      {
        id: 'copies-slow',
        metric: figures.of('copy-worker', 'CopyOrderLatency', { statistic: 'p99', period: FIVE_MINUTES }),
        threshold: 30_000,
        noData: 'fine',
        means:
          "One copy in a hundred takes more than 30 s from the master's fill to the user's order, and prices move on.",
        first:
          'look at the dashboard: a rising age of the oldest message means too few workers (raise copyWorkers in stages.json); otherwise the exchange answers slowly.',
      },
      {
        id: 'copies-waiting',
        ...ageIn(queue).atLeast(2 * LATE_SECONDS),
        periods: 3,
        datapoints: 2,
        tellsAtOnce: true,
        means:
          'The oldest copy has waited for more than two minutes: BUYs of this age are not executed any more.',
        first:
          "look whether copy-worker runs at all (throttles, errors) and at how many accounts wait. One account's own failures delay nobody else; many need more copyWorkers in stages.json.",
      },
    ],
  };
};
