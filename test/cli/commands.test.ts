import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { MASTER, openServedRuntime, type ServedRuntime, USERS } from './served-runtime.ts';

let served: ServedRuntime;
beforeAll(async () => {
  served = await openServedRuntime();
});
afterAll(async () => {
  await served?.stop();
});
beforeEach(() => {
  served.rest();
});

/** What one cannot guess: no account, symbol or number has it in it. */
const SECRETS = /c2VjcmV0LW9m|canary/;
const zBalances = z.object({
  accounts: z.array(z.object({ accountId: z.string(), connected: z.boolean(), code: z.string().optional() })),
});
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
const lineOf = (text: string, account: string): string =>
  text.split('\n').find((line) => line.startsWith(account)) ?? '';

test('balances of all accounts are told with a failing one beside the others, never as zero', async () => {
  await served.runtime.deleteSecret('u-cho');
  const shown = await served.nija(['balances']);
  const json = await served.nija(['balances', '--json']);

  expect(shown.code).toBe(1);
  expect(lineOf(shown.stdout, 'u-ann')).toMatch(/^u-ann +[a-z-]+ +\d+\.\d\d +0\.00 +\d+\.\d\d +USD/);
  expect(lineOf(shown.stdout, 'u-cho')).toMatch(/failing +unknown +unknown +unknown .*SECRET_MISSING/);
  expect(lineOf(shown.stdout, MASTER)).toContain('a master');
  expect(shown.stdout).toContain('1 of 3 users could not be read.');
  const { accounts } = zBalances.parse(JSON.parse(json.stdout));
  expect(json.code).toBe(1);
  expect(accounts.map(({ accountId, connected }) => [accountId, connected])).toEqual([
    ['u-ann', true],
    ['u-ben', true],
    ['u-cho', false],
  ]);
});

test('an account whose key is not the registered one works again with a new one; where none was stored, nothing is replaced', async () => {
  const key = served.runtime.simulator.addKey({ accountId: 'u-cho', tier: 'pro' });
  const lost = await served.nija(
    ['accounts', 'set', 'u-cho', '--new-key', '--key-stdin', '--yes'],
    JSON.stringify(key),
  );
  await served.runtime.storeSecret('u-cho', { apiKey: 'lost', apiSecret: 'bG9zdA==' });
  const changed = await served.nija(
    ['accounts', 'set', 'u-cho', '--new-key', '--key-stdin', '--limit', 'maxOpenPositions=7', '--yes'],
    JSON.stringify(key),
  );
  const balance = await served.nija(['balances', 'u-cho', '--json']);

  expect(lost).toMatchObject({ code: 1, stdout: expect.stringContaining('no key of u-cho to replace') });
  expect(changed).toMatchObject({ code: 0, stdout: expect.stringContaining('the API key') });
  expect(changed.stdout).toContain('Changed: limits: maxOpenPositions 7.');
  expect(zBalances.parse(JSON.parse(balance.stdout)).accounts).toMatchObject([{ connected: true }]);
});

test('a new key that is refused leaves the old one in the vault, and the account works on', async () => {
  const permissions = [...TRADING_PERMISSIONS, 'withdraw-funds'] as const;
  const dangerous = served.runtime.simulator.addKey({ accountId: 'u-cho', tier: 'pro', permissions });

  const refused = await served.nija(
    ['accounts', 'set', 'u-cho', '--new-key', '--key-stdin', '--yes'],
    JSON.stringify(dangerous),
  );
  const balance = await served.nija(['balances', 'u-cho', '--json']);

  expect(refused).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('The old key is back in the vault'),
  });
  expect(refused.stdout).toContain('RegistrationRefused');
  expect(zBalances.parse(JSON.parse(balance.stdout)).accounts).toMatchObject([{ connected: true }]);
});

test('a master is given no other strategy without its mode: paper would end its sales, too', async () => {
  const unsaid = await served.nija([
    'accounts',
    'set',
    MASTER,
    '--strategy',
    'manual',
    '--symbols',
    'BTC/USD',
    '--yes',
  ]);

  expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining('--mode') });
});

test('an exit tells what it would sell, sells it, and ends flat at the exchange', async () => {
  const before = served.held('u-ann', 'BTC');
  const planned = await served.nija(['exit', 'u-ann', '--dry-run']);
  const between = served.held('u-ann', 'BTC');
  const done = await served.nija(['exit', 'u-ann', '--yes']);
  const again = await served.nija(['exit', 'u-ann', '--yes', '--json']);

  expect(Number(before)).toBeGreaterThan(0);
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('WOULD_SELL') });
  expect(between).toBe(before);
  expect(done).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('u-ann is flat: verified at the exchange'),
  });
  expect(lineOf(done.stdout, 'BTC/USD')).toContain('SOLD');
  expect(served.held('u-ann', 'BTC')).toBe('0');
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ state: 'FLAT', accountId: 'u-ann' });
});

test('what is dangerous is refused where nobody can be asked, and nothing is done', async () => {
  const refused = await Promise.all(
    [
      ['halt'],
      ['exit', 'u-ben'],
      ['accounts', 'disable', 'u-ben'],
      ['accounts', 'set', 'u-ben', '--exit-only', 'on'],
    ].map(async (args) => await served.nija(args)),
  );
  const halt = await served.runtime.ledger.control.halt();
  const account = await served.runtime.ledger.accounts.get('u-ben');

  expect(refused.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
    refused.map(() => ({ code: 3, stdout: '' })),
  );
  for (const { stderr } of refused) expect(stderr).toContain('--yes');
  expect(halt).toEqual({ engaged: false });
  expect(account).toMatchObject({ enabled: true, exitOnly: false });
  expect(Number(served.held('u-ben', 'BTC'))).toBeGreaterThan(0);
});

test('a halt stops all buying until it is resumed, and both keep who and why', async () => {
  const halted = await served.nija(['halt', '--yes', '--by', 'Ann', '--why', 'odd prices']);
  const engaged = await served.runtime.ledger.control.halt();
  const resumed = await served.nija(['resume', '--yes', '--by', 'Ben', '--why', 'all is well', '--json']);
  const lifted = await served.runtime.ledger.control.halt();

  expect(halted).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('All buying is halted, by Ann: odd prices'),
  });
  expect(engaged).toMatchObject({ engaged: true, by: 'Ann', why: 'odd prices' });
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    halt: { engaged: false },
    entry: { by: 'Ben', why: 'all is well' },
  });
  expect(lifted).toEqual({ engaged: false });
});

test('one account is paused, resumed, disabled and enabled for itself', async () => {
  const settings = async () => {
    const account = await served.runtime.ledger.accounts.get('u-ben');
    return [account?.copyPaused, account?.enabled];
  };
  const paused = await served.nija(['pause', 'u-ben', '--yes']);
  const afterPause = await settings();
  await served.nija(['resume', 'u-ben', '--yes']);
  await served.nija(['accounts', 'disable', 'u-ben', '--yes']);
  const afterDisable = await settings();
  await served.nija(['accounts', 'enable', 'u-ben', '--yes']);
  const atLast = await settings();

  expect(paused.code).toBe(0);
  expect([afterPause, afterDisable, atLast]).toEqual([
    [true, true],
    [false, false],
    [false, true],
  ]);
});

test('an account is added with a key from standard input, and the key is nowhere but in the vault', async () => {
  const { apiKey, apiSecret } = served.newKey('u-new');
  const args = [
    'accounts',
    'add',
    'u-new',
    '--follows',
    MASTER,
    '--limit',
    'maxTradeFraction=0.05',
    '--key-stdin',
  ];
  const added = await served.nija(args, JSON.stringify({ apiKey, apiSecret }));
  const account = await served.runtime.ledger.accounts.get('u-new');
  const balance = await served.nija(['balances', 'u-new']);
  served.runtime.flushLogs();
  const log = await readFile(served.state.file('log'), 'utf8');

  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('u-new is registered, key') });
  expect(account).toMatchObject({ follows: MASTER });
  expect(account?.limits.maxTradeFraction.toFixed()).toBe('0.05');
  expect(balance).toMatchObject({ code: 0, stdout: expect.stringContaining('500.00') });
  for (const text of [args.join(' '), added.stdout, added.stderr, balance.stdout, balance.stderr, log]) {
    expect(text).not.toContain(apiKey);
    expect(text).not.toContain(apiSecret);
  }
});

test('a key that is refused is taken out of the vault again, and what was read is never shown', async () => {
  const canary = { apiKey: 'canary-of-a-key', apiSecret: 'c2VjcmV0LW9mLWEta2V5' };
  const unknown = await served.nija(['accounts', 'add', 'u-bad', '--key-stdin'], JSON.stringify(canary));
  const { apiKey, apiSecret } = served.newKey('u-bad');
  const later = await served.nija(
    ['accounts', 'add', 'u-bad', '--key-stdin'],
    JSON.stringify({ apiKey, apiSecret }),
  );
  const cut = await served.nija(
    ['accounts', 'add', 'u-cut', '--key-stdin'],
    JSON.stringify(canary).slice(0, -5),
  );
  const half = await served.nija(['accounts', 'add', 'u-cut', '--key-stdin'], '{"apiKey":"canary-of-a-key"}');
  const known = await served.nija(['accounts', 'add', 'u-bad', '--key-stdin'], JSON.stringify(canary));

  expect(unknown).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the key is out of the vault again'),
  });
  expect(later.code).toBe(0);
  expect(cut.code).toBe(2);
  expect(half).toMatchObject({ code: 2, stderr: expect.stringContaining('apiSecret') });
  expect(known).toMatchObject({ code: 1, stderr: expect.stringContaining('u-bad is registered already') });
  for (const { stdout, stderr } of [unknown, later, cut, half, known])
    expect(stdout + stderr).not.toMatch(SECRETS);
});

test('a key that is in the vault already is never overwritten by adding an account, and can be registered', async () => {
  const { apiKey, apiSecret } = served.newKey('u-dan');
  await served.runtime.storeSecret('u-dan', { apiKey, apiSecret });
  const other = JSON.stringify({ apiKey: 'canary-of-a-key', apiSecret: 'c2VjcmV0LW9mLWEta2V5' });

  const refused = await served.nija(['accounts', 'add', 'u-dan', '--key-stdin'], other);
  const registered = await served.nija(['accounts', 'add', 'u-dan', '--key-stored', '--json']);

  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--key-stored') });
  expect(refused.stderr).not.toMatch(SECRETS);
  expect(registered.code).toBe(0);
  expect(JSON.parse(registered.stdout)).toMatchObject({ accountId: 'u-dan', enabled: true });
});

test('a master that is registered is not added again: its strategy and mode stay as they are', async () => {
  const again = await served.nija([
    ...['accounts', 'add', MASTER, '--strategy', 'apex', '--symbols', 'BTC/USD'],
    ...['--key-stored', '--json'],
  ]);
  const after = await served.runtime.ledger.accounts.get(MASTER);

  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({
    error: {
      code: 'ALREADY_REGISTERED',
      message: expect.stringContaining(`nija accounts set ${MASTER}`),
    },
  });
  expect(after).toMatchObject({ strategy: { name: 'manual', mode: 'live' } });
});

test('a master that is new is added', async () => {
  const key = served.newKey('m-two');

  const added = await served.nija(
    ['accounts', 'add', 'm-two', '--strategy', 'manual', '--symbols', 'BTC/USD', '--key-stdin'],
    JSON.stringify(key),
  );

  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('m-two is registered') });
});

test('a master is disabled by registering it again, which changes nothing else of it', async () => {
  const disabled = await served.nija(['accounts', 'disable', MASTER, '--yes']);
  const between = await served.runtime.ledger.accounts.get(MASTER);
  await served.nija(['accounts', 'enable', MASTER, '--yes']);
  const after = await served.runtime.ledger.accounts.get(MASTER);

  expect(disabled).toMatchObject({ code: 0, stdout: `${MASTER} buys nothing; it can always sell.\n` });
  expect(between).toMatchObject({ enabled: false, strategy: { name: 'manual', mode: 'live' } });
  expect(after).toMatchObject({ enabled: true, strategy: { name: 'manual', mode: 'live' } });
});

test('the address of the page is told; where it is asked for, the page is served until somebody ends it', async () => {
  const told = await served.nija(['dashboard', '--json']);
  const port = await freePort();
  const page = await served.nijaUntil(['dashboard', '--port', String(port)], async (said) => {
    const [, address = ''] = /: (http:\S+)/.exec(said) ?? [];
    const shown = await fetch(address);
    const stranger = await fetch(new URL('/', address));
    return { body: await shown.text(), statuses: [shown, stranger].map(({ status }) => status) };
  });

  expect(JSON.parse(told.stdout)).toMatchObject({ url: `${served.origin}/` });
  expect(page.seen.statuses).toEqual([200, 403]);
  for (const user of USERS) expect(page.seen.body).toContain(user);
  expect(page).toMatchObject({ code: 0, stdout: expect.stringContaining(`http://127.0.0.1:${port}/`) });
});

test('settings are changed one by one, with what was before kept beside what is now', async () => {
  const changed = await served.nija([
    ...['accounts', 'set', 'u-ben', '--yes', '--why', 'asked by the owner'],
    ...[
      '--limit',
      'maxOpenPositions=3',
      '--protect',
      'stopLoss=0.08',
      '--deny',
      'SOL/USD',
      '--sizing',
      'fixed-amount:100',
    ],
  ]);
  const account = await served.runtime.ledger.accounts.get('u-ben');
  const shown = await served.nija(['accounts', 'show', 'u-ben']);

  expect(changed.code).toBe(0);
  expect(account).toMatchObject({
    limits: { maxOpenPositions: 3 },
    deniedSymbols: ['SOL/USD'],
    follows: MASTER,
  });
  expect(account?.sizing).toMatchObject({ mode: 'fixed-amount' });
  expect(shown.stdout).toMatch(/limits: maxOpenPositions 8 → 3 +\S+ +asked by the owner/);
  expect(shown.stdout).toContain('stop 8 % below cost');
});

test('what the ledger knows is shown: accounts, positions, trades, who got what of one', async () => {
  await served.runtime.call('account-check', { accountId: 'u-ben' });
  const [accounts, positions, trades, copies] = await Promise.all(
    [['accounts'], ['positions', '--role', 'user'], ['trades'], ['copies']].map(
      async (args) => await served.nija(args),
    ),
  );

  expect(lineOf(accounts?.stdout ?? '', 'u-ben')).toMatch(/^u-ben +[a-z-]+ +\d+\.\d\d +-?\d+\.\d\d +\d{4}-/);
  expect(lineOf(positions?.stdout ?? '', 'u-ben')).toMatch(/BTC\/USD .*stop/);
  expect(trades?.stdout).toMatch(/m-hand +BUY +BTC\/USD +0\.1 .*3 filled/);
  for (const user of USERS) expect(copies?.stdout).toMatch(new RegExp(`${user} +BUY +BTC/USD +FILLED`));
});

test('a check, the proof of separation, a report and the doctor end with codes that tell how it stands', async () => {
  const check = await served.nija(['check', 'u-ben']);
  const separation = await served.nija(['separation', '--json']);
  const report = await served.nija(['report']);
  const doctor = await served.nija(['doctor', '--json']);

  expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining('u-ben is checked') });
  expect(separation.code).toBe(0);
  expect(JSON.parse(separation.stdout)).toMatchObject({ holds: true, unread: 0, problems: [] });
  expect(report).toMatchObject({ code: 0, stdout: expect.stringContaining('m-hand') });
  const { findings } = z
    .object({ findings: z.array(z.object({ severity: z.string() })) })
    .parse(JSON.parse(doctor.stdout));
  expect(doctor.code).toBe(findings.some(({ severity }) => severity !== 'info') ? 1 : 0);
});

test('a command line that is wrong does nothing, ends with 2, and is one JSON document where that was asked for', async () => {
  const wrong = await Promise.all(
    [
      ['exti'],
      ['exit', 'ann', '--json'],
      ['halt', '--jsn'],
      ['exit', 'u-ann', '--symbol', 'btc', '--json'],
      [],
    ].map(async (args) => await served.nija(args)),
  );

  expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
  expect(wrong[0]?.stderr).toContain('Did you mean exit?');
  expect(JSON.parse(wrong[1]?.stdout ?? '')).toMatchObject({
    error: { code: 'USAGE', message: expect.stringContaining("(given 'ann')") },
  });
  expect(JSON.parse(wrong[3]?.stdout ?? '')).toMatchObject({
    error: { message: expect.stringContaining('--symbol') },
  });
  expect(wrong[4]?.stderr).toContain('Usage: nija');
});

test('a runtime that is not there is said so, with what to do', async () => {
  const gone = await served.nija(['halt', '--yes', '--url', 'http://127.0.0.1:9', '--json']);
  const nowhere = await served.nija(['halt', '--yes', '--state', '/nowhere/at/all']);

  expect(gone.code).toBe(1);
  expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: 'UNREACHABLE' } });
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('npm start -- --serve') });
});
