import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundleProcess, startBundle } from '../../../infra/bundle/bundle-process.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/functions/specs.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { openAccount, register } from '../../../infra/local/owner/open-account.ts';
import { type Owner, ownerOf } from '../../../infra/local/owner/owner.ts';
import { fixedPrice } from '../../../infra/local/prices/price-source.ts';
import { bootRuntime, type Runtime, STAGE } from '../../../infra/local/runtime.ts';
import { openState, type StateFolder } from '../../../infra/local/state/state-folder.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import { zChannel } from '../../../shared/notification/channel.ts';
import { type Bundles, makeBundles } from '../../bundle/bundles.ts';
import { type Receiver, startReceiver } from '../../notification/receiver.ts';
import { deployed } from '../access/deployed.ts';
import type { Relays } from '../access/relay.ts';
import { relaysFor } from '../access/routed-runtime.ts';
import { FULL, synthesised } from '../stacks/synthesised.ts';
import { endpointOverrides, lambdaVariables, templateVariables } from './environment.ts';

const BTC = marketSymbol('BTC/USD');
const MASTER = 'm-apex';
const STAYER = 'u-ann';
const LEAVER = 'u-bob';
const clock = new VirtualClock();
/** The stage as it is deployed, and what its roles allow. */
const stage = synthesised({ ...FULL, notify: [{ id: 'ops', kind: 'slack' }] }, STAGE);
const deployment = deployed(STAGE);

/** What a function gets beside what all get. */
const MORE_VARIABLES: Partial<Record<FunctionName, readonly string[]>> = {
  'trade-copier': ['NIJA_COPY_QUEUE_URL'],
  'check-dispatcher': ['NIJA_CHECK_QUEUE_URL'],
  'account-check': ['NIJA_CHECK_MINUTES'],
  notify: ['NIJA_NOTIFY_CHANNELS'],
  view: [
    'NIJA_CHECK_MINUTES',
    'NIJA_SECRET_READERS',
    'NIJA_COPY_DEAD_LETTERS_URL',
    'NIJA_CHECK_DEAD_LETTERS_URL',
    'NIJA_TRADE_DEAD_LETTERS_URL',
    'NIJA_SCHEDULE_DEAD_LETTERS_URL',
  ],
  dashboard: ['NIJA_CHECK_MINUTES', 'NIJA_EXIT_FUNCTION'],
};

let bundles: Bundles;
let relays: Relays;
let receiver: Receiver;
let state: StateFolder;
let runtime: Runtime;
let owner: Owner;
const processes = new Map<FunctionName, Promise<BundleProcess>>();
const variables = new Map<FunctionName, Readonly<Record<string, string>>>();
const events = new Map<FunctionName, unknown[]>();

/** The bundle in a process of its own, with its deployed variables, those of Lambda, and its role before AWS. */
const runAsDeployed = (name: FunctionName, env: Readonly<Record<string, string>>) => {
  const local = relays.route(name, env);
  const given = {
    ...templateVariables(stage, name, local),
    ...lambdaVariables(stage, name, local),
    ...endpointOverrides(local),
  };
  variables.set(name, given);
  return async (event: unknown): Promise<unknown> => {
    events.set(name, [...(events.get(name) ?? []), event]);
    const running = processes.get(name) ?? startBundle(bundles.named(name).file, given);
    processes.set(name, running);
    return await (await running).invoke(event);
  };
};

const join = async (accountId: string, registration: object): Promise<unknown> => {
  await openAccount(runtime, { accountId, balances: { USD: '20000' }, key: { tier: 'pro' } });
  return await register(runtime, accountId, registration);
};

const tick = async (): Promise<unknown> => {
  const report = await runtime.call('master-tick', {
    accountId: MASTER,
    scheduledAt: new Date(clock.now()).toISOString(),
    periodMs: 300_000,
  });
  await runtime.settle();
  return report;
};

/** A key that the checks of a moment ago used up has rested, and what waits in a queue is delivered again. */
const aLittleLater = async (): Promise<void> => {
  clock.advanceTo(clock.now() + 15_000);
  await runtime.settle();
};

const coinsOf = (accountId: string): string =>
  runtime.simulator.books.balances(accountId)['BTC']?.total ?? '0';
const outcomesOf = async (accountId: string): Promise<readonly unknown[]> =>
  (await runtime.ledger.copies.list(accountId)).map(({ trade, outcome }) => ({
    side: trade.side,
    state: outcome?.state,
  }));

beforeAll(async () => {
  bundles = await makeBundles();
  relays = await relaysFor(deployment);
  receiver = await startReceiver();
  state = await openState('throw-away', clock.now());
  runtime = await bootRuntime({
    state,
    clock,
    seed: 7,
    simulator: { prices: [fixedPrice(BTC, '50000')] },
    runElsewhere: runAsDeployed,
    channels: [{ channel: zChannel.parse({ id: 'ops', kind: 'slack' }), address: { url: receiver.url } }],
  });
});
afterAll(async () => {
  await runtime?.stop();
  await Promise.all([...processes.values()].map(async (running) => (await running).stop()));
  await relays?.stop();
  await receiver?.stop();
  await state?.close();
  bundles?.remove();
});

test('the local table is called as the deployed one, and no function gets more than a deployment gives', () => {
  expect(variables.get('exit')?.['NIJA_TABLE']).toBe(runtime.table.name);
  for (const name of FUNCTION_NAMES) {
    const own = Object.keys(variables.get(name) ?? {}).filter((variable) => variable.startsWith('NIJA_'));
    const expected = ['NIJA_EXCHANGE_URL_KRAKEN', 'NIJA_STAGE', 'NIJA_TABLE'];

    expect(own.sort(), name).toEqual([...(MORE_VARIABLES[name] ?? []), ...expected].sort());
  }
});

test('a master and its followers are registered', async () => {
  // It sells what it holds at the tick after the one that met it: a decision that no price decides.
  const config = { exit: { maximumHours: 0.000_000_1 } };
  const strategy = { name: 'apex', symbols: [BTC], mode: 'live', config };

  const registered = [
    await join(MASTER, { strategy }),
    await join(STAYER, { follows: MASTER }),
    await join(LEAVER, { follows: MASTER }),
  ];
  owner = await ownerOf(MASTER, runtime, clock);

  expect(registered).toMatchObject([{ role: 'master' }, { role: 'user' }, { role: 'user' }]);
});

test('a halt is engaged, told, and lifted', async () => {
  await runtime.call('control', { action: 'halt', by: 'operator', why: 'a test' });
  const halted = await runtime.call('control', { action: 'status' });
  await runtime.call('control', { action: 'resume', by: 'operator', why: 'a test' });
  const resumed = await runtime.call('control', { action: 'status' });

  expect(halted).toMatchObject({ halt: { engaged: true, by: 'operator' } });
  expect(resumed).toMatchObject({ halt: { engaged: false } });
});

test('what the master bought goes over the stream and the queue into every account', async () => {
  await tick();
  await owner.trade('BUY', BTC, '0.04', '50500');

  const report = await tick();

  expect(report).toMatchObject({ trades: [{ side: 'BUY', symbol: BTC }] });
  expect(events.get('trade-copier')).toMatchObject([{ Records: [{ eventName: 'INSERT' }] }]);
  expect(events.get('copy-worker')).toHaveLength(2);
  for (const accountId of [STAYER, LEAVER]) {
    expect(await outcomesOf(accountId)).toEqual([{ side: 'BUY', state: 'FILLED' }]);
    expect(Number(coinsOf(accountId))).toBeGreaterThan(0);
  }
});

test('a balance is the one of the exchange', async () => {
  const balance = await runtime.call('balance', { accountId: LEAVER });

  expect(balance).toMatchObject({
    connected: true,
    status: 'following',
    assets: [{ asset: 'BTC', total: coinsOf(LEAVER) }],
  });
});

test('a slot has each user checked by itself, and every step of each check is done', async () => {
  const dispatch = await runtime.call('check-dispatcher', { slot: '2026-11-21T04:15:00Z' });
  await runtime.settle();
  const report = await runtime.call('account-check', { accountId: STAYER });

  expect(dispatch).toEqual({ slot: '2026-11-21T04:15:00Z', accounts: 2 });
  expect(events.get('account-check')).toMatchObject([
    { Records: [{ eventSource: 'aws:sqs' }] },
    { Records: [{ eventSource: 'aws:sqs' }] },
    { accountId: STAYER },
  ]);
  expect(report).toMatchObject({ accountId: STAYER, state: 'COMPLETED' });
});

test('an account shows what it holds beside what is managed', async () => {
  const shown = await runtime.call('adopt', { action: 'status', accountId: STAYER });

  expect(shown).toMatchObject({ accountId: STAYER });
});

test('an exit is looked at first, then made, and the exchange shows nothing left', async () => {
  const before = coinsOf(LEAVER);

  const plan = await runtime.call('exit', { accountId: LEAVER, scope: 'managed', dryRun: true });
  const afterPlan = coinsOf(LEAVER);
  const exit = await runtime.call('exit', { accountId: LEAVER, scope: 'managed', dryRun: false });

  expect(plan).toMatchObject({ state: 'PLANNED', results: [{ symbol: BTC }] });
  expect(afterPlan).toBe(before);
  expect(exit).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
  expect(coinsOf(LEAVER)).toBe('0');
});

test('a tick sells by its own decision, and the sale is copied to who still holds', async () => {
  const outcomes = async () => {
    await aLittleLater();
    return await outcomesOf(STAYER);
  };

  const report = await tick();

  expect(report).toMatchObject({
    trades: [{ side: 'SELL', symbol: BTC }],
    decisions: [`SELL ${BTC}: HELD_TOO_LONG`],
  });
  expect(coinsOf(MASTER)).toBe('0');
  await expect.poll(outcomes, { timeout: 60_000 }).toContainEqual({ side: 'SELL', state: 'FILLED' });
  expect(coinsOf(STAYER)).toBe('0');
  expect(await outcomesOf(LEAVER)).toContainEqual({ side: 'SELL', state: 'SKIPPED' });
});

test('operators see the trades with what became of each copy, and that no key is mixed up', async () => {
  const trades = await runtime.call('view', { query: 'trades', copies: true });
  const separation = await runtime.call('view', { query: 'separation' });

  expect(trades).toMatchObject({
    trades: [
      { side: 'SELL', copies: { counts: { filled: 1, skipped: 1 } } },
      { side: 'BUY', copies: { counts: { filled: 2 } } },
    ],
  });
  expect(separation).toMatchObject({ holds: true });
});

test('operators who ask for a statement too early are told what it needs', async () => {
  const month = new Date(clock.now()).toISOString().slice(0, 7);

  // What was executed a moment ago may be in the balances or not: there is no snapshot yet.
  const asking = runtime.call('statement', { accountId: STAYER, month });

  await expect(asking).rejects.toThrow(
    `${STAYER} has no two snapshots that ${month} could be measured between`,
  );
});

test('the widget of the dashboard shows both users, with a button that calls the deployed exit', async () => {
  const page = await runtime.call('dashboard', { widgetContext: { theme: 'dark' } });

  expect(page).toContain(STAYER);
  expect(page).toContain(LEAVER);
  expect(page).not.toContain('could not be read');
  expect(page).toContain(`function:nija-${STAGE}-exit`);
});

test('people are told of the halt, and of the exit', async () => {
  await runtime.settle();

  await runtime.call('notify', { flush: true, early: true });

  const told = receiver
    .bodies()
    .map(({ text }) => text)
    .join('\n');
  expect(told).toContain('operator halted all buying: a test');
  expect(told).toMatch(new RegExp(`of ${LEAVER} has ended`));
});

test('every bundle ran with its deployed role, was refused nothing, and left nothing behind', () => {
  expect([...processes.keys()].sort()).toEqual([...FUNCTION_NAMES].sort());
  expect(relays.refused).toEqual([]);
  expect([...new Set(relays.asked.map((asking) => asking.function))].sort()).toEqual(
    [...FUNCTION_NAMES].sort(),
  );
  expect(runtime.deadLetters()).toBe(0);
});
