import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { LEDGER_GLOBAL_INDEXES } from '../../../shared/ledger/dynamodb/table.ts';
import type { AlarmDefinition } from './alarm.ts';
import { MINUTE, messagesIn, sumOf } from './counting.ts';

/** CloudWatch counts an index's throttles under the index's own dimension, not under the table's. */
const throttles = (table: ITableV2, event: 'ReadThrottleEvents' | 'WriteThrottleEvents') =>
  [undefined, ...LEDGER_GLOBAL_INDEXES.map(({ name }) => name)].map(
    (index) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: event,
        dimensionsMap: {
          TableName: table.tableName,
          ...(index === undefined ? {} : { GlobalSecondaryIndexName: index }),
        },
      }),
  );

export const tableAlarms = (table: ITableV2): readonly AlarmDefinition[] => {
  const metrics = [...throttles(table, 'ReadThrottleEvents'), ...throttles(table, 'WriteThrottleEvents')];
  return [
    {
      id: 'ledger-throttles',
      ...sumOf('throttled reads and writes', metrics).over(MINUTE).atLeast(1),
      periods: 5,
      datapoints: 2,
      means:
        'DynamoDB turned requests of the ledger away, on the table or an index. Functions try again, so orders come later; nothing is lost by it.',
      first:
        "look at the table's consumed capacity. A burst right after many users were added passes by itself; if it stays, warm the table (DynamoDB, Additional settings, warm throughput) to twice its peak.",
    },
  ];
};

/** Alarms on what was given up. */
export const deadLetterAlarm = {
  copies: (queue: Queue): AlarmDefinition => ({
    id: 'copies-dead-letters',
    ...messagesIn(queue).atLeast(1),
    tellsAtOnce: true,
    means:
      'A copy failed in each of its deliveries and was given up; its account may hold what its master has sold. The message names account and trade.',
    first: `find the account's errors in the log of copy-worker, remove their cause, then press "Start DLQ redrive" on this queue: a late BUY ends as STALE, a late SELL sells. If the account cannot wait, exit it.`,
  }),
  checks: (queue: Queue): AlarmDefinition => ({
    id: 'checks-dead-letters',
    ...messagesIn(queue).atLeast(1),
    tellsAtOnce: true,
    means:
      "An account's check failed in each of its deliveries: its stops and its unfinished sales may not be watched. The message names the account; its next check tries again by itself.",
    first: `run account-check's test event "Check" for this account: the answer names what fails. Remove its cause, press again, and purge this queue; old checks are not worth a redrive. If the account cannot wait, exit it.`,
  }),
  trades: (queue: Queue): AlarmDefinition => ({
    id: 'trades-dead-letters',
    ...messagesIn(queue).atLeast(1),
    tellsAtOnce: true,
    means:
      'Trades of a master could not be handed to its followers and the stream went on without them. Followers may hold what the master has sold.',
    first: `find the error in the log of trade-copier, remove its cause, then run trade-copier's test event "Redrive-trades" for the time that the message names. What was copied already is not copied again. Delete the message afterwards.`,
  }),
  schedules: (queue: Queue): AlarmDefinition => ({
    id: 'schedules-dead-letters',
    ...messagesIn(queue).atLeast(1),
    means: 'The scheduler could not start a tick even after its retries. Users are not affected.',
    first:
      'read the message: its attributes name the error. Usually the function is throttled or its permission is gone; deploy the master plane again. Old ticks are not worth a redrive: purge the queue.',
  }),
} as const;
