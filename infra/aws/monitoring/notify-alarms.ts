import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarm.ts';
import { FIVE_MINUTES, MINUTE, messagesIn, refusedCallsOf, sumOf } from './counting.ts';
import { crashedAlarm } from './function-alarms.ts';
import { figuresOf } from './metrics.ts';

/** Notices that are older are told late. */
const LATE_MS = 10 * 60 * 1_000;

/** Whether people are told. All by e-mail: that needs nothing of what these are about. */
export const notifyAlarms = (stage: string) => {
  const figures = figuresOf(stage);
  return {
    notify: (fn: IFunction, deadLetters: IQueue): readonly AlarmDefinition[] => [
      {
        id: 'notify-undelivered',
        ...sumOf('messages that were given up', [...figures.each('NoticeUndelivered', 'notify')])
          .over(FIVE_MINUTES)
          .atLeast(1),
        means:
          'A channel did not take a message, in up to eight tries over an hour. The other channels were told, and nothing that Nija does waits for it.',
        first:
          'run the test event "What-was-not-told" of notify: it names channel, reason and what it was about. Correct the address (docs/notices.md), then run "Send-a-test".',
      },
      crashedAlarm('notify', fn, {
        means:
          'Notices could not be kept or sent for a moment; what is kept is sent with the next minute, what is not is delivered again for six hours.',
        first:
          'read the error in the log of notify: usually the table refused requests for a moment. Watch the alarm notify-late: it tells whether it went on.',
      }),
      {
        id: 'notify-unread',
        ...sumOf('records that could not be read', [...figures.each('NoticeUnread', 'notify')])
          .over(FIVE_MINUTES)
          .atLeast(1),
        means: 'Something happened that notify could not read, so nobody was told of it. All else is told.',
        first:
          'read the error in the log of notify: it names the fields. After a deployment of one stack alone, deploy the others, too.',
      },
      {
        id: 'notify-late',
        metric: fn.metric('IteratorAge', { statistic: 'Maximum', period: MINUTE }),
        threshold: LATE_MS,
        periods: 3,
        datapoints: 2,
        noData: 'fine',
        means: "What happened waits in the ledger's stream for more than ten minutes before it is told.",
        first:
          'read the errors in the log of notify. Until it goes on, look at the dashboard and at the alarms by themselves.',
      },
      {
        id: 'notify-dead-letters',
        ...messagesIn(deadLetters).atLeast(1),
        means: 'Changes of the ledger could not be kept as notices for six hours, and were given up.',
        first:
          'the message names when. Read the errors of that time in the log of notify; look at the accounts themselves for what happened then. Delete the message afterwards.',
      },
    ],
    schedule: (group: string): AlarmDefinition => ({
      id: 'notify-schedule-failing',
      ...refusedCallsOf(group).atLeast(1),
      periods: 3,
      means: 'The scheduler calls notify and Lambda turns it away, so what is gathered is told late.',
      first:
        'see whether notify is throttled (its alarm) or was deleted; deploying its stack again restores function and permission.',
    }),
  };
};
