import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SECRET_READERS } from '../../functions/specs.ts';
import { NijaFunction } from '../constructs/nija-function.ts';
import { functionArn } from '../function-arn.ts';
import type { RaisedAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { OPERATORS_ALARMS } from '../names.ts';
import type { PlaneProps } from './plane.ts';

/** What operators look at. It only reads, of masters and of users; nothing that guards money needs it. */
export class OperatorsStack extends Stack {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, { configuration, data, code, ...props }: PlaneProps) {
    super(scope, id, props);
    const { stage, checkSchedule } = configuration;
    const view = new NijaFunction(this, 'View', {
      configuration,
      data,
      code,
      name: 'view',
      description: 'Answers what operators ask of the ledger: states, positions, trades, copies, findings.',
      variables: {
        NIJA_CHECK_MINUTES: String(checkSchedule.minutes),
        NIJA_SECRET_READERS: JSON.stringify(SECRET_READERS),
        NIJA_COPY_DEAD_LETTERS_URL: data.copyDeadLetters.queueUrl,
        NIJA_CHECK_DEAD_LETTERS_URL: data.checkDeadLetters.queueUrl,
        NIJA_TRADE_DEAD_LETTERS_URL: data.tradeDeadLetters.queueUrl,
        NIJA_SCHEDULE_DEAD_LETTERS_URL: data.scheduleDeadLetters.queueUrl,
      },
      monitoring: { noAlarmsBecause: 'whoever looks sees that it does not answer, and why' },
    });
    const givenUp = [
      data.copyDeadLetters,
      data.checkDeadLetters,
      data.tradeDeadLetters,
      data.scheduleDeadLetters,
    ];
    // How many messages lie there; it receives none of them.
    for (const queue of givenUp) queue.grant(view.function, 'sqs:GetQueueAttributes');
    const statement = new NijaFunction(this, 'Statement', {
      configuration,
      data,
      code,
      name: 'statement',
      description: "States an account's month: profit, fees, flows, distance to its master. Only reads.",
      monitoring: {
        noAlarmsBecause: 'called by hand; what it cannot state, and why, is the answer to whoever calls',
      },
    });
    const dashboard = new NijaFunction(this, 'Dashboard', {
      configuration,
      data,
      code,
      name: 'dashboard',
      description: 'The page of all accounts, as a widget of the dashboard. Only reads.',
      variables: {
        NIJA_CHECK_MINUTES: String(checkSchedule.minutes),
        // Its buttons name it to the console, which calls it with the rights of whoever presses.
        NIJA_EXIT_FUNCTION: functionArn(this, stage, 'exit'),
      },
      monitoring: { noAlarmsBecause: 'whoever looks sees what cannot be read, and why' },
    });
    this.alarms = [...dashboard.alarms, ...view.alarms, ...statement.alarms];
    compositeOf(
      this,
      stage,
      {
        name: OPERATORS_ALARMS,
        means: 'What operators look at does not answer as it should. Nothing of users depends on it.',
      },
      this.alarms,
      data.alarmTopic,
    );
  }
}
