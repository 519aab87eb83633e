import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { zTickInput } from '../../../functions/master-tick/master-tick.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const zSchedule = z.looseObject({
  GroupName: z.string(),
  ScheduleExpression: z.string(),
  State: z.string(),
  FlexibleTimeWindow: z.object({ Mode: z.string() }),
  Target: z.looseObject({
    Arn: z.string(),
    Input: z.string(),
    RoleArn: z.string(),
    RetryPolicy: z.object({ MaximumEventAgeInSeconds: z.number(), MaximumRetryAttempts: z.number() }),
    DeadLetterConfig: z.object({ Arn: z.string() }),
  }),
});
const scheduleOf = (accountId: string) =>
  zSchedule.parse(stage.one('AWS::Scheduler::Schedule', 'Name', `nija-dev-${accountId}`).properties);

/** What the scheduler puts in: a moment in UTC, to the second. */
const DUE = '2026-11-21T04:05:00Z';

const MINUTES: Readonly<Record<string, number>> = { 'm-apex': 5, 'm-hand': 1, 'm-slow': 60 };

test('every master has one schedule, and nothing else of this plane has one', () => {
  const names = stage
    .all('AWS::Scheduler::Schedule')
    .filter(({ properties }) => properties['GroupName'] === 'nija-dev-masters')
    .map(({ properties }) => properties['Name']);

  expect(names.sort()).toEqual(FULL.masters.map(({ accountId }) => `nija-dev-${accountId}`).sort());
});

describe.each(FULL.masters)('the schedule of $accountId', ({ accountId, schedule, ...rest }) => {
  const found = scheduleOf(accountId);
  const minutes = MINUTES[accountId] ?? 0;

  test('is as configured, to the second, in the group of the stage', () => {
    expect(found).toMatchObject({
      GroupName: 'nija-dev-masters',
      ScheduleExpression: schedule,
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
  });

  test('rests exactly where the master is paused', () => {
    expect(found.State).toBe('paused' in rest ? 'DISABLED' : 'ENABLED');
  });

  test('starts master-tick with what it takes, once the scheduler has put the moment in', () => {
    const input: unknown = JSON.parse(found.Target.Input.replace('<aws.scheduler.scheduled-time>', DUE));

    expect(found.Target.Arn).toBe('arn:aws:lambda:eu-central-1:111122223333:function:nija-dev-master-tick');
    expect(zTickInput.parse(input)).toEqual({
      accountId,
      scheduledAt: DUE,
      periodMs: minutes * 60_000,
    });
  });

  test('gives a tick up when the next is due, and keeps what was given up', () => {
    expect(found.Target.RetryPolicy).toEqual({
      MaximumEventAgeInSeconds: minutes * 60,
      MaximumRetryAttempts: 2,
    });
    expect(found.Target.DeadLetterConfig.Arn).toBe(
      'arn:aws:sqs:eu-central-1:111122223333:nija-dev-schedules-dead-letters',
    );
  });
});

test('the scheduler may start master-tick and keep what it gave up, and nothing else', () => {
  const role = stage.one('AWS::IAM::Role', 'RoleName', 'nija-dev-scheduler');
  const statements = stage
    .all('AWS::IAM::Policy')
    .filter(({ properties: { Roles } }) => JSON.stringify(Roles) === '["nija-dev-scheduler"]')
    .map(({ properties }) => properties['PolicyDocument']);
  const tick = 'arn:aws:lambda:eu-central-1:111122223333:function:nija-dev-master-tick';

  expect(new Set(FULL.masters.map(({ accountId }) => scheduleOf(accountId).Target.RoleArn))).toEqual(
    new Set(['arn:aws:iam::111122223333:role/nija-dev-scheduler']),
  );
  expect(role.properties['AssumeRolePolicyDocument']).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    ],
  });
  expect(statements).toMatchObject([
    {
      Statement: [
        { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [tick, `${tick}:$LATEST`] },
        {
          Effect: 'Allow',
          Action: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
          Resource: 'arn:aws:sqs:eu-central-1:111122223333:nija-dev-schedules-dead-letters',
        },
      ],
    },
  ]);
});

test('the group of schedules goes with its stack, so that the stack can be made again', () => {
  const group = stage.one('AWS::Scheduler::ScheduleGroup', 'Name', 'nija-dev-masters');

  expect(group.deletionPolicy).toBe('Delete');
});
