import { expect, test } from 'vitest';
import { runNija, type World } from '../../cli/run.ts';
import type { FunctionName } from '../../infra/functions/specs.ts';
import { answeringWorld } from './answering-world.ts';

interface Called {
  readonly name: FunctionName;
  readonly event: object;
}

/** A deployment whose functions answer at once, and a person who answers as told. */
const worldOf = (
  person: { readonly says?: boolean; readonly why?: string; readonly there?: boolean },
  exit: object = EXIT,
) => {
  const { says = false, why = '', there = true } = person;
  const called: Called[] = [];
  const seen = { out: '', err: '', questions: [] as string[] };
  const asked = <T>(question: string, answer: T): Promise<T> => {
    seen.questions.push(question);
    return Promise.resolve(answer);
  };
  const written = (stream: 'out' | 'err') => (text: string) => {
    seen[stream] += text;
  };
  const world: World = {
    out: { isTerminal: true, columns: 120, write: written('out') },
    err: { isTerminal: true, columns: 120, write: written('err') },
    env: {},
    operator: 'ann',
    ask: {
      possible: there,
      confirm: async (question) => await asked(question, says),
      text: async (question) => await asked(question, why),
      secret: async (question) => await asked(question, 'canary'),
    },
    readInput: async () => '',
    ended: async () => undefined,
    connect: async () => ({
      stage: 'prod',
      pageUrl: undefined,
      keys: async () => {
        throw new Error('no key is touched here');
      },
      stop: () => undefined,
      functions: {
        target: 'stage prod',
        invoke: async (name, event) => {
          called.push({ name, event });
          if (name === 'exit') return { ok: true, value: exit };
          return { ok: true, value: { summary: 'It is \u001b[2Jdone.' } };
        },
      },
    }),
  };
  return { world, called, seen };
};

const EXIT = {
  accountId: 'u-ann',
  requestId: 'x-1',
  resumed: false,
  scope: 'managed',
  state: 'INCOMPLETE',
  canceledOrders: [],
  results: [],
  notes: ['an order is in doubt'],
};

test('what is dangerous is said, with where, before it is asked for; a no does nothing', async () => {
  const { world, called, seen } = worldOf({ says: false });

  const code = await runNija(['halt'], world);

  expect(code).toBe(3);
  expect(called).toEqual([]);
  expect(seen.err).toContain(
    'This will stop all buying, of all accounts; sales and exits go on, on stage prod.',
  );
  expect(seen.questions).toEqual(['Go on?']);
  expect(seen.out).toBe('');
});

test('a yes does it, under the name of who is signed in, with why where that was said', async () => {
  const { world, called } = worldOf({ says: true, why: 'odd prices' });

  const code = await runNija(['halt'], world);

  expect(code).toBe(0);
  expect(called).toEqual([{ name: 'control', event: { action: 'halt', by: 'ann', why: 'odd prices' } }]);
});

test('with --yes nobody is asked anything, not even why', async () => {
  const { world, called, seen } = worldOf({ there: false });

  const code = await runNija(['pause', 'u-ann', '--yes'], world);

  expect(code).toBe(0);
  expect(seen.questions).toEqual([]);
  expect(called).toMatchObject([
    { event: { action: 'pause-copying', accountId: 'u-ann', why: 'no reason was given' } },
  ]);
});

test('an exit that is confirmed was shown first; one that is not flat ends with 1 and how to go on', async () => {
  const { world, called, seen } = worldOf({ says: true });

  const code = await runNija(['exit', 'u-ann', '--symbol', 'BTC/USD'], world);

  expect(code).toBe(1);
  expect(called.map(({ event }) => event)).toEqual([
    { accountId: 'u-ann', scope: 'managed', symbols: ['BTC/USD'], dryRun: true },
    { accountId: 'u-ann', scope: 'managed', symbols: ['BTC/USD'] },
  ]);
  expect(seen.out).toContain('\nnija exit u-ann --symbol BTC/USD --request-id x-1\n');
});

test('how an exit goes on is a line that asks for the same exit of the same deployment', async () => {
  const [everything, local, flat] = [worldOf({}), worldOf({}), worldOf({}, { ...EXIT, state: 'FLAT' })];

  await runNija(
    [
      ...['exit', 'u-ann', '--everything', '--symbol', 'BTC/USD', '--symbol', 'ETH/USD'],
      ...['--stage', 'prod', '--yes'],
    ],
    everything.world,
  );
  await runNija(['exit', 'u-ann', '--state', "/tmp/ann's state", '--yes'], local.world);
  await runNija(['exit', 'u-ann', '--stage', 'prod', '--yes'], flat.world);

  expect(everything.seen.out).toContain(
    '\nnija exit u-ann --everything --symbol BTC/USD --symbol ETH/USD --request-id x-1 --stage prod\n',
  );
  expect(local.seen.out).toContain(`\nnija exit u-ann --request-id x-1 --state '/tmp/ann'\\''s state'\n`);
  expect(flat.seen.out).toContain('nija pause u-ann --stage prod keeps it out');
});

test('an exit that leaves what no order can sell is not told as flat, says what is left, and is done', async () => {
  const one = { quantity: '0', proceeds: '0', fees: '0', rounds: 0 };
  const results = [
    { ...one, symbol: 'DOT/USD', state: 'STAKED', left: '2.5', detail: 'unstake it at the exchange' },
    { ...one, symbol: 'OLD/USD', state: 'DELISTED', left: '7', detail: 'withdraw it' },
    { ...one, symbol: 'BTC/USD', state: 'DUST', left: '0.00001', detail: 'too little' },
  ];
  const { world, seen } = worldOf({}, { ...EXIT, state: 'FLAT', notes: [], results });

  const code = await runNija(['exit', 'u-ann', '--yes', '--no-color'], world);

  expect(code).toBe(0);
  expect(seen.out).not.toContain('is flat');
  expect(seen.out.replaceAll(/\s+/g, ' ')).toContain(
    'Of u-ann nothing more can be sold here; left: 2.5 of DOT/USD (STAKED), 7 of OLD/USD (DELISTED). Its owner unstakes or withdraws it',
  );
});

test('a master that cannot be disabled may still buy: what stops it now is said', async () => {
  const failure = { functionName: 'register-master', code: 'ExchangeError', message: 'kraken is down' };
  const [disabling, enabling] = [
    answeringWorld(() => ({ ok: false, failure })),
    answeringWorld(() => ({ ok: false, failure })),
  ];

  const code = await runNija(
    ['accounts', 'disable', 'm-apex', '--stage', 'prod', '--yes', '--json'],
    disabling.world,
  );
  await runNija(['accounts', 'enable', 'm-apex', '--yes', '--json'], enabling.world);

  expect(code).toBe(1);
  expect(JSON.parse(disabling.seen.out)).toMatchObject({
    error: {
      code: 'ExchangeError',
      message: 'kraken is down. m-apex may still buy: nija halt --stage prod stops all buying',
    },
  });
  expect(enabling.seen.out).not.toContain('nija halt');
});

test('what a function answers is shown without what would command a terminal, coloured only where wanted', async () => {
  const [coloured, plain, refused] = [worldOf({}), worldOf({}), worldOf({})];
  await runNija(['resume', '--yes'], coloured.world);
  await runNija(['resume', '--yes', '--no-color'], plain.world);
  await runNija(['resume', '--yes'], { ...refused.world, env: { NO_COLOR: '1' } });

  expect(coloured.seen.out).toBe('\u001b[32mIt is [2Jdone.\u001b[39m\n');
  expect(plain.seen.out).toBe('It is [2Jdone.\n');
  expect(refused.seen.out).toBe('It is [2Jdone.\n');
});

test('every command explains itself, with examples and the options that all have', async () => {
  const names = [
    'balances',
    'positions',
    'trades',
    'copies',
    'exit',
    'halt',
    'resume',
    'pause',
    'check',
    'doctor',
    'separation',
    'report',
  ];
  for (const name of [
    ...names,
    'accounts add',
    'accounts set',
    'accounts show',
    'accounts list',
    'accounts disable',
  ]) {
    const { world, seen } = worldOf({});

    const code = await runNija([...name.split(' '), '--help'], world);

    expect({ name, code }).toEqual({ name, code: 0 });
    expect(seen.out).toContain('--json');
    expect(seen.out).toContain('Examples:');
  }
});
