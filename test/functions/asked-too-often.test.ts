import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkAccount } from '../../functions/account-check/account-check.ts';
import { checkPlan } from '../../functions/account-check/steps.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ simulator: { rateLimits: { private: true, engine: true } } });
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  lab.clock.advance(HOUR);
  await bossIsHealthy(lab);
});

const TOO_OFTEN = { kind: 'ERROR_TEXT', text: 'EAPI:Rate limit exceeded' } as const;
const refused = { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' } as const;

/** An account with 0.02 BTC whose small key may ask about one thing every three seconds. */
const holder = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { tier: 'starter' });
  await lab.givePosition(accountId, BTC, '0.02');
  lab.clock.advance(MINUTE);
  return accountId;
};

/** Asks until the exchange answers no more. */
const useUp = async (accountId: string): Promise<void> => {
  const account = await lab.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  const { vault, leases, exchange, marketRules } = lab.process();
  const { credentials, fingerprint } = await vault.credentialsOf(account);
  const markets = await marketRules.of('kraken');
  const who = { accountId, fingerprint, holder: 'a test', priority: 'normal', waitMs: 0 } as const;
  const lease = await leases.acquire(who);
  const session = exchange('kraken').session({ accountId, credentials, nonces: lease, markets });
  const asking = async (): Promise<void> => {
    for (;;) await session.balances();
  };
  await expect(asking()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await lease.release();
};

const sellOf = async (accountId: string) =>
  await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side: 'SELL' }));
const redrive = async (accountId: string) =>
  await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, lab.process());
const incompleteExit = async (accountId: string): Promise<void> => {
  const fault = lab.simulator.faults.inject({ ...refused, accountId });
  const input = zExitInput.parse({ accountId, requestId: 'out' });
  expect(await runExit(input, lab.process())).toMatchObject({ state: 'INCOMPLETE' });
  fault.clear();
  lab.clock.advance(HOUR);
};

describe('with a key that has asked too often', () => {
  it('a copied SELL waits and sells in the same run', async () => {
    const accountId = await holder();
    const message = await sellOf(accountId);
    await useUp(accountId);
    const begun = lab.clock.now();

    expect(await runCopy(message, lab.process())).toMatchObject({ state: 'FILLED' });

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.02' }]);
    expect(lab.clock.now() - begun).toBeGreaterThan(4 * SECOND);
    expect(lab.clock.now() - begun).toBeLessThanOrEqual(21 * SECOND);
    await expectLedgerAsExchange(lab, accountId, BTC, 'sold');
  });

  it.each([
    60, 32, 21, 19,
  ])('a copied SELL waits as long as its run of %i s allows and leaves 20 s of it', async (seconds) => {
    const accountId = await holder();
    const message = await sellOf(accountId);
    lab.simulator.faults.inject({ ...TOO_OFTEN, endpoint: 'BalanceEx', accountId, times: 99 });
    const until = lab.clock.now() + seconds * SECOND;
    const remainingMs = () => until - lab.clock.now();

    const run = runCopy(message, { ...lab.process(), remainingMs });

    await expect(run).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(remainingMs()).toBeGreaterThanOrEqual(Math.min(seconds, 20) * SECOND);
    expect(remainingMs()).toBeLessThan(24 * SECOND);
  });

  it('a sale that is owed waits and is made good', async () => {
    const accountId = await holder();
    const fault = lab.simulator.faults.inject({ ...refused, accountId });
    await runCopy(await sellOf(accountId), lab.process());
    fault.clear();
    lab.clock.advance(HOUR);
    await useUp(accountId);

    const { sales } = await redrive(accountId);

    expect(sales).toMatchObject([{ symbol: BTC, state: 'MADE_GOOD', by: 'SOLD' }]);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });

  it('an exit that goes on with a check waits until it is flat', async () => {
    const accountId = await holder();
    await incompleteExit(accountId);
    await useUp(accountId);

    expect((await redrive(accountId)).exits).toMatchObject([{ requestId: 'out', state: 'FLAT' }]);

    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });

  it.each([
    20, 8, 0,
  ])('a sale that is owed waits %i s where there is no more time, then gives way', async (seconds) => {
    const accountId = await holder();
    const fault = lab.simulator.faults.inject({ ...refused, accountId });
    await runCopy(await sellOf(accountId), lab.process());
    fault.clear();
    lab.simulator.faults.inject({ ...TOO_OFTEN, endpoint: 'BalanceEx', accountId, times: 99 });
    const begun = lab.clock.now();

    const { sales } = await redriveWork(
      accountId,
      { mayGoOn: () => true, patienceMs: () => seconds * SECOND },
      lab.process(),
    );

    expect(sales).toMatchObject([{ state: 'STILL_OWED', detail: expect.stringContaining('RATE_LIMITED') }]);
    // Long enough for whoever waited to get the key.
    expect(lab.clock.now() - begun).toBe(seconds * SECOND + (seconds === 0 ? 0 : 300));
  });

  it('an exit that somebody waits for has two minutes, one that goes on by itself what it is given', async () => {
    const accountId = await holder();
    await incompleteExit(accountId);
    lab.simulator.faults.inject({ ...TOO_OFTEN, endpoint: 'BalanceEx', accountId, times: 99 });
    const input = zExitInput.parse({ accountId, requestId: 'again' });
    const begun = lab.clock.now();

    await redrive(accountId);
    const alone = lab.clock.now() - begun;
    const awaited = await runExit(input, lab.process());

    expect(awaited).toMatchObject({
      state: 'INCOMPLETE',
      results: [{ detail: expect.stringContaining('RATE_LIMITED') }],
    });
    expect(alone).toBe(20 * SECOND + 300);
    expect(lab.clock.now() - begun - alone).toBe(120 * SECOND);
  });

  it('a check waits also between the pages of what was executed', async () => {
    const accountId = await holder();
    lab.simulator.faults.inject({ ...TOO_OFTEN, endpoint: 'TradesHistory', accountId, times: 2 });
    const plane = lab.process();

    const { steps } = await checkAccount(accountId, { ...plane, ...checkPlan(plane) }, () => 120 * SECOND);

    expect(steps.filter(({ state }) => state === 'FAILED')).toEqual([]);
    expect(steps.map(({ step }) => step)).toContain('reconcile');
  });

  it.each([
    ['BalanceEx', 30, 'connect'],
    ['TradesHistory', 20, 'reconcile'],
    ['GetApiKeyInfo', 20, 'key'],
  ] as const)('a check waits for %s %i s, and fails by what did not come', async (endpoint, seconds, step) => {
    const accountId = await holder();
    lab.simulator.faults.inject({ ...TOO_OFTEN, endpoint, accountId, times: seconds / 4 + 1 });
    const begun = lab.clock.now();
    const plane = lab.process();
    const until = begun + 120 * SECOND;

    const { steps } = await checkAccount(
      accountId,
      { ...plane, ...checkPlan(plane) },
      () => until - lab.clock.now(),
    );

    const failed = steps.flatMap((one) => (one.state === 'FAILED' ? [`${one.step} ${one.code}`] : []));
    expect(failed[0]).toBe(`${step} RATE_LIMITED`);
    expect(lab.clock.now() - begun).toBeGreaterThanOrEqual(Math.floor(seconds / 4) * 4 * SECOND);
    expect(lab.clock.now() - begun).toBeLessThan((seconds + 2) * SECOND);
  });
});
