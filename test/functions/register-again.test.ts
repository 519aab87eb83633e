import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandler as control } from '../../functions/control/handler.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { createHandler as registerMaster } from '../../functions/register-master/handler.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { roleOf } from '../../shared/account/account.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { registerAccount } from '../../shared/account/register.ts';
import { zRegistration } from '../../shared/account/registration.ts';
import type { AccountStore } from '../../shared/account/stores.ts';
import { refusalOf } from '../ledger/examples.ts';
import { bossIsHealthy, bossTrade, giveCopy, liveMaster } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(() => bossIsHealthy(lab));

const ops = { by: 'ops', why: 'odd fills' };

const call = async (name: string, event: unknown): Promise<void> => {
  const create = { control, 'register-user': registerUser, 'register-master': registerMaster }[name];
  if (create === undefined) throw new Error(`there is no function of that name here (given '${name}')`);
  await invoke<unknown>({ name, handler: create(lab.host), timeoutMs: 30_000 }, event);
};

const registerAgain = async (accountId: string, named: object = {}): Promise<void> =>
  await call(`register-${roleOf(accountId)}`, { accountId, exchange: 'kraken', ...named });

/** A new key at the exchange, in the vault in the place of the old one. */
const newKey = async (accountId: string): Promise<string> => {
  const key = lab.simulator.addKey({ accountId });
  await lab.deleteSecret(accountId);
  await lab.storeSecret(accountId, key);
  return fingerprintOf(new Secret(key.apiKey));
};

const copyBuy = async (accountId: string): Promise<string> => {
  const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now()));
  const outcome = await runCopy(message, lab.process());
  return outcome.state === 'FILLED' ? 'FILLED' : outcome.reason;
};

/** Registers in a process in which `meanwhile` happens right before each write of the profile. */
const registerWhile = async (
  accountId: string,
  named: object,
  meanwhile: (write: number) => Promise<unknown>,
): Promise<unknown> => {
  const ports = lab.process();
  let writes = 0;
  const accounts: Pick<AccountStore, 'ownerOf' | 'read' | 'register'> = {
    ...ports.ledger.accounts,
    register: async (...asked) => {
      writes += 1;
      await meanwhile(writes);
      await ports.ledger.accounts.register(...asked);
    },
  };
  const registration = zRegistration.parse({ accountId, exchange: 'kraken', ...named });
  return await registerAccount(registration, roleOf(accountId), { ...ports, accounts });
};

describe('an account that gets a new key', () => {
  it.each([
    ['disable', 'ACCOUNT_DISABLED'],
    ['exit-only', 'EXIT_ONLY'],
    ['pause-copying', 'COPY_PAUSED'],
  ])('and was stopped by %s still buys nothing', async (action, reason) => {
    const { accountId } = await lab.openAccount('user');
    await call('control', { action, accountId, ...ops });
    const fingerprint = await newKey(accountId);

    await registerAgain(accountId);

    expect(await copyBuy(accountId)).toBe(reason);
    expect((await lab.ledger.accounts.get(accountId))?.keyFingerprint).toBe(fingerprint);
  });

  it('keeps its limits, protection, lists, sizing and master', async () => {
    const { apiKey: _, ...account } = await lab.openAccount('user', {
      limits: { maxDailyLoss: '0.01', minimumEquity: '500' },
      sizing: { mode: 'fixed-amount', amount: '20' },
      protection: { stopLoss: '0.2', maxHoldingHours: 24 },
      deniedSymbols: ['SOL/USD'],
      allowedSymbols: ['BTC/USD'],
      quoteCurrency: 'USDT',
    });
    const keyFingerprint = await newKey(account.accountId);

    await registerAgain(account.accountId);

    const kept = { ...account, followsSince: account.registeredAt, keyFingerprint };
    expect(await lab.ledger.accounts.get(account.accountId)).toEqual(kept);
    expect(await lab.ledger.accounts.ownerOf(account.keyFingerprint)).toBeUndefined();
  });

  it('and is a live master stays live, and one that was disabled stays so', async () => {
    const { apiKey: _, ...account } = await lab.openAccount('master', { ...liveMaster, enabled: false });
    const keyFingerprint = await newKey(account.accountId);

    await registerAgain(account.accountId);

    expect(await lab.ledger.accounts.get(account.accountId)).toEqual({ ...account, keyFingerprint });
  });
});

describe('an account that is registered again', () => {
  it('has what is named changed and nothing else, and the log tells from what to what', async () => {
    const { accountId } = await lab.openAccount('user', {
      limits: { maxDrawdown: '0.03' },
      protection: { stopLoss: '0.2' },
      exitOnly: true,
    });
    const told = lab.lines.length;

    await registerAgain(accountId, {
      limits: { maxDailyLoss: '0.02' },
      protection: { maxHoldingHours: 24 },
      copyPaused: true,
    });

    expect(JSON.parse(JSON.stringify(await lab.ledger.accounts.get(accountId)))).toMatchObject({
      exitOnly: true,
      copyPaused: true,
      limits: { maxDrawdown: '0.03', maxDailyLoss: '0.02' },
      protection: { stopLoss: '0.2', maxHoldingHours: 24 },
    });
    expect(lab.lines.slice(told).filter(({ level }) => level === 'warn')).toMatchObject([
      {
        message: 'a registration changed settings',
        fields: {
          account: accountId,
          before: expect.stringContaining('"copyPaused":false'),
          after: expect.stringContaining('"copyPaused":true'),
        },
      },
    ]);
  });

  it('tells nothing where nothing is changed, and a new key by what it was and is', async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user', { copyPaused: true });
    const warned = async () => {
      const before = lab.lines.length;
      await registerAgain(accountId, { copyPaused: true });
      return lab.lines.slice(before).filter(({ level }) => level === 'warn');
    };

    const same = await warned();
    const after = await newKey(accountId);
    const rotated = await warned();

    expect(same).toEqual([]);
    expect(rotated).toMatchObject([
      { message: 'a key was rotated', fields: { account: accountId, before: keyFingerprint, after } },
    ]);
  });

  it('keeps a switch and a limit that are set while it is registered', async () => {
    const { accountId } = await lab.openAccount('user');
    const fingerprint = await newKey(accountId);

    await registerWhile(accountId, { limits: { maxOpenPositions: 3 } }, async (write) => {
      if (write > 2) return;
      const limits = { maxDailyLoss: '0.01' };
      const action = write === 1 ? { action: 'exit-only' } : { action: 'set-limits', limits };
      await call('control', { ...action, accountId, ...ops });
    });

    const stored = await lab.ledger.accounts.get(accountId);
    expect(JSON.parse(JSON.stringify(stored))).toMatchObject({
      exitOnly: true,
      keyFingerprint: fingerprint,
      limits: { maxOpenPositions: 3, maxDailyLoss: '0.01' },
    });
  });

  it('loses nothing of what many set at once', async () => {
    const { accountId } = await lab.openAccount('user');
    const fingerprint = await newKey(accountId);

    await Promise.all([
      registerAgain(accountId, { deniedSymbols: ['ETH/USD'] }),
      call('control', { action: 'exit-only', accountId, ...ops }),
      call('control', { action: 'pause-copying', accountId, ...ops }),
      call('control', { action: 'set-limits', accountId, limits: { maxOpenPositions: 1 }, ...ops }),
    ]);

    expect(await lab.ledger.accounts.get(accountId)).toMatchObject({
      exitOnly: true,
      copyPaused: true,
      limits: { maxOpenPositions: 1 },
      deniedSymbols: ['ETH/USD'],
      keyFingerprint: fingerprint,
    });
  });

  it('is refused with a sentence where its settings do not stop changing', async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user');
    await newKey(accountId);

    const asked = registerWhile(accountId, { enabled: true }, async (write) => {
      await call('control', { action: write % 2 === 1 ? 'disable' : 'enable', accountId, ...ops });
    });

    await expect(asked).rejects.toMatchObject({
      code: 'ALREADY_REGISTERED',
      message: expect.stringMatching(
        /^u-\d+ was not registered, because its settings kept changing meanwhile/,
      ),
    });
    expect(await lab.ledger.accounts.get(accountId)).toMatchObject({ enabled: false, keyFingerprint });
  });

  it('is left as it is where it was registered with a third key meanwhile', async () => {
    const { accountId } = await lab.openAccount('user');
    const second = await newKey(accountId);
    let third = '';

    const asked = registerWhile(accountId, { enabled: false }, async () => {
      third = await newKey(accountId);
      await registerAgain(accountId);
    });

    const refused = await refusalOf(asked);
    expect(refused).toMatchObject({ code: 'ALREADY_REGISTERED' });
    expect(refused.message).toContain(`(given key fingerprint '${second}', registered '${third}')`);
    const stored = await lab.ledger.accounts.get(accountId);
    expect(stored).toMatchObject({ enabled: true, keyFingerprint: third });
    expect(await lab.ledger.accounts.ownerOf(second)).toBeUndefined();
  });

  it('for the first time by two at once is registered once and settled by both', async () => {
    lab.simulator.createAccount({ accountId: 'u-twice', balances: { USD: '100' } });
    await lab.storeSecret('u-twice', lab.simulator.addKey({ accountId: 'u-twice' }));

    await Promise.all([
      registerAgain('u-twice', { copyPaused: true }),
      registerAgain('u-twice', { limits: { maxOpenPositions: 1 } }),
    ]);

    expect(await lab.ledger.accounts.get('u-twice')).toMatchObject({
      copyPaused: true,
      limits: { maxOpenPositions: 1 },
    });
  });
});
