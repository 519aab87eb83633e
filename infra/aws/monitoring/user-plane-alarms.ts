import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../functions/specs.ts';
import type { StageConfiguration } from '../configuration.ts';
import type { AlarmDefinition } from './alarm.ts';
import { FIVE_MINUTES, MINUTE, sumOf } from './counting.ts';
import { crashedAlarm } from './function-alarms.ts';
import { figuresOf } from './metrics.ts';

/** Percent of a limit on executions at which there is still time to raise it. */
const NEAR_LIMIT = 80;

/** Whose figures tell of a key that can withdraw, of a drift, of a halt. */
const KEY_READERS = [
  'register-user',
  'register-master',
  'account-check',
] as const satisfies readonly FunctionName[];
const DRIFT_FINDERS = ['exit', 'copy-worker', 'account-check'] as const satisfies readonly FunctionName[];
/** Who connects with users' keys: each hears how their exchange answers. */
const CONNECTORS = [
  'copy-worker',
  'account-check',
  'exit',
  'balance',
  'adopt',
] as const satisfies readonly FunctionName[];
const BUYERS = ['copy-worker', 'master-tick', 'account-check'] as const satisfies readonly FunctionName[];
const HALT_READERS = [
  'control',
  'copy-worker',
  'master-tick',
  'account-check',
] as const satisfies readonly FunctionName[];

/** Nobody is told twice of an alarm that stays on: it is raised for as long as the figure keeps coming. */
export const userPlaneAlarms = ({ stage, checkSchedule }: StageConfiguration) => {
  const figures = figuresOf(stage);
  // An account that only its checks connect may be heard of as seldom as these come.
  const failing = Duration.minutes(Math.max(15, checkSchedule.minutes));

  const nearReserved = (name: 'exit' | 'balance', fn: IFunction, reserved: number | undefined) =>
    reserved === undefined
      ? []
      : [
          {
            id: `${name}-near-its-concurrency`,
            metric: fn.metric('ConcurrentExecutions', { statistic: 'Maximum', period: MINUTE }),
            threshold: Math.max(1, Math.ceil((reserved * NEAR_LIMIT) / 100)),
            periods: 5,
            datapoints: 2,
            noData: 'fine',
            means: `${name} uses four fifths of the ${reserved} executions that are reserved for it; above them its calls are refused.`,
            first: `raise reservedConcurrency.${name} of this stage in stages.json and deploy the user plane.`,
          } satisfies AlarmDefinition,
        ];

  return {
    exit: (fn: IFunction, reserved: number | undefined): readonly AlarmDefinition[] => [
      {
        id: 'exit-failed',
        ...sumOf('exits that did not end flat', [
          ...figures.each('ExitFailed', 'exit', 'account-check'),
          fn.metricErrors(),
        ])
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means: 'An exit did not end flat: somebody wanted out and still holds something.',
        first:
          'find it in the log of exit or account-check (it names account, request and symbol, and why), then press the same test event of exit again: an exit that is not flat goes on where it stopped and sells nothing twice.',
      },
      ...nearReserved('exit', fn, reserved),
    ],
    balance: (fn: IFunction, reserved: number | undefined): readonly AlarmDefinition[] => [
      {
        id: 'balance-failed',
        ...sumOf('balances that could not be read', [
          ...figures.each('BalanceFailed', 'balance'),
          fn.metricErrors(),
        ])
          .over(FIVE_MINUTES)
          .atLeast(3),
        means: 'Balances could not be read, three or more in five minutes. No balance is shown as 0 for it.',
        first:
          'read the codes in the log of balance. All accounts at once: the exchange is down or its address is wrong. One account: its key was revoked or has expired; ask its owner to rotate it.',
      },
      ...nearReserved('balance', fn, reserved),
    ],
    control: (fn: IFunction): readonly AlarmDefinition[] => [
      crashedAlarm('control', fn, {
        tellsAtOnce: true,
        means: 'A switch could not be set or read: a halt that somebody wanted may not be in force.',
        first: `run control with {"action":"status"} and set the switch again. If the table cannot be written at all, pause the masters' schedules in EventBridge Scheduler: then nothing new is bought.`,
      }),
    ],
    account: (): readonly AlarmDefinition[] => [
      {
        id: 'key-can-withdraw',
        ...sumOf('keys that can withdraw', figures.each('KeyCanWithdraw', ...KEY_READERS))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          'An API key that can withdraw money was met: whoever steals it can empty the account. A registration refuses such a key; an account whose key came to it later is set exit-only by its daily check.',
        first:
          'find the account in the log, have its owner delete this key at the exchange and make one that can only query and trade, then rotate it (docs/deploy.md).',
      },
      {
        id: 'drift-found',
        ...sumOf('positions that the exchange does not hold', figures.each('DriftFound', ...DRIFT_FINDERS))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          'The ledger says that an account holds more than its exchange does. Only what is held is sold. A check tells a difference once, and again when it grows.',
        first:
          "the log names account, symbol, both figures and, from a check, why it is left so. Ask the owner whether coins were sold or moved by hand; if nobody did, halt buying and compare the account's orders at the exchange with the ledger's.",
      },
      {
        id: 'halt-engaged',
        ...sumOf('BUYs stopped by the halt', figures.each('HaltEngaged', ...HALT_READERS))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means: 'Buying is halted for all accounts. Selling, exits and balances go on.',
        first:
          'run control with {"action":"status"}: it says who halted, when and why. When the reason is gone, run control with action resume.',
      },
      {
        id: 'runaway-tripped',
        ...sumOf('trips of the breaker over all accounts', figures.each('RunawayTripped', ...BUYERS))
          .over(FIVE_MINUTES)
          .atLeast(1),
        tellsAtOnce: true,
        means:
          'All accounts together bought more within minutes than they may, and all buying has stopped until somebody resumes. Selling, exits and balances go on.',
        first:
          'run control with {"action":"status"}: it says by how much, when and by whose BUY. Look at the last trades of the masters: is it a runaway, or more followers than the limits were made for? Then resume, or raise them (set-runaway-limits) and resume.',
      },
      {
        id: 'exchange-failing',
        ...sumOf('accounts whose exchange goes on failing', figures.each('CircuitStaysOpen', ...CONNECTORS))
          .over(failing)
          .atLeast(1),
        periods: 2,
        means: `The exchange of an account, or the way to it, failed five times in a row and has gone on failing for ${2 * failing.toMinutes()} minutes: the account's BUYs pause. Sales and exits are tried each time.`,
        first:
          "the log names account and code. Many accounts: see the exchange's status page. One alone: LOCKED_OUT means that its key is used elsewhere, too. It ends by itself with the first answer; who must get out sells at the exchange.",
      },
      {
        id: 'concurrency-near-limit',
        metric: new MathExpression({
          expression: '100 * claimed / SERVICE_QUOTA(used)',
          usingMetrics: {
            claimed: new Metric({
              namespace: 'AWS/Lambda',
              metricName: 'ClaimedAccountConcurrency',
              statistic: 'Maximum',
              period: MINUTE,
            }),
            used: new Metric({
              namespace: 'AWS/Lambda',
              metricName: 'ConcurrentExecutions',
              statistic: 'Maximum',
              period: MINUTE,
            }),
          },
          label: "percent of the account's concurrent executions",
          period: MINUTE,
        }),
        threshold: NEAR_LIMIT,
        periods: 5,
        datapoints: 3,
        noData: 'fine',
        means:
          "Four fifths of the AWS account's concurrent executions in this region are taken. At the limit exits are refused, too, unless executions are reserved for them.",
        first:
          'ask AWS for a higher limit (Service Quotas, Lambda, Concurrent executions), then set reservedConcurrency in stages.json. Until then lower copyWorkers.',
      },
    ],
  };
};
