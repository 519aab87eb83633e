import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../configuration.ts';
import { type RaisedAlarm, raiseAlarm } from '../monitoring/alarm.ts';
import { checkAlarms } from '../monitoring/check-alarms.ts';
import { stageName } from '../names.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { type FunctionCode, NijaFunction } from './nija-function.ts';

export interface AccountChecksProps {
  readonly configuration: StageConfiguration;
  readonly data: DataStack;
  readonly code: FunctionCode;
}

/** The schedule that has every user's account checked: a message for each, and a group of its own in the queue. */
export class AccountChecks extends Construct {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, props: AccountChecksProps) {
    super(scope, id);
    const { configuration, data } = props;
    const { stage, checkSchedule, checkWorkers } = configuration;
    const watch = checkAlarms(configuration);

    const dispatcher = new NijaFunction(this, 'CheckDispatcher', {
      ...props,
      name: 'check-dispatcher',
      description: "Sends one message for each user's account, so that each is checked by itself.",
      // The same slot again sends nothing twice.
      retryAttempts: 2,
      // As the schedule: what waited longer has been overtaken.
      maxEventAge: Duration.minutes(checkSchedule.minutes),
      monitoring: { alarms: watch.dispatcher },
    });
    const check = new NijaFunction(this, 'AccountCheck', {
      ...props,
      name: 'account-check',
      description: "Checks one user's account: stops, reconciliation, unfinished sales, snapshot, key.",
      monitoring: { alarms: (fn) => watch.check(fn, data.checkQueue) },
    });
    check.function.addEventSource(
      new SqsEventSource(data.checkQueue, {
        batchSize: 1,
        maxConcurrency: checkWorkers,
        reportBatchItemFailures: true,
      }),
    );

    const groupName = stageName(stage, 'checks');
    const group = new ScheduleGroup(this, 'Schedules', {
      scheduleGroupName: groupName,
      // It holds nothing but the schedule; kept, its name would stop the stack from being made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const scheduler = new Role(this, 'Scheduler', {
      roleName: stageName(stage, 'check-scheduler'),
      description: 'What the schedule of checks may do: start check-dispatcher',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    dispatcher.function.grantInvokeLatestVersion(scheduler);
    new Schedule(this, 'Schedule', {
      scheduleName: stageName(stage, 'checks'),
      description: "Checks of all users' accounts",
      scheduleGroup: group,
      schedule: ScheduleExpression.expression(checkSchedule.expression),
      target: new LambdaInvoke(dispatcher.function, {
        // Its own grants would include every version of the function.
        role: scheduler.withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject({ slot: ContextAttribute.scheduledTime }),
        // A slot that is older than a period has been overtaken by the next one; nothing of it is worth keeping.
        maxEventAge: Duration.minutes(checkSchedule.minutes),
        retryAttempts: 2,
      }),
    });

    const alarmScope = { stage, audience: 'user', topic: data.alarmTopic } as const;
    this.alarms = [
      ...[dispatcher, check].flatMap(({ alarms }) => alarms),
      ...[...watch.accounts(), ...watch.schedules(groupName)].map((definition) =>
        raiseAlarm(this, definition, alarmScope),
      ),
    ];
  }
}
