import { describe, expect, test } from 'vitest';
import { FUNCTION_NAMES, FUNCTION_SPECS, type FunctionName } from '../../../infra/functions/specs.ts';
import { FULL, synthesised } from './synthesised.ts';

const stage = synthesised(FULL);
const arnOf = (service: string, rest: string): string =>
  `arn:aws:${service}:eu-central-1:111122223333:${rest}`;

const QUEUES = 'https://sqs.eu-central-1.amazonaws.com/111122223333';

/** The variables that each function gets beside the stage and the table, as its code reads them. */
const MORE_VARIABLES: Partial<Record<FunctionName, Record<string, string>>> = {
  'trade-copier': {
    NIJA_COPY_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/nija-dev-copies.fifo',
  },
  'check-dispatcher': {
    NIJA_CHECK_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/nija-dev-checks.fifo',
  },
  'account-check': { NIJA_CHECK_MINUTES: '15' },
  notify: {
    NIJA_NOTIFY_CHANNELS: JSON.stringify([
      { id: 'ops', kind: 'slack', least: 'warning' },
      {
        id: 'ann-mail',
        kind: 'email',
        topicArn: 'arn:aws:sns:eu-central-1:111122223333:nija-dev-notices-ann-mail',
        accounts: ['u-ann'],
      },
    ]),
  },
  dashboard: {
    NIJA_CHECK_MINUTES: '15',
    NIJA_EXIT_FUNCTION: 'arn:aws:lambda:eu-central-1:111122223333:function:nija-dev-exit',
  },
  view: {
    NIJA_CHECK_MINUTES: '15',
    NIJA_SECRET_READERS: JSON.stringify({
      master: ['master-tick', 'register-master'],
      user: ['copy-worker', 'register-user', 'balance', 'exit', 'adopt', 'account-check'],
    }),
    NIJA_COPY_DEAD_LETTERS_URL: `${QUEUES}/nija-dev-copies-dead-letters.fifo`,
    NIJA_CHECK_DEAD_LETTERS_URL: `${QUEUES}/nija-dev-checks-dead-letters.fifo`,
    NIJA_TRADE_DEAD_LETTERS_URL: `${QUEUES}/nija-dev-trades-dead-letters`,
    NIJA_SCHEDULE_DEAD_LETTERS_URL: `${QUEUES}/nija-dev-schedules-dead-letters`,
  },
};

/** What is sent to these twice is done once. */
const REPEATED: ReadonlySet<string> = new Set(['check-dispatcher', 'notify']);

test('every function of the code is deployed, once, and nothing else is', () => {
  const deployed = stage.all('AWS::Lambda::Function').map(({ properties }) => properties['FunctionName']);

  expect(deployed.sort()).toEqual(FUNCTION_NAMES.map((name) => `nija-dev-${name}`).sort());
});

describe.each(FUNCTION_NAMES)('%s', (name) => {
  const properties = stage.functionNamed(name);
  const functionName = `nija-dev-${name}`;

  test('runs on Node 24 and arm64, with its traces', () => {
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('has the memory and the time of its specification', () => {
    const { memoryMb, timeoutMs } = FUNCTION_SPECS[name];

    expect(properties).toMatchObject({ MemorySize: memoryMb, Timeout: timeoutMs / 1_000 });
  });

  test('has exactly the variables that its code reads', () => {
    expect(properties['Environment']).toEqual({
      Variables: { NIJA_STAGE: 'dev', NIJA_TABLE: 'nija-dev-ledger', ...MORE_VARIABLES[name] },
    });
  });

  test('logs to a group of its own, for as long as the stage says', () => {
    const group = stage.one('AWS::Logs::LogGroup', 'LogGroupName', `/aws/lambda/${functionName}`);

    expect(properties['LoggingConfig']).toEqual({ LogGroup: `/aws/lambda/${functionName}` });
    expect(group.properties['RetentionInDays']).toBe(30);
    expect(group.deletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('has a role that Lambda alone may take, and no other function', () => {
    const role = stage.one('AWS::IAM::Role', 'RoleName', functionName);
    const users = stage
      .all('AWS::Lambda::Function')
      .filter(({ properties: { Role } }) => Role === properties['Role']);

    expect(properties['Role']).toBe(`arn:aws:iam::111122223333:role/${functionName}`);
    expect(users).toHaveLength(1);
    expect(role.properties['ManagedPolicyArns']).toBeUndefined();
    expect(role.properties['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    });
  });

  test('is run again by Lambda when a call fails that nobody waits for exactly where that repeats nothing', () => {
    const [config, ...others] = stage
      .all('AWS::Lambda::EventInvokeConfig')
      .filter(({ properties: { FunctionName } }) => FunctionName === functionName);

    expect(config?.properties['MaximumRetryAttempts']).toBe(REPEATED.has(name) ? 2 : 0);
    expect(others).toEqual([]);
  });
});

describe('reserved concurrency', () => {
  const reserved = (of: typeof stage): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      of
        .all('AWS::Lambda::Function')
        .filter(({ properties }) => properties['ReservedConcurrentExecutions'] !== undefined)
        .map(({ properties }) => [properties['FunctionName'], properties['ReservedConcurrentExecutions']]),
    );

  test('is what the stage says for exit and balance, and of no other function', () => {
    expect(reserved(stage)).toEqual({ 'nija-dev-exit': 20, 'nija-dev-balance': 10 });
  });

  test('is none by default, so that a new AWS account can deploy', () => {
    expect(reserved(synthesised({}))).toEqual({});
  });

  test('is for one of them where one is given', () => {
    expect(reserved(synthesised({ reservedConcurrency: { exit: 3 } }))).toEqual({ 'nija-dev-exit': 3 });
  });
});

test('another stage shares no name with this one', () => {
  const named = (own: typeof stage): readonly unknown[] =>
    own.resources.flatMap(({ type, properties }) =>
      type === 'AWS::EventSchemas::Registry'
        ? []
        : [
            'FunctionName',
            'RoleName',
            'TableName',
            'QueueName',
            'TopicName',
            'AlarmName',
            'LogGroupName',
            'SchemaName',
          ]
            .map((property) => properties[property])
            .filter((name) => name !== undefined),
    );
  const other = new Set(named(synthesised(FULL, 'prod')));

  expect(named(stage).length).toBeGreaterThan(50);
  expect(named(stage).filter((name) => other.has(name))).toEqual([]);
});

test('what a function is given names the place that it is deployed to', () => {
  const sent = stage
    .all('AWS::IAM::Policy')
    .flatMap(({ properties }) => JSON.stringify(properties).match(/arn:aws:sqs:[^"]+/g) ?? []);

  expect(new Set(sent)).toEqual(
    new Set(
      [
        'nija-dev-checks.fifo',
        'nija-dev-checks-dead-letters.fifo',
        'nija-dev-copies-dead-letters.fifo',
        'nija-dev-copies.fifo',
        'nija-dev-notify-dead-letters',
        'nija-dev-trades-dead-letters',
        'nija-dev-schedules-dead-letters',
      ].map((name) => arnOf('sqs', name)),
    ),
  );
});
