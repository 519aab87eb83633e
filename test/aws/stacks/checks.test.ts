import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { zDispatchInput } from '../../../functions/check-dispatcher/check-dispatcher.ts';
import { alarmsOf } from './alarm-reading.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const zSchedule = z.looseObject({
  State: z.string(),
  Target: z.looseObject({ Arn: z.string(), Input: z.string(), RoleArn: z.string() }),
});
const DISPATCHER = 'arn:aws:lambda:eu-central-1:111122223333:function:nija-dev-check-dispatcher';
const alarmOf = (of: typeof stage, id: string) => {
  const [alarm] = alarmsOf(of).filter((candidate) => candidate.id === id);
  if (alarm === undefined) throw new Error(`there is no such alarm (given '${id}')`);
  return of.one('AWS::CloudWatch::Alarm', 'AlarmName', alarm.name).properties;
};

describe('the schedule of checks', () => {
  const { properties } = stage.one('AWS::Scheduler::Schedule', 'GroupName', 'nija-dev-checks');
  const { State, Target } = zSchedule.parse(properties);

  test('is there without any master, every fifteen minutes unless the stage says otherwise', () => {
    const other = synthesised({ checkSchedule: 'rate(5 minutes)' });
    const [of] = other.all('AWS::Scheduler::Schedule');

    expect(State).toBe('ENABLED');
    expect(properties['ScheduleExpression']).toBe('rate(15 minutes)');
    expect(of?.properties['ScheduleExpression']).toBe('rate(5 minutes)');
  });

  test('is told to the check, whose snapshots serve for two of its periods', () => {
    const other = synthesised({ checkSchedule: 'rate(1 hour)' });
    const toldBy = (of: typeof stage): unknown =>
      of.one('AWS::Lambda::Function', 'FunctionName', 'nija-dev-account-check').properties['Environment'];

    expect(toldBy(stage)).toMatchObject({ Variables: { NIJA_CHECK_MINUTES: '15' } });
    expect(toldBy(other)).toMatchObject({ Variables: { NIJA_CHECK_MINUTES: '60' } });
  });

  test('starts check-dispatcher with what it takes, once the scheduler has put the moment in', () => {
    const due = '2026-11-21T04:15:00Z';
    const input: unknown = JSON.parse(Target.Input.replace('<aws.scheduler.scheduled-time>', due));

    expect(Target.Arn).toBe(DISPATCHER);
    expect(zDispatchInput.parse(input)).toEqual({ slot: due });
  });

  test('gives a slot up when the next is due', () => {
    expect(Target).toMatchObject({
      RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 2 },
    });
  });

  test.each([
    ['rate(1 minute)', 60],
    ['rate(1 hour)', 3_600],
  ])('lets no slot of %s wait in Lambda for longer either', (checkSchedule, seconds) => {
    const calls = synthesised({ checkSchedule }).one(
      'AWS::Lambda::EventInvokeConfig',
      'FunctionName',
      'nija-dev-check-dispatcher',
    );

    expect(calls.properties['MaximumEventAgeInSeconds']).toBe(seconds);
  });

  test('may start check-dispatcher, and nothing else', () => {
    const statements = stage
      .all('AWS::IAM::Policy')
      .filter(({ properties: { Roles } }) => JSON.stringify(Roles) === '["nija-dev-check-scheduler"]')
      .map(({ properties: { PolicyDocument } }) => PolicyDocument);

    expect(Target.RoleArn).toBe('arn:aws:iam::111122223333:role/nija-dev-check-scheduler');
    expect(statements).toMatchObject([
      {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: [DISPATCHER, `${DISPATCHER}:$LATEST`],
          },
        ],
      },
    ]);
  });

  test('is in a group that goes with its stack, so that the stack can be made again', () => {
    const group = stage.one('AWS::Scheduler::ScheduleGroup', 'Name', 'nija-dev-checks');

    expect(group.deletionPolicy).toBe('Delete');
  });
});

test('account-check takes checks one by one, with as many at once as the stage says', () => {
  const of = synthesised({ checkWorkers: 40 });
  const source = of
    .all('AWS::Lambda::EventSourceMapping')
    .find(({ properties }) => String(properties['EventSourceArn']).endsWith('nija-dev-checks.fifo'));

  expect(source?.properties).toMatchObject({
    BatchSize: 1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 40 },
  });
});

describe('that no check succeeds', () => {
  test.each([
    ['rate(5 minutes)', 300],
    ['rate(15 minutes)', 900],
    ['rate(1 hour)', 3_600],
  ])('is told after three periods of %s, also where nothing is heard at all', (checkSchedule, seconds) => {
    const alarm = alarmOf(synthesised({ checkSchedule }), 'checks-missing');

    expect(alarm).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      TreatMissingData: 'breaching',
    });
    expect(JSON.stringify(alarm['Metrics'])).toContain(`"Period":${seconds}`);
  });

  test('is told once for all accounts, whoever they are', () => {
    expect(alarmsOf(stage).filter(({ id }) => id.startsWith('checks-missing'))).toHaveLength(1);
  });

  test('is not told of a stage that has nobody to check', () => {
    expect(JSON.stringify(alarmOf(stage, 'checks-missing')['Metrics'])).toContain('"NoAccountToCheck"');
  });
});
