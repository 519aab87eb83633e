import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FUNCTION_NAMES } from '../../../infra/functions/specs.ts';
import { alarmsOf, compositesOf, type ReadAlarm } from './alarm-reading.ts';
import { FULL, synthesised } from './synthesised.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:nija-dev-alarms';

const stage = synthesised(FULL);
const alarms = alarmsOf(stage);
const composites = compositesOf(stage);
const alarm = (id: string): ReadAlarm => {
  const found = alarms.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no such alarm (given '${id}')`);
  return found;
};
/** What is counted, as `namespace name`. */
const counts = (id: string): readonly string[] =>
  alarm(id)
    .metrics.map(({ namespace, name }) => `${namespace} ${name}`)
    .sort();
const values = (id: string, dimension: string): readonly string[] =>
  alarm(id)
    .metrics.map(({ dimensions }) => dimensions[dimension] ?? '-')
    .sort();

describe('the missing tick of a master', () => {
  test.each([
    ['m-apex', 300],
    ['m-slow', 3_600],
  ])('%s: three of its own periods without a success, and no figures count as none', (master, period) => {
    expect(alarm(`${master}-no-tick`)).toMatchObject({
      metrics: [{ name: 'TickSucceeded', statistic: 'Sum', period, dimensions: { master } }],
      below: true,
      threshold: 1,
      periods: 3,
      datapoints: 3,
      missing: 'breaching',
      tells: [TOPIC],
    });
  });

  test('is not looked for while the master is paused', () => {
    expect(alarms.filter(({ id }) => id.startsWith('m-hand'))).toEqual([]);
  });
});

test.each([
  ['m-apex', 300],
  ['m-slow', 3_600],
])('%s: ticks that fail are told by their master', (master, period) => {
  expect(alarm(`${master}-ticks-failing`)).toMatchObject({
    metrics: [{ name: 'TickFailed', statistic: 'Sum', period, dimensions: { master } }],
    below: false,
    threshold: 1,
  });
});

test('ticks that crash are told, too: they count nothing themselves', () => {
  expect(counts('master-tick-errors')).toEqual(['AWS/Lambda Errors']);
});

test('a single trade that waits in the stream is told at once, by the age of the iterator', () => {
  expect(alarm('trades-late')).toMatchObject({
    metrics: [{ namespace: 'AWS/Lambda', name: 'IteratorAge', statistic: 'Maximum' }],
    threshold: 60_000,
    datapoints: 1,
    tells: [TOPIC],
  });
});

test('every failed copy is told, by the failure itself', () => {
  expect(counts('copies-failed')).toEqual(['Nija CopyFailed', 'Nija CopyFailed']);
  expect(alarm('copies-failed')).toMatchObject({ threshold: 1, periods: 1, tells: [TOPIC] });
});

test('copies and trades that are left for another delivery are told: Lambda counts no error for them', () => {
  expect(counts('copy-worker-errors')).toEqual(['AWS/Lambda Errors', 'Nija CopyUnfinished']);
  expect(counts('trade-copier-errors')).toEqual(['AWS/Lambda Errors', 'Nija FanOutFailed']);
});

test('slow copies are told by the slowest one in a hundred, also of a single trade', () => {
  expect(alarm('copies-slow')).toMatchObject({
    metrics: [{ name: 'CopyOrderLatency', statistic: 'p99' }],
    threshold: 30_000,
    datapoints: 1,
  });
});

test('waiting copies are told by the age of the oldest message', () => {
  expect(alarm('copies-waiting')).toMatchObject({
    metrics: [{ name: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: 'nija-dev-copies.fifo' } }],
    threshold: 120,
  });
});

test('every queue of dead letters has an alarm on its first message', () => {
  const deadLetters = stage
    .all('AWS::SQS::Queue')
    .map(({ properties }) => String(properties['QueueName']))
    .filter((name) => name.includes('dead-letters'));

  const watched = alarms
    .filter(({ metrics, threshold }) =>
      metrics.some(({ name }) => name === 'ApproximateNumberOfMessagesVisible' && threshold === 1),
    )
    .flatMap(({ metrics }) => metrics.map(({ dimensions }) => dimensions['QueueName']));

  expect(deadLetters).toHaveLength(5);
  expect(watched.sort()).toEqual(deadLetters.sort());
});

test('a single exit that does not end flat is told at once, and so is one that crashes', () => {
  expect(counts('exit-failed')).toEqual(['AWS/Lambda Errors', 'Nija ExitFailed', 'Nija ExitFailed']);
  expect(alarm('exit-failed')).toMatchObject({ threshold: 1, periods: 1, below: false, tells: [TOPIC] });
});

test('balances that cannot be read are told, and so are those that crash', () => {
  expect(counts('balance-failed')).toEqual(['AWS/Lambda Errors', 'Nija BalanceFailed']);
});

test('a copy that a check could not finish is told with its checks: the copy plane is not rolled back for it', () => {
  expect(counts('checks-failed')).toEqual(['AWS/Lambda Errors', 'Nija CheckFailed', 'Nija CopyUnfinished']);
});

test('an exchange that goes on failing is told after half an hour, whoever meets it', () => {
  expect(values('exchange-failing', 'service')).toEqual([
    'account-check',
    'adopt',
    'balance',
    'copy-worker',
    'exit',
  ]);
  expect(alarm('exchange-failing')).toMatchObject({ threshold: 1, periods: 2, datapoints: 2, tells: [] });
});

test.each([
  ['rate(1 minute)', 900],
  ['rate(15 minutes)', 900],
  ['rate(1 hour)', 3_600],
])('an exchange that fails each check of %s is failing in each period', (checkSchedule, seconds) => {
  const [failing] = alarmsOf(synthesised({ checkSchedule })).filter(({ id }) => id === 'exchange-failing');

  expect(new Set(failing?.metrics.map(({ period }) => period))).toEqual(new Set([seconds]));
});

test.each([
  ['positions-unjudged', 'PositionUnjudged', ['account-check']],
  ['key-can-withdraw', 'KeyCanWithdraw', ['register-master', 'register-user']],
  ['drift-found', 'DriftFound', ['copy-worker', 'exit']],
  ['halt-engaged', 'HaltEngaged', ['control', 'copy-worker', 'master-tick']],
  ['runaway-tripped', 'RunawayTripped', ['account-check', 'copy-worker', 'master-tick']],
])('%s is told at its first sign, whoever finds it', (id, name, services) => {
  expect(new Set(counts(id))).toEqual(new Set([`Nija ${name}`]));
  expect(values(id, 'service')).toEqual(expect.arrayContaining(services));
  expect(alarm(id)).toMatchObject({ threshold: 1, periods: 1, tells: [TOPIC] });
});

test.each(FUNCTION_NAMES)('throttles of %s are told', (name) => {
  expect(alarm(`${name}-throttled`)).toMatchObject({
    metrics: [
      { namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: `nija-dev-${name}` } },
    ],
    threshold: 1,
  });
});

test.each([
  'exit',
  'control',
  'trade-copier',
])('a single call of %s that is refused is told at once: somebody waits for it', (name) => {
  expect(alarm(`${name}-throttled`)).toMatchObject({ datapoints: 1, tells: [TOPIC] });
});

test('throttles of the ledger are told, reads and writes, of the table and of both indexes', () => {
  const { metrics } = alarm('ledger-throttles');
  const places = metrics.map(
    ({ name, dimensions }) => `${name} ${dimensions['GlobalSecondaryIndexName'] ?? 'table'}`,
  );

  expect(places.sort()).toEqual([
    'ReadThrottleEvents gsi1',
    'ReadThrottleEvents gsi2',
    'ReadThrottleEvents table',
    'WriteThrottleEvents gsi1',
    'WriteThrottleEvents gsi2',
    'WriteThrottleEvents table',
  ]);
});

describe('concurrency near a limit', () => {
  test("is told of the AWS account's", () => {
    expect(alarm('concurrency-near-limit')).toMatchObject({ threshold: 80 });
    expect(alarm('concurrency-near-limit').expression).toContain('SERVICE_QUOTA(');
  });

  test.each([
    ['exit', 16],
    ['balance', 8],
  ])('is told of what is reserved for %s', (name, threshold) => {
    expect(alarm(`${name}-near-its-concurrency`)).toMatchObject({
      metrics: [{ name: 'ConcurrentExecutions', dimensions: { FunctionName: `nija-dev-${name}` } }],
      threshold,
    });
  });

  test('is not told of functions for which nothing is reserved', () => {
    const ids = alarmsOf(synthesised({})).map(({ id }) => id);

    expect(ids).toContain('concurrency-near-limit');
    expect(ids.filter((id) => id.endsWith('near-its-concurrency'))).toEqual([]);
  });
});

test('ticks that the scheduler cannot start are told', () => {
  expect(alarm('schedules-failing')).toMatchObject({
    metrics: [
      {
        namespace: 'AWS/Scheduler',
        name: 'TargetErrorCount',
        dimensions: { ScheduleGroup: 'nija-dev-masters' },
      },
    ],
    threshold: 1,
  });
});

test('every alarm says what it means and what to do first, within what CloudWatch keeps', () => {
  for (const { id, means, first } of alarms) {
    expect(means, id).toMatch(/^.{20,}[.]$/s);
    expect(first, id).toMatch(/^.{20,}[.]$/s);
    expect(`${means} First: ${first}`.length, id).toBeLessThanOrEqual(1_024);
  }
});

test('a sum of figures counts a figure that is absent as nothing, not as the absence of the sum', () => {
  for (const { id, expression, metrics } of alarms.filter((one) => one.expression?.includes(' + ')))
    for (const metric of metrics) expect(expression, id).toContain(`FILL(${metric.id}, 0)`);
});

describe('the composite alarms', () => {
  const telling = composites.filter(({ tells }) => tells.length > 0);
  const ofStacks = composites.filter(({ name }) => name !== 'nija-dev-user-plane');
  const named = (id: string) => composites.find(({ name }) => name === `nija-dev-${id}`);

  test('that tell the topic are one for masters, one for users, one for what operators look at and one for notices', () => {
    expect(telling.map(({ name, tells }) => ({ name, tells })).toSorted()).toEqual(
      expect.arrayContaining([
        { name: 'nija-dev-master-plane', tells: [TOPIC] },
        { name: 'nija-dev-user-plane', tells: [TOPIC] },
        { name: 'nija-dev-operators-alarms', tells: [TOPIC] },
        { name: 'nija-dev-notify-alarms', tells: [TOPIC] },
      ]),
    );
    expect(telling).toHaveLength(4);
  });

  test('of the stacks hold every alarm exactly once', () => {
    expect(ofStacks.flatMap((composite) => composite.of).sort()).toEqual(
      alarms.map(({ name }) => name).sort(),
    );
  });

  test('hold alarms of their own stack alone: CloudWatch deletes none that a composite of another still names', () => {
    for (const composite of ofStacks)
      for (const name of composite.of)
        expect(alarms.find((one) => one.name === name)?.stack, name).toBe(composite.stack);
  });

  test('come after their alarms and let go of them before these go', () => {
    for (const { name, stack, of } of ofStacks) {
      const zResources = z.looseObject({
        Resources: z.record(
          z.string(),
          z
            .looseObject({
              Properties: z.looseObject({ AlarmName: z.unknown().optional() }),
              DependsOn: z.unknown().optional(),
            })
            .partial(),
        ),
      });
      const { Resources } = zResources.parse(stage.template(stack));
      const byName = (alarmName: string) =>
        Object.entries(Resources).find(([, { Properties }]) => Properties?.AlarmName === alarmName);
      const dependsOn = z.array(z.string()).parse(byName(name)?.[1].DependsOn);
      expect(dependsOn, name).toEqual(expect.arrayContaining(of.map((member) => byName(member)?.[0])));
    }
  });

  test('of users are those of the data, the copies and the user plane, under names that never change', () => {
    expect(named('user-plane')?.of.toSorted()).toEqual([
      'nija-dev-copy-alarms',
      'nija-dev-data-alarms',
      'nija-dev-user-alarms',
    ]);
    expect(named('user-alarms')?.of).toContain('nija-dev-exit-failed');
  });

  test('tell of masters apart from users', () => {
    expect(
      named('master-plane')
        ?.of.map((name) => name.replace('nija-dev-', ''))
        .sort(),
    ).toEqual([
      'm-apex-no-tick',
      'm-apex-ticks-failing',
      'm-slow-no-tick',
      'm-slow-ticks-failing',
      'master-tick-errors',
      'master-tick-throttled',
      'register-master-throttled',
      'schedules-dead-letters',
      'schedules-failing',
    ]);
  });

  test('fit what CloudWatch takes, also with as many masters as a stage may have', () => {
    const masters = Array.from({ length: 40 }, (_, index) => ({
      accountId: `m-${'x'.repeat(30)}${index}`,
      schedule: 'rate(1 minute)',
    }));
    for (const { name, of } of compositesOf(synthesised({ ...FULL, masters }))) {
      expect(of.map((one) => `ALARM("${one}")`).join(' OR ').length, name).toBeLessThanOrEqual(10_240);
      expect(of.length, name).toBeLessThanOrEqual(100);
    }
  });
});

describe('the topic of the alarms', () => {
  const zPolicy = z.looseObject({ Topics: z.array(z.string()), PolicyDocument: z.unknown() });
  const policy = zPolicy.parse(stage.all('AWS::SNS::TopicPolicy')[0]?.properties);
  const mayPublish = async (principal: string, sourceAccount: string, tls = 'true'): Promise<boolean> => {
    const answer = await runSimulation(
      {
        request: {
          principal,
          action: 'sns:Publish',
          resource: { resource: TOPIC, accountId: '111122223333' },
          contextVariables: { 'aws:SecureTransport': tls, 'aws:SourceAccount': sourceAccount },
        },
        identityPolicies: [],
        resourcePolicy: policy.PolicyDocument,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
    return answer.overallResult === 'Allowed';
  };

  test('is told by the alarms of this account', async () => {
    expect(policy.Topics).toEqual([TOPIC]);
    expect(await mayPublish('cloudwatch.amazonaws.com', '111122223333')).toBe(true);
  });

  test('is told by nobody else, and not in the clear', async () => {
    expect(await mayPublish('cloudwatch.amazonaws.com', '999999999999')).toBe(false);
    expect(await mayPublish('lambda.amazonaws.com', '111122223333')).toBe(false);
    expect(await mayPublish('cloudwatch.amazonaws.com', '111122223333', 'false')).toBe(false);
  });
});
