import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler as control } from '../../functions/control/handler.ts';
import { createHandler as registerMaster } from '../../functions/register-master/handler.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { roleOf } from '../../shared/account/account.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const FUNCTIONS = { control, 'register-user': registerUser, 'register-master': registerMaster } as const;
const call = async (name: keyof typeof FUNCTIONS, event: unknown): Promise<unknown> =>
  await invoke<unknown>({ name, handler: FUNCTIONS[name](lab.host), timeoutMs: 30_000 }, event);
const register = async (accountId: string, named: object = {}) =>
  await call(`register-${roleOf(accountId)}`, { accountId, exchange: 'kraken', ...named });

/** An owner's key at the exchange and in the vault; nothing is registered yet. */
const keyFor = async (accountId: string, permissions: typeof TRADING_PERMISSIONS = TRADING_PERMISSIONS) => {
  const key = lab.simulator.addKey({ accountId, permissions });
  await lab.storeSecret(accountId, key);
  return { ...key, fingerprint: fingerprintOf(new Secret(key.apiKey)) };
};
const owner = async (accountId: string) => {
  lab.simulator.createAccount({ accountId, balances: {} });
  return await keyFor(accountId);
};
const trailOf = async (accountId: string) => await lab.ledger.control.trail(accountId);

describe('the audit trail of an account', () => {
  it('begins with its registration: who, when, why, with which key and settings', async () => {
    const { fingerprint } = await owner('u-begin');
    const at = lab.clock.now();

    await register('u-begin', { limits: { maxDailyLoss: '0.03' }, by: 'Ann', why: 'a new customer' });

    expect(await trailOf('u-begin')).toMatchObject([
      {
        subject: 'u-begin',
        by: 'Ann',
        why: 'a new customer',
        at,
        setting: 'registration',
        before: null,
        after: {
          keyFingerprint: fingerprint,
          settings: { enabled: true, exitOnly: false, limits: { maxDailyLoss: '0.03', maxDrawdown: '0.15' } },
        },
      },
    ]);
  });

  it('keeps of a later one what it changed, the key among it, in one line with what control has set', async () => {
    const first = await owner('u-again');
    await register('u-again');
    await call('control', { action: 'exit-only', accountId: 'u-again', by: 'ops', why: 'odd fills' });
    await lab.deleteSecret('u-again');
    const second = await keyFor('u-again');

    lab.clock.advance(1);
    await register('u-again', { copyPaused: true, by: 'Bob', why: 'a new key' });

    const status = await call('control', { action: 'status', accountId: 'u-again' });
    expect(status).toMatchObject({
      lastChanges: [
        {
          by: 'Bob',
          setting: 'registration',
          before: { keyFingerprint: first.fingerprint, settings: { copyPaused: false } },
          after: { keyFingerprint: second.fingerprint, settings: { copyPaused: true } },
        },
        { by: 'ops', switch: 'exitOnly', before: 'off', after: 'on' },
        { by: 'register-user', setting: 'registration', before: null },
      ],
    });
  });

  it('keeps one that changed nothing, too', async () => {
    await owner('u-same');
    await register('u-same');
    lab.clock.advance(1);

    await register('u-same');

    expect(await trailOf('u-same')).toMatchObject([
      { before: null },
      { before: { settings: {} }, after: { settings: {} } },
    ]);
  });

  it('of a master begins so, too, with its strategy', async () => {
    await owner('m-begin');

    await register('m-begin', { strategy: { name: 'manual', symbols: ['BTC/USD'] }, by: 'Ann' });

    expect(await trailOf('m-begin')).toMatchObject([
      { by: 'Ann', before: null, after: { settings: { strategy: { name: 'manual', mode: 'paper' } } } },
    ]);
  });

  it('keeps nothing of a registration that was refused', async () => {
    lab.simulator.createAccount({ accountId: 'u-refused', balances: {} });
    await keyFor('u-refused', [...TRADING_PERMISSIONS, 'withdraw-funds']);

    await expect(register('u-refused')).rejects.toMatchObject({ code: 'KEY_CAN_WITHDRAW' });

    expect(await trailOf('u-refused')).toEqual([]);
  });

  it('holds no key and no secret', async () => {
    const { apiKey, apiSecret } = await owner('u-quiet');

    await register('u-quiet', { by: 'Ann', why: 'a new customer' });

    const all = new ScanCommand({ TableName: lab.table.table, ConsistentRead: true });
    const { Items = [] } = await documentClient(lab.env).send(all);
    expect(JSON.stringify(Items)).toContain('u-quiet');
    expect(JSON.stringify(Items)).not.toContain(apiKey);
    expect(JSON.stringify(Items)).not.toContain(apiSecret);
  });
});
