import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { NOTICED_CHANGES } from '../../../shared/notification/dynamodb/changes.ts';
import { acknowledge } from '../constructs/acknowledged.ts';
import { NijaFunction } from '../constructs/nija-function.ts';
import { type RaisedAlarm, raiseAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { notifyAlarms } from '../monitoring/notify-alarms.ts';
import { NOTIFY_ALARMS, stageName } from '../names.ts';
import { channelsVariable, type EmailChannel } from '../notify/channels.ts';
import type { PlaneProps } from './plane.ts';

/** How long the stream is held for notices that cannot be kept. */
const TRIES_FOR = Duration.hours(6);
const CHANGES_AT_ONCE = 100;
/** Changes that come together are kept together. */
const GATHERED_WITHIN = Duration.seconds(2);

/** Tells people what happens. It reads the ledger's stream and the alarms; nothing waits for it or trades by it. */
export class NotifyStack extends Stack {
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, { configuration, data, code, ...props }: PlaneProps) {
    super(scope, id, props);
    const { stage, notify: channels, keepData } = configuration;
    const watch = notifyAlarms(stage);
    const deadLetters = new Queue(this, 'DeadLetters', {
      queueName: stageName(stage, 'notify-dead-letters'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Not where the first deployment fails: its name would stop the next one.
      removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    acknowledge(deadLetters, 'SQS3', 'It is where the event source puts what it gave up; nothing reads it.');

    const topicName = ({ id: channel }: EmailChannel): string => stageName(stage, `notices-${channel}`);
    const topics = channels
      .filter((channel) => channel.kind === 'email')
      .map((channel) => {
        const topic = new Topic(this, `Notices-${channel.id}`, {
          topicName: topicName(channel),
          displayName: `Nija ${stage}`,
          enforceSSL: true,
        });
        for (const address of channel.addresses) topic.addSubscription(new EmailSubscription(address));
        return topic;
      });

    const notify = new NijaFunction(this, 'Notify', {
      configuration,
      data,
      code,
      name: 'notify',
      description: 'Tells people what happens: copies that failed, exits, stops, halts, keys, alarms.',
      variables: {
        NIJA_NOTIFY_CHANNELS: channelsVariable(channels, (channel) =>
          this.formatArn({ service: 'sns', resource: topicName(channel) }),
        ),
      },
      // The same alarm again is told once.
      retryAttempts: 2,
      monitoring: { alarms: (fn) => watch.notify(fn, deadLetters) },
    });
    if (topics.length > 0)
      notify.function.addToRolePolicy(
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ['sns:Publish'],
          resources: topics.map(({ topicArn }) => topicArn),
        }),
      );
    notify.function.addEventSource(
      new DynamoEventSource(data.table, {
        // What happened before there was anybody to tell is not told.
        startingPosition: StartingPosition.LATEST,
        filters: NOTICED_CHANGES.map((change) => FilterCriteria.filter({ ...change })),
        batchSize: CHANGES_AT_ONCE,
        maxBatchingWindow: GATHERED_WITHIN,
        bisectBatchOnError: true,
        maxRecordAge: TRIES_FOR,
        onFailure: new SqsDlq(deadLetters),
      }),
    );
    // The topic and its e-mail stay as they are: whoever is told by it is told without us, too.
    data.alarmTopic.addSubscription(new LambdaSubscription(notify.function));

    const groupName = stageName(stage, 'notices');
    const group = new ScheduleGroup(this, 'Schedules', {
      scheduleGroupName: groupName,
      // It holds nothing but the schedule; kept, its name would stop the stack from being made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const scheduler = new Role(this, 'Scheduler', {
      roleName: stageName(stage, 'notify-scheduler'),
      description: 'What the schedule of notices may do: start notify',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    });
    notify.function.grantInvokeLatestVersion(scheduler);
    new Schedule(this, 'Schedule', {
      scheduleName: stageName(stage, 'notices'),
      description: 'Sends what was gathered, and tries again what did not arrive',
      scheduleGroup: group,
      schedule: ScheduleExpression.expression('rate(1 minute)'),
      target: new LambdaInvoke(notify.function, {
        // Its own grants would include every version of the function.
        role: scheduler.withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject({ flush: true }),
        // The next minute sends the same.
        maxEventAge: Duration.minutes(1),
        retryAttempts: 0,
      }),
    });

    this.alarms = [
      ...notify.alarms,
      raiseAlarm(this, watch.schedule(groupName), { stage, audience: 'notify', topic: data.alarmTopic }),
    ];
    compositeOf(
      this,
      stage,
      {
        name: NOTIFY_ALARMS,
        means: 'Somebody may not be told what happens. Nothing else depends on it.',
      },
      this.alarms,
      data.alarmTopic,
    );
  }
}
