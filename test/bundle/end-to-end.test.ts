import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundleProcess, startBundle } from '../../infra/bundle/bundle-process.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { openAccount, register } from '../../infra/local/owner/open-account.ts';
import { type Owner, ownerOf } from '../../infra/local/owner/owner.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { bootRuntime, type Runtime } from '../../infra/local/runtime.ts';
import { openState, type StateFolder } from '../../infra/local/state/state-folder.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { type Bundles, makeBundles } from './bundles.ts';

const BTC = marketSymbol('BTC/USD');
const MASTER = 'm-hand';
const USER = 'u-ann';
const clock = new VirtualClock();

let bundles: Bundles;
let state: StateFolder;
let runtime: Runtime;
let owner: Owner;
const processes = new Map<string, Promise<BundleProcess>>();

/** Each function is its bundle, in a process of its own that has its variables and no others. */
const runAsBundle = (name: string, env: Readonly<Record<string, string>>) => async (event: unknown) => {
  const running = processes.get(name) ?? startBundle(bundles.named(name).file, env);
  processes.set(name, running);
  return await (await running).invoke(event);
};

const join = async (accountId: string, balances: Record<string, string>, registration: object) => {
  await openAccount(runtime, { accountId, balances });
  await register(runtime, accountId, registration);
};

const tick = async (): Promise<void> => {
  const scheduledAt = new Date(clock.now()).toISOString();
  await runtime.call('master-tick', { accountId: MASTER, scheduledAt });
  await runtime.settle();
};

const balanceOf = async (accountId: string) => await runtime.call('balance', { accountId });

beforeAll(async () => {
  bundles = await makeBundles();
  state = await openState('throw-away', clock.now());
  const simulator = { prices: [fixedPrice(BTC, '50000')] };
  runtime = await bootRuntime({ state, clock, seed: 7, simulator, runElsewhere: runAsBundle });
  await join(MASTER, { USD: '100000' }, { strategy: { name: 'manual', symbols: [BTC], mode: 'live' } });
  await join(USER, { USD: '10000' }, { follows: MASTER });
  owner = await ownerOf(MASTER, runtime, clock);
  await tick();
});
afterAll(async () => {
  await runtime?.stop();
  await state?.close();
  await Promise.all([...processes.values()].map(async (running) => (await running).stop()));
  bundles?.remove();
});

test('bundled functions copy a trade, read a balance and exit, each with its variables alone', async () => {
  const before = await balanceOf(USER);

  await owner.trade('BUY', BTC, '0.1', '50500');
  await tick();
  const [copy] = await runtime.ledger.copies.list(USER);
  const between = await balanceOf(USER);
  const exit = await runtime.call('exit', { accountId: USER, requestId: 'leave' });

  expect(before).toMatchObject({ connected: true, status: 'following', cash: '10000' });
  expect(copy).toMatchObject({ trade: { side: 'BUY', symbol: BTC }, outcome: { state: 'FILLED' } });
  expect(between).toMatchObject({ connected: true, assets: [{ asset: 'BTC' }] });
  expect(exit).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
  expect(runtime.simulator.books.balances(USER)['BTC']?.total ?? '0').toBe('0');
  expect(runtime.deadLetters()).toBe(0);
});
