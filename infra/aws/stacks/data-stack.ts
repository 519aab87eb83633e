import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  LEDGER_EXPIRY,
  LEDGER_GLOBAL_INDEXES,
  LEDGER_KEYS,
  LEDGER_LOCAL_INDEXES,
  LEDGER_STREAM_VIEW,
} from '../../../shared/ledger/dynamodb/table.ts';
import { CHECK_DELIVERIES, CHECK_HIDDEN_MS, COPY_DELIVERIES, COPY_HIDDEN_MS } from '../../functions/specs.ts';
import type { StageConfiguration } from '../configuration.ts';
import { acknowledge } from '../constructs/acknowledged.ts';
import { type RaisedAlarm, raiseAlarm } from '../monitoring/alarm.ts';
import { compositeOf } from '../monitoring/composite.ts';
import { deadLetterAlarm, tableAlarms } from '../monitoring/data-alarms.ts';
import { stageName, USERS_ALARMS } from '../names.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** A check that waited for longer says nothing of the account any more; later ones wait behind it. */
const CHECKS_KEPT = Duration.hours(1);

/**
 * What outlives every deployment: the ledger, the queues with what is in them, and the alarm topic, whose
 * subscription somebody has confirmed.
 */
export class DataStack extends Stack {
  readonly table: ITableV2;
  readonly copyQueue: Queue;
  readonly copyDeadLetters: Queue;
  readonly checkQueue: Queue;
  readonly checkDeadLetters: Queue;
  /** Where the stream's trades go that the copier could not fan out. */
  readonly tradeDeadLetters: Queue;
  /** Where the scheduler's calls go that never reached a function. */
  readonly scheduleDeadLetters: Queue;
  readonly alarmTopic: Topic;
  readonly alarms: readonly RaisedAlarm[];

  constructor(scope: Construct, id: string, configuration: StageConfiguration, props: StackProps) {
    super(scope, id, props);
    const { stage, keepData } = configuration;
    const table = new TableV2(this, 'Ledger', {
      tableName: stageName(stage, 'ledger'),
      partitionKey: text(LEDGER_KEYS.partitionKey),
      sortKey: text(LEDGER_KEYS.sortKey),
      billing: Billing.onDemand(),
      globalSecondaryIndexes: LEDGER_GLOBAL_INDEXES.map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      localSecondaryIndexes: LEDGER_LOCAL_INDEXES.map((index) => ({
        indexName: index.name,
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.ALL,
      })),
      timeToLiveAttribute: LEDGER_EXPIRY,
      dynamoStream: StreamViewType[LEDGER_STREAM_VIEW],
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepData,
      removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // The library's own classes do not satisfy its interfaces where optional and undefined are told apart.
    this.table = table as ITableV2;

    const queue = (name: string, more: ConstructorParameters<typeof Queue>[2]): Queue =>
      new Queue(this, name, {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
        // Not where the first deployment fails: its name would stop the next one.
        removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
        ...more,
      });
    // Every account is a group of its own, so one that fails delays no other.
    const perAccount = {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    };
    this.copyDeadLetters = queue('CopyDeadLetters', {
      queueName: `${stageName(stage, 'copies-dead-letters')}.fifo`,
      ...perAccount,
    });
    this.copyQueue = queue('Copies', {
      queueName: `${stageName(stage, 'copies')}.fifo`,
      ...perAccount,
      visibilityTimeout: Duration.millis(COPY_HIDDEN_MS),
      deadLetterQueue: { queue: this.copyDeadLetters, maxReceiveCount: COPY_DELIVERIES },
    });
    this.checkDeadLetters = queue('CheckDeadLetters', {
      queueName: `${stageName(stage, 'checks-dead-letters')}.fifo`,
      ...perAccount,
    });
    this.checkQueue = queue('Checks', {
      queueName: `${stageName(stage, 'checks')}.fifo`,
      ...perAccount,
      retentionPeriod: CHECKS_KEPT,
      visibilityTimeout: Duration.millis(CHECK_HIDDEN_MS),
      deadLetterQueue: { queue: this.checkDeadLetters, maxReceiveCount: CHECK_DELIVERIES },
    });
    this.tradeDeadLetters = queue('TradeDeadLetters', {
      queueName: stageName(stage, 'trades-dead-letters'),
    });
    this.scheduleDeadLetters = queue('ScheduleDeadLetters', {
      queueName: stageName(stage, 'schedules-dead-letters'),
    });
    for (const deadLetters of [this.tradeDeadLetters, this.scheduleDeadLetters]) {
      acknowledge(deadLetters, 'SQS3', 'It is where an event source puts what it gave up; nothing reads it.');
    }

    this.alarmTopic = new Topic(this, 'Alarms', {
      topicName: stageName(stage, 'alarms'),
      displayName: `Nija ${stage}`,
      enforceSSL: true,
    });
    // A topic with a policy of its own has no other: without this, alarms could tell nobody.
    this.alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.alarmTopic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (configuration.alarmEmail !== undefined)
      this.alarmTopic.addSubscription(new EmailSubscription(configuration.alarmEmail));

    const user = { stage, audience: 'user', topic: this.alarmTopic } as const;
    this.alarms = [
      ...tableAlarms(this.table).map((definition) => raiseAlarm(this, definition, user)),
      raiseAlarm(this, deadLetterAlarm.copies(this.copyDeadLetters), user),
      raiseAlarm(this, deadLetterAlarm.checks(this.checkDeadLetters), user),
      raiseAlarm(this, deadLetterAlarm.trades(this.tradeDeadLetters), user),
    ];
    compositeOf(
      this,
      stage,
      { name: USERS_ALARMS.data, means: 'The ledger refuses requests, or something was given up.' },
      this.alarms,
    );
  }
}
