import { describe, expect, test } from 'vitest';
import { FUNCTION_SPECS } from '../../../infra/functions/specs.ts';
import { LEDGER_EXPIRY, ledgerTable } from '../../../shared/ledger/dynamodb/table.ts';
import { FULL as EVERYTHING, synthesised } from './synthesised.ts';

/** Channels have queues and topics of their own, in their own stack. */
const FULL = { ...EVERYTHING, notify: [] } as const;

const stage = synthesised(FULL);
const [table] = stage.all('AWS::DynamoDB::GlobalTable');
const queues = stage.all('AWS::SQS::Queue');
const queueNamed = (name: string) => stage.one('AWS::SQS::Queue', 'QueueName', name).properties;

describe('the ledger', () => {
  test('has the keys and indexes that the code asks for, and no others', () => {
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, LocalSecondaryIndexes } =
      ledgerTable('nija-dev-ledger');

    expect(stage.all('AWS::DynamoDB::GlobalTable')).toHaveLength(1);
    expect(stage.all('AWS::DynamoDB::Table')).toEqual([]);
    expect(table?.properties).toMatchObject({
      TableName: 'nija-dev-ledger',
      AttributeDefinitions,
      KeySchema,
      GlobalSecondaryIndexes,
      LocalSecondaryIndexes,
    });
  });

  test('forgets by itself what says when, and nothing else', () => {
    expect(table?.properties['TimeToLiveSpecification']).toEqual({
      AttributeName: LEDGER_EXPIRY,
      Enabled: true,
    });
  });

  test('is paid by the request, streams both images, and is in one region', () => {
    expect(table?.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(table?.properties['Replicas']).toHaveLength(1);
  });

  test('can be restored to a point in time, cannot be deleted, and stays when its stack goes', () => {
    expect(table?.properties['Replicas']).toMatchObject([
      {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    ]);
    expect(table?.deletionPolicy).toBe('Retain');
  });

  test('goes with its stack only where the stage says that its data need not be kept', () => {
    const throwAway = synthesised({ keepData: false });
    const [own] = throwAway.all('AWS::DynamoDB::GlobalTable');

    expect(own?.deletionPolicy).toBe('Delete');
    expect(own?.properties['Replicas']).toMatchObject([{ DeletionProtectionEnabled: false }]);
    expect(throwAway.all('AWS::SQS::Queue').map(({ deletionPolicy }) => deletionPolicy)).toEqual(
      queues.map(() => 'Delete'),
    );
  });
});

describe('the queues', () => {
  test('are the checks and the copies, their dead letters, and those of trades and schedules', () => {
    expect(queues.map(({ properties }) => properties['QueueName']).sort()).toEqual([
      'nija-dev-checks-dead-letters.fifo',
      'nija-dev-checks.fifo',
      'nija-dev-copies-dead-letters.fifo',
      'nija-dev-copies.fifo',
      'nija-dev-schedules-dead-letters',
      'nija-dev-trades-dead-letters',
    ]);
  });

  test.each([
    'nija-dev-checks.fifo',
    'nija-dev-checks-dead-letters.fifo',
    'nija-dev-copies.fifo',
    'nija-dev-copies-dead-letters.fifo',
  ])('%s is FIFO by account, so that no account waits for another', (name) => {
    expect(queueNamed(name)).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
  });

  test('a copy that was given back is hidden for six times as long as its worker may run', () => {
    const sixTimes = (6 * FUNCTION_SPECS['copy-worker'].timeoutMs) / 1_000;

    expect(queueNamed('nija-dev-copies.fifo')['VisibilityTimeout']).toBe(sixTimes);
  });

  test('a check that was given back is hidden until its worker has surely ended, and for six minutes at most, since stops wait behind it', () => {
    const hidden = queueNamed('nija-dev-checks.fifo')['VisibilityTimeout'];

    expect(hidden).toBeGreaterThanOrEqual((3 * FUNCTION_SPECS['account-check'].timeoutMs) / 1_000);
    expect(hidden).toBeLessThanOrEqual(360);
  });

  test('a check that fails again goes to the dead letters, and one that waits for an hour is forgotten', () => {
    expect(queueNamed('nija-dev-checks.fifo')).toMatchObject({
      RedrivePolicy: {
        deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-checks-dead-letters.fifo',
        maxReceiveCount: 2,
      },
      MessageRetentionPeriod: 3_600,
    });
  });

  test('a copy that keeps failing goes to the dead letters, from where it can be redriven', () => {
    expect(queueNamed('nija-dev-copies.fifo')['RedrivePolicy']).toEqual({
      deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-copies-dead-letters.fifo',
      maxReceiveCount: 5,
    });
    // A redrive needs the same kind of queue, one source, and nobody who forbids it.
    expect(queueNamed('nija-dev-copies-dead-letters.fifo')['RedriveAllowPolicy']).toBeUndefined();
    expect(queueNamed('nija-dev-copies-dead-letters.fifo')['RedrivePolicy']).toBeUndefined();
  });

  test.each(
    queues.map(({ properties }) => String(properties['QueueName'])),
  )('%s keeps messages for its time, encrypted, stays when its stack goes, and speaks TLS only', (name) => {
    const { properties, deletionPolicy } = stage.one('AWS::SQS::Queue', 'QueueName', name);
    const policies = stage
      .all('AWS::SQS::QueuePolicy')
      .filter(({ properties: { Queues } }) => JSON.stringify(Queues).includes(`/${name}"`));

    const kept = name === 'nija-dev-checks.fifo' ? 3_600 : 14 * 86_400;
    expect(properties).toMatchObject({ MessageRetentionPeriod: kept, SqsManagedSseEnabled: true });
    expect(deletionPolicy).toBe('RetainExceptOnCreate');
    expect(policies.map(({ properties: { PolicyDocument } }) => PolicyDocument)).toMatchObject([
      {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            Resource: `arn:aws:sqs:eu-central-1:111122223333:${name}`,
          },
        ],
      },
    ]);
  });
});

describe('the alarm topic', () => {
  const subscriptionsOf = (own: typeof stage) =>
    own.all('AWS::SNS::Subscription').map(({ properties }) => properties);

  test('tells whom the stage names', () => {
    expect(subscriptionsOf(stage)).toEqual([
      {
        Protocol: 'email',
        Endpoint: 'ops@example.com',
        TopicArn: 'arn:aws:sns:eu-central-1:111122223333:nija-dev-alarms',
      },
    ]);
  });

  test('tells whom the context names instead', () => {
    const given = synthesised(FULL, 'dev', { alarmEmail: 'night@example.com' });

    expect(subscriptionsOf(given)).toMatchObject([{ Endpoint: 'night@example.com' }]);
  });

  test('has no subscription where nobody is named', () => {
    expect(subscriptionsOf(synthesised({}))).toEqual([]);
  });
});

test('the stack with the data cannot be deleted by mistake', () => {
  const { terminationProtection } = stage.stackNamed('nija-dev-data');

  expect(terminationProtection).toBe(true);
});
