import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHECKS, scheduleChecks } from '../../infra/local/check-schedule.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import type { LogLine } from '../../infra/local/local-host.ts';
import { openAccount, register } from '../../infra/local/owner/open-account.ts';
import { fixedPrice } from '../../infra/local/prices/price-source.ts';
import { bootRuntime, type Runtime } from '../../infra/local/runtime.ts';
import { openState, type StateFolder } from '../../infra/local/state/state-folder.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';

const BTC = marketSymbol('BTC/USD');
const USERS = ['u-ann', 'u-bob', 'u-cat'] as const;
const clock = new VirtualClock();
const lines: LogLine[] = [];
let state: StateFolder;
let runtime: Runtime;

beforeAll(async () => {
  state = await openState('throw-away', clock.now());
  runtime = await bootRuntime({
    state,
    clock,
    seed: 3,
    checkConcurrency: 2,
    simulator: { prices: [fixedPrice(BTC, '50000')] },
    onLine: (line) => lines.push(line),
  });
  for (const accountId of USERS) {
    await openAccount(runtime, { accountId, balances: { USD: '1000' }, key: { tier: 'pro' } });
    await register(runtime, accountId);
  }
  scheduleChecks(runtime, clock.now() + MINUTE);
});
afterAll(async () => {
  await runtime?.stop();
  await state?.close();
});

/** The accounts whose check ended, in the order in which it did. */
const checked = (): readonly unknown[] =>
  lines.filter(({ message }) => message === 'account checked').map(({ fields }) => fields['account']);

const nextSlot = async () => {
  const due = runtime.scheduler.nextAt() ?? clock.now();
  lines.length = 0;
  clock.advanceTo(due);
  return { due, runs: await runtime.scheduler.runDue(clock.now()) };
};

test('a slot of the schedule has every user checked, once', async () => {
  const { due, runs } = await nextSlot();
  await runtime.settle();

  expect(runs).toMatchObject([
    { schedule: CHECKS, state: 'SUCCEEDED', result: { slot: iso(due), accounts: USERS.length } },
  ]);
  expect([...checked()].sort()).toEqual(USERS);
  expect(lines.filter(({ message }) => message === 'CheckFailed')).toEqual([]);
});

test('an account whose exchange hangs is the last to end, and delays no other', async () => {
  const [hanging, ...others] = USERS;
  runtime.simulator.faults.inject({
    kind: 'TIMEOUT_BEFORE',
    accountId: hanging,
    times: Number.POSITIVE_INFINITY,
  });

  await nextSlot();
  await runtime.settle();

  expect(checked()).toHaveLength(USERS.length);
  expect([...checked().slice(0, -1)].sort()).toEqual(others);
  expect(checked().at(-1)).toBe(hanging);
  expect(lines).toContainEqual(
    expect.objectContaining({
      message: 'CheckFailed',
      fields: expect.objectContaining({ account: hanging, step: 'connect', code: 'TIMEOUT' }),
    }),
  );
});
