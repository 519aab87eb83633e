import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { MINUTE } from '../../../shared/time/clock.ts';
import { NijaFunction } from '../constructs/nija-function.ts';
import { type RaisedAlarm, raiseAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { deadLetterAlarm } from '../monitoring/data-alarms.ts';
import { masterPlaneAlarms } from '../monitoring/master-plane-alarms.ts';
import { stageName } from '../names.ts';
import type { PlaneProps } from './plane.ts';

/** The masters of a stage, one schedule each. Without masters there is no such stack, and users lack nothing. */
export class MasterPlaneStack extends Stack {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, { configuration, data, code, ...props }: PlaneProps) {
    super(scope, id, props);
    const { stage, masters } = configuration;
    const common = { configuration, data, code };
    const watch = masterPlaneAlarms(configuration);

    const tick = new NijaFunction(this, 'MasterTick', {
      ...common,
      name: 'master-tick',
      description: "Evaluates a master's strategy, trades, and publishes the master's fills.",
      // A tick that failed is followed by the next; run late, it would only be in that one's way.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      monitoring: { alarms: watch.tick },
    });
    const register = new NijaFunction(this, 'RegisterMaster', {
      ...common,
      name: 'register-master',
      description: "Registers a master's account, changes its settings or rotates its key.",
      monitoring: {
        noAlarmsBecause: 'called by hand; what it refuses, and why, is the answer to whoever calls',
      },
    });

    const group = new ScheduleGroup(this, 'Schedules', {
      scheduleGroupName: stageName(stage, 'masters'),
      // It holds nothing but the schedules; kept, its name would stop the stack from being made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const scheduler = new Role(this, 'Scheduler', {
      roleName: stageName(stage, 'scheduler'),
      description: "What the masters' schedules may do: start master-tick, and say so where they could not",
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    });
    tick.function.grantInvokeLatestVersion(scheduler);
    data.scheduleDeadLetters.grantSendMessages(scheduler);
    for (const { accountId, schedule, paused } of masters) {
      new Schedule(this, `Schedule-${accountId}`, {
        scheduleName: stageName(stage, accountId),
        description: `Ticks of ${accountId}`,
        scheduleGroup: group,
        schedule: ScheduleExpression.expression(schedule.expression),
        enabled: !paused,
        target: new LambdaInvoke(tick.function, {
          // Its own grants would include every version of the function.
          role: scheduler.withoutPolicyUpdates(),
          input: ScheduleTargetInput.fromObject({
            accountId,
            scheduledAt: ContextAttribute.scheduledTime,
            periodMs: schedule.minutes * MINUTE,
          }),
          deadLetterQueue: data.scheduleDeadLetters,
          // A tick that is older than a period has been overtaken by the next one.
          maxEventAge: Duration.minutes(schedule.minutes),
          retryAttempts: 2,
        }),
      });
    }

    const alarmScope = { stage, audience: 'master', topic: data.alarmTopic } as const;
    this.alarms = [
      ...[tick, register].flatMap(({ alarms }) => alarms),
      ...[
        ...masters.flatMap(watch.ofMaster),
        ...watch.schedules(stageName(stage, 'masters')),
        deadLetterAlarm.schedules(data.scheduleDeadLetters),
      ].map((definition) => raiseAlarm(this, definition, alarmScope)),
    ];
    compositeOf(
      this,
      stage,
      {
        name: 'master-plane',
        means: 'Something is wrong with a master or its plane. Users still read balances and exit.',
      },
      this.alarms,
      data.alarmTopic,
    );
  }
}
