import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StageConfiguration } from '../configuration.ts';
import type { AlarmDefinition } from './alarm.ts';
import { ageIn, FIVE_MINUTES, QUARTER_HOUR, refusedCallsOf, sumOf } from './counting.ts';
import { crashedAlarm } from './function-alarms.ts';
import { figuresOf } from './metrics.ts';

/** Periods without one check that succeeded, of all accounts, after which nobody watches them. */
const MISSED_CHECKS = 3;
/** Failures within a quarter of an hour; fewer are of an account or two, and other alarms tell of these. */
const MANY_FAILURES = 3;

/** Whether users' accounts are being checked at all, and whether the checks succeed. */
export const checkAlarms = ({ stage, checkSchedule }: StageConfiguration) => {
  const figures = figuresOf(stage);
  const period = Duration.minutes(checkSchedule.minutes);
  return {
    dispatcher: (fn: IFunction): readonly AlarmDefinition[] => [
      crashedAlarm('check-dispatcher', fn, {
        means:
          'The checks of some or all accounts could not be handed to their queue. Two more tries follow within three minutes, unless the next slot comes first.',
        first:
          'read the error in the log of check-dispatcher: usually the table or the queue refused requests for a moment. Watch the alarm checks-missing: it tells whether checks go on.',
      }),
    ],
    check: (fn: IFunction, queue: IQueue): readonly AlarmDefinition[] => [
      {
        id: 'checks-missing',
        metric: sumOf('checks that succeeded', [
          ...figures.each('CheckCompleted', 'account-check'),
          // A stage without users has nothing to check, and says so.
          ...figures.each('NoAccountToCheck', 'check-dispatcher'),
        ]).over(period).metric,
        threshold: 1,
        below: true,
        periods: MISSED_CHECKS,
        noData: 'alarm',
        tellsAtOnce: true,
        means: `No check of any account has succeeded in ${MISSED_CHECKS} periods (${checkSchedule.expression}): stop losses, unfinished sales and drift are not watched. Exits and balances work.`,
        first:
          'look in the log of account-check. No lines at all: is the schedule on (EventBridge Scheduler), does check-dispatcher run? Errors in every check: the exchange, or a deployment; deploy the user plane again.',
      },
      {
        id: 'checks-failed',
        ...sumOf('steps of checks that failed', [
          ...figures.each('CheckFailed', 'account-check'),
          // Of a copy that was given up, and that a check runs again.
          ...figures.each('CopyUnfinished', 'account-check'),
          fn.metricErrors(),
        ])
          .over(QUARTER_HOUR)
          .atLeast(MANY_FAILURES),
        means: `Steps of account checks failed, ${MANY_FAILURES} or more in a quarter of an hour. The other steps of the same checks were done.`,
        first:
          'read account, step and code in the log of account-check. One account: its secret or key (rotate it). One step of all: a deployment. All: the exchange.',
      },
      {
        id: 'checks-waiting',
        ...ageIn(queue).atLeast(Duration.minutes(20).toSeconds()),
        periods: 3,
        datapoints: 2,
        means:
          'The oldest check has waited for more than 20 minutes, longer than an account needs whose exchange fails: there are too few workers, or none runs.',
        first:
          'see whether account-check runs at all (throttles, errors). If it does, raise checkWorkers in stages.json and deploy the user plane, or check less often (checkSchedule).',
      },
    ],
    accounts: (): readonly AlarmDefinition[] => [
      {
        id: 'key-unusable',
        ...sumOf('keys that cannot be used', figures.each('KeyUnusable', 'account-check'))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          "An account's key or secret cannot be used: its stops are not watched, its copies fail, and it cannot exit through Nija. Told once for each account and reason.",
        first:
          'the log of account-check names account, code and what to do (todo). Tell its owner now: positions can be sold at the exchange; then rotate the key (docs/deploy.md).',
      },
      {
        id: 'protection-failed',
        ...sumOf('positions that could not be protected', figures.each('ProtectionFailed', 'account-check'))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          "A position could not be protected: its owner's rules could not be judged, or what they sell was not sold. It is tried again within minutes, and nothing is sold twice.",
        first:
          'the log of account-check names account, symbol and why. If it stays, exit the symbol (test event Exit-one-symbol), or have its owner sell it at the exchange.',
      },
      {
        id: 'positions-unjudged',
        ...sumOf('positions that nobody judged', figures.each('PositionUnjudged', 'account-check'))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          "An account's position, or its equity, could not be judged at two checks in a row or more: no stop of it fires. Each check tells it again until it can.",
        first:
          'the log of account-check names account, symbol and why: no price, no cost, or an order whose end is not known. If it does not pass, exit the symbol (test event Exit-one-symbol), or have its owner sell it at the exchange.',
      },
      {
        id: 'sales-owed',
        ...sumOf('sales that are owed', [
          ...figures.each('SaleOwed', 'copy-worker', 'account-check'),
          ...figures.each('SaleStillOwed', 'account-check'),
        ])
          .over(QUARTER_HOUR)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          'An account still holds what its master has sold: the copied SELL failed. Every check tries it again, until it is sold or nothing is held.',
        first:
          'find account, symbol and reason in the log of copy-worker and account-check. If it cannot wait, exit the symbol (test event Exit-one-symbol); then see to the reason, which the runbook lists.',
      },
    ],
    schedules: (scheduleGroup: string): readonly AlarmDefinition[] => [
      {
        id: 'check-schedule-failing',
        ...refusedCallsOf(scheduleGroup).atLeast(1),
        means: 'The scheduler calls check-dispatcher and Lambda turns it away, so accounts are not checked.',
        first:
          'see whether check-dispatcher is throttled (its alarm) or was deleted; deploying the user plane again restores function and permission.',
      },
    ],
  };
};
