import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { zCheckRequest } from '../../functions/account-check/account-check.ts';
import { zAdoptInput } from '../../functions/adopt/adopt-contract.ts';
import { zBalanceRequest } from '../../functions/balance/balance.ts';
import { zDispatchInput } from '../../functions/check-dispatcher/check-dispatcher.ts';
import { zControlInput } from '../../functions/control/control-contract.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { zTickInput } from '../../functions/master-tick/master-tick.ts';
import { zNotifyEvent } from '../../functions/notify/notify-contract.ts';
import { zStatementInput } from '../../functions/statement/statement-contract.ts';
import { zRedriveInput } from '../../functions/trade-copier/redrive-contract.ts';
import { stageConfiguration } from '../../infra/aws/configuration.ts';
import { testEvents } from '../../infra/aws/console/test-events.ts';
import { PROJECT } from '../../infra/bundle/bundle.ts';
import { zRegistrationCall } from '../../shared/account/registration.ts';
import { zViewQuery } from '../../shared/reporting/view-contract.ts';
import { readSecretText } from '../../shared/vault/secrets-manager/secret-text.ts';
import { anchors, documentedCalls, documentNamed, firstCells, sectionOf, shellBlocks } from './documents.ts';
import { FULL, synthesised } from './stacks/synthesised.ts';

const deploy = documentNamed('deploy.md');
const runbook = documentNamed('runbook.md');

const TAKES: Readonly<Record<string, z.ZodType>> = {
  adopt: zAdoptInput,
  balance: zBalanceRequest,
  control: zControlInput,
  exit: zExitInput,
  'master-tick': zTickInput,
  'register-master': zRegistrationCall,
  'register-user': zRegistrationCall,
  'trade-copier': z.strictObject({ redrive: zRedriveInput }),
  'account-check': zCheckRequest,
  'check-dispatcher': zDispatchInput,
  notify: zNotifyEvent,
  view: zViewQuery,
  statement: zStatementInput,
};

test.each([
  ...documentedCalls(deploy),
  ...documentedCalls(runbook),
])('what an operator is told to send is taken: $functionName $event', ({ functionName, event }) => {
  const schema = TAKES[functionName];

  expect(schema?.safeParse(JSON.parse(event)).error).toBeUndefined();
  expect(schema).toBeDefined();
});

test('every setting of a stage is explained, and no other', () => {
  const stages = { dev: { alarmEmail: 'ops@example.com' } };
  const { stage: _, ...settings } = stageConfiguration(stages, { stage: 'dev' });

  const explained = firstCells(sectionOf(deploy, '## 3. Say what you want'));

  expect([...explained].sort()).toEqual(Object.keys(settings).sort());
});

test('the stacks that are shown are those of the example', () => {
  const { dev } = z
    .looseObject({ dev: z.looseObject({}) })
    .parse(JSON.parse(readFileSync(join(PROJECT, 'infra/aws/stages.json'), 'utf8')));

  const [, shown = ''] = /^```text\n(nija-dev-data\n.*?)\n```$/ms.exec(deploy) ?? [];

  const stacks = synthesised(dev).stacks.map(({ name }) => name);
  expect(shown.split('\n').sort()).toEqual(stacks.sort());
});

test.each(['deploy.md', 'runbook.md'])('every link of %s leads to a heading that is there', (name) => {
  const document = documentNamed(name);
  const links = [...document.matchAll(/\]\(([\w-]+\.md)?#([^)]+)\)/g)];

  const dead = links.filter(
    ([, file, anchor = '']) => !anchors(file === undefined ? document : documentNamed(file)).includes(anchor),
  );

  expect(links).not.toEqual([]);
  expect(dead.map(([link]) => link)).toEqual([]);
});

test('the events of the console that operators are told to press are there', () => {
  const offered = new Set(Object.values(testEvents([])).flatMap((events) => Object.keys(events)));

  const told = [...`${deploy}${runbook}`.matchAll(/(?:`|\*\*)([A-Z][a-z]+(?:-[A-Za-z]+)+)(?:`|\*\*)/g)];

  expect(told.length).toBeGreaterThan(5);
  expect(told.map(([, name = '']) => name).filter((name) => !offered.has(name))).toEqual([]);
});

test('the log lines that operators are told to look for are written by the functions', () => {
  const code = globSync('{functions,shared}/**/*.ts', { cwd: PROJECT })
    .map((file) => readFileSync(join(PROJECT, file), 'utf8'))
    .join('\n');

  const told = [...`${deploy}${runbook}`.matchAll(/message in \[([^\]]+)\]/g)]
    .flatMap(([, list = '']) => list.split(', '))
    .map((quoted) => quoted.replaceAll('"', "'"));

  expect(told).not.toEqual([]);
  expect(told.filter((line) => !code.includes(line))).toEqual([]);
});

describe('a key that is stored as the document says', () => {
  const KEY = 'Key+OfNobody/At/AnyExchange';
  const PRIVATE = 'UHJpdmF0ZUtleU9mTm9ib2R5QXRBbnlFeGNoYW5nZQ==';
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nija-store-key-'));
    // Stands in for the AWS CLI: keeps its arguments, its environment and what file:///dev/stdin gives.
    const standIn = [
      '#!/bin/sh',
      `printf '%s\\n' "$@" > '${folder}/arguments'`,
      `env > '${folder}/environment'`,
      `ps axww -o args > '${folder}/processes' 2>/dev/null`,
      `cat > '${folder}/secret'`,
      '',
    ].join('\n');
    writeFileSync(join(folder, 'aws'), standIn);
    chmodSync(join(folder, 'aws'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const kept = (name: string): string => readFileSync(join(folder, name), 'utf8');

  /** @returns all that the shell showed, its trace included */
  const stored = (command: string): string => {
    const definition = shellBlocks(deploy).find((block) => block.startsWith('store_key() ('));
    const script = `set -o history; set -x; stage=dev\n${definition ?? ''}\n${command}\nhistory`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script], {
      input: `${KEY}\n${PRIVATE}\n`,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HISTFILE: join(folder, 'history') },
    });
    expect(status).toBe(0);
    return `${stdout}${stderr}`;
  };

  test.each([
    ['store_key create-secret --name "nija/$stage/master/m-apex"', 'm-apex', 'nija/dev/master/m-apex'],
    ['store_key create-secret --name "nija/$stage/user/u-ann"', 'u-ann', 'nija/dev/user/u-ann'],
    ['store_key put-secret-value --secret-id "nija/$stage/user/u-ann"', 'u-ann', 'nija/dev/user/u-ann'],
  ])('is what the vault reads: %s', (command, accountId, name) => {
    expect(deploy).toContain(command);

    stored(command);

    const { credentials } = readSecretText(kept('secret'), { accountId, exchange: 'kraken', name });
    expect(credentials.apiKey.reveal()).toBe(KEY);
    expect(credentials.apiSecret.reveal()).toBe(PRIVATE);
    expect(kept('arguments').split('\n')).toContain(name);
  });

  test('is in no argument, environment, process list or history, nor on the screen', () => {
    const shown = stored('store_key create-secret --name "nija/$stage/user/u-ann"');

    const seen = [shown, kept('arguments'), kept('environment'), kept('processes')].join('\n');
    expect(kept('secret')).toContain(KEY);
    expect(seen).toContain('store_key create-secret');
    expect(seen).not.toContain(KEY);
    expect(seen).not.toContain(PRIVATE);
  });
});

describe('all commands of the document, typed one after the other', () => {
  /** What a machine has anyway; what the document says to install is stood in for. */
  const OF_THE_MACHINE = ['bash', 'cat', 'sed', 'tr', 'xargs'];
  const INSTALLED = ['aws', 'git', 'npm', 'npx'];
  const USERS = ['u-one', 'u-two', 'u-three'];
  let folder: string;
  let calls: readonly string[];
  let complaints: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nija-deploy-'));
    for (const name of OF_THE_MACHINE) {
      const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
      symlinkSync(stdout.trim(), join(folder, name));
    }
    const standIn = [
      '#!/bin/sh',
      `echo "\${0##*/} $*" >> '${folder}/calls'`,
      'case "$*" in',
      `*list-secrets*/user/*) printf '%s\\t' ${USERS.map((id) => `nija/dev/user/${id}`).join(' ')} ;;`,
      '*get-queue-url*) echo "$4" ;;',
      'esac',
      '',
    ].join('\n');
    for (const name of INSTALLED) writeFileSync(join(folder, name), standIn, { mode: 0o755 });

    const { stderr } = spawnSync('bash', ['--norc', '-uc', shellBlocks(deploy).join('\n')], {
      input: '',
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: folder },
    });
    complaints = stderr;
    calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are there, and so are their variables', () => {
    expect(complaints).not.toMatch(/not found|not a function|unbound variable|syntax error/);
  });

  test('let every user out, each once', () => {
    const out = calls.filter((call) => call.startsWith('aws lambda invoke --function-name nija-dev-exit '));

    for (const user of USERS)
      expect(out.filter((call) => call.includes(`--payload {"accountId":"${user}"} `))).toHaveLength(1);
  });

  test('take down all stacks of a stage and all its queues', () => {
    const stage = synthesised(FULL);
    const queues = stage.all('AWS::SQS::Queue').map(({ properties }) => properties['QueueName']);

    const destroyed = calls
      .filter((call) => call.startsWith('npx cdk destroy '))
      .join(' ')
      .split(' ');
    const deleted = calls
      .filter((call) => call.startsWith('aws sqs delete-queue '))
      .join(' ')
      .split(' ');

    const ofStage = stage.stacks
      .map(({ name }) => name)
      .filter((name) => name !== 'nija-test-event-registry');
    expect(ofStage.filter((name) => !destroyed.includes(name))).toEqual([]);
    expect(queues.filter((name) => !deleted.includes(String(name)))).toEqual([]);
  });
});
