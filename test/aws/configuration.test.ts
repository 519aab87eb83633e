import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError, readStages, stageConfiguration } from '../../infra/aws/configuration.ts';
import { PROJECT } from '../../infra/bundle/bundle.ts';

const APEX = { accountId: 'm-apex', schedule: 'rate(5 minutes)' };

/** What is said of a configuration that is refused. */
const refusalOf = (stages: unknown, context: Parameters<typeof stageConfiguration>[1]): string => {
  try {
    stageConfiguration(stages, context);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
};
const refused = (settings: unknown): string => refusalOf({ dev: settings }, { stage: 'dev' });

/** One sentence: no line break, and the value in it. */
const sentence = (said: string, value: string): void => {
  expect(said).not.toMatch(/\n/);
  expect(said).toContain(`(given ${value}`);
  expect(said.endsWith(')')).toBe(true);
};

describe('a stage', () => {
  test('that is not there is refused with those that are', () => {
    const said = refusalOf({ dev: {}, prod: {} }, { stage: 'qa' });

    sentence(said, "'qa'");
    expect(said).toContain('dev, prod');
  });

  test('must be named', () => {
    sentence(refusalOf({ dev: {} }, {}), 'nothing');
  });

  test('is not one of the words that every object knows', () => {
    sentence(refusalOf({ dev: {} }, { stage: 'constructor' }), "'constructor'");
  });

  test.each(['Dev', '1dev', 'my-dev', 'a'.repeat(17)])('cannot be called %s', (stage) => {
    sentence(refusalOf({ [stage]: {} }, { stage }), `'${stage}'`);
  });
});

describe('a master', () => {
  test('is listed once', () => {
    sentence(refused({ masters: [APEX, { ...APEX, paused: true }] }), "'m-apex' twice");
  });

  test.each(['u-ann', 'apex', 'm-Apex', 'm-', 7])('cannot be called %s', (accountId) => {
    sentence(refused({ masters: [{ ...APEX, accountId }] }), `'${accountId}'`);
  });

  test.each([
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(61 minutes)',
    'rate(2 hours)',
    'rate(1 day)',
    'rate(1.5 minutes)',
    'cron(0/5 * * * ? *)',
    'every 5 minutes',
    'rate(5 minutes) ',
    '',
  ])("cannot tick '%s'", (schedule) => {
    const said = refused({ masters: [{ ...APEX, schedule }] });

    sentence(said, `'${schedule}'`);
    expect(said).toContain('dev.masters.0.schedule');
    expect(said).toContain('rate(5 minutes)');
  });

  test('must have a schedule', () => {
    sentence(refused({ masters: [{ accountId: 'm-apex' }] }), 'nothing');
  });

  test.each([
    ['rate(1 minute)', 1],
    ['rate(2 minutes)', 2],
    ['rate(59 minutes)', 59],
    ['rate(60 minutes)', 60],
    ['rate(1 hour)', 60],
  ])('may tick %s', (schedule, minutes) => {
    const { masters } = stageConfiguration({ dev: { masters: [{ ...APEX, schedule }] } }, { stage: 'dev' });

    expect(masters).toMatchObject([{ schedule: { expression: schedule, minutes }, paused: false }]);
  });
});

describe('an e-mail address', () => {
  test.each(['ops', 'ops@', '@example.com', 'ops example.com', ''])("cannot be '%s'", (alarmEmail) => {
    sentence(refused({ alarmEmail }), `'${alarmEmail}'`);
  });

  test.each(['ops', true])("cannot be '%s' in the context either", (alarmEmail) => {
    sentence(refusalOf({ dev: {} }, { stage: 'dev', alarmEmail }), `'${alarmEmail}'`);
  });

  test('of the context is told instead of that of the file', () => {
    const stages = { dev: { alarmEmail: 'ops@example.com' } };

    expect(stageConfiguration(stages, { stage: 'dev' }).alarmEmail).toBe('ops@example.com');
    expect(stageConfiguration(stages, { stage: 'dev', alarmEmail: 'me@example.com' }).alarmEmail).toBe(
      'me@example.com',
    );
  });
});

describe('a setting', () => {
  test.each([
    [{ alarmMail: 'ops@example.com' }, 'alarmMail'],
    [{ masters: [{ ...APEX, pause: true }] }, 'pause'],
    [{ reservedConcurrency: { exits: 3 } }, 'exits'],
  ])('with a slip of the pen is refused: %j', (settings, name) => {
    sentence(refused(settings), `'${name}'`);
  });

  test.each([
    [{ reservedConcurrency: { exit: 0 } }, '0'],
    [{ reservedConcurrency: { balance: 1.5 } }, '1.5'],
    [{ reservedConcurrency: { exit: '20' } }, '20'],
    [{ copyWorkers: 0 }, '0'],
    [{ copyWorkers: 1 }, '1'],
    [{ copyWorkers: 1_001 }, '1001'],
    [{ logRetentionDays: 31 }, '31'],
    [{ rollout: 'blue-green' }, 'blue-green'],
    [{ keepData: 'no' }, 'no'],
    [{ testEventRegistry: 'maybe' }, 'maybe'],
    [{ consoleAccounts: ['m-apex'] }, 'm-apex'],
    [{ masters: 'm-apex' }, 'm-apex'],
  ])('out of its range is refused: %j', (settings, value) => {
    sentence(refused(settings), `'${value}'`);
  });

  test('of an account for the console is listed once', () => {
    sentence(refused({ consoleAccounts: ['u-ann', 'u-bob', 'u-ann'] }), "'u-ann' twice");
  });

  test('that is absent is what is safe', () => {
    expect(stageConfiguration({ dev: {} }, { stage: 'dev' })).toEqual({
      stage: 'dev',
      masters: [],
      reservedConcurrency: {},
      checkSchedule: { expression: 'rate(15 minutes)', minutes: 15 },
      checkWorkers: 3,
      copyWorkers: 5,
      notify: [],
      rollout: 'canary',
      logRetentionDays: 90,
      keepData: true,
      consoleAccounts: [],
      testEventRegistry: 'create',
    });
  });
});

describe('the file of the stages', () => {
  test('is taken as it is, each of its stages', () => {
    const stages = readStages();

    for (const stage of Object.keys(Object(stages)))
      expect(stageConfiguration(stages, { stage })).toMatchObject({ stage });
  });

  test.each([[[]], ['dev'], [{ dev: 'yes' }]])('must hold stages by name: %j', (stages) => {
    expect(refusalOf(stages, { stage: 'dev' })).toMatch(/^stages\.json.*\(given /);
  });

  test('that is no JSON, or is not there, is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nija-stages-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'broken.json'), '{ "dev": ');

    for (const name of ['broken.json', 'absent.json'])
      expect(() => readStages(join(folder, name))).toThrow(`(given '${join(folder, name)}')`);
  });
});

describe('the app itself', () => {
  /** As cdk runs it: context in a variable. */
  const appWith = (context: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [join(PROJECT, 'infra', 'aws', 'app.ts')], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], CDK_CONTEXT_JSON: JSON.stringify(context) },
      encoding: 'utf8',
    });

  test.each([
    [{}, 'nothing'],
    [{ stage: 'qa' }, "'qa'"],
    [{ stage: 'dev', alarmEmail: 'ops' }, "'ops'"],
    [{ stage: 'dev', rollout: 'slow' }, "'slow'"],
  ])('ends with one sentence and no stack trace: %j', (context, value) => {
    const { status, stderr, stdout } = appWith(context);

    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.endsWith('\n')).toBe(true);
    sentence(stderr.trimEnd(), value);
  });
});
