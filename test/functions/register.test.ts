import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler as registerMaster } from '../../functions/register-master/handler.ts';
import { createHandler as registerUser } from '../../functions/register-user/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { type Permission, TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import { anAccount } from '../ledger/examples.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const register = (role: 'user' | 'master', event: unknown): Promise<unknown> => {
  const handler = (role === 'user' ? registerUser : registerMaster)(lab.host);
  return invoke<unknown>({ name: `register-${role}`, handler, timeoutMs: 30_000 }, event);
};

/** An account at the exchange whose key is in the vault, not registered yet. */
const newcomer = async (accountId: string, permissions: readonly Permission[] = TRADING_PERMISSIONS) => {
  lab.simulator.createAccount({ accountId, balances: { USD: '100' } });
  const key = lab.simulator.addKey({ accountId, permissions });
  await lab.storeSecret(accountId, key);
  return key;
};

const nothingWritten = async (accountId: string, apiKey?: string): Promise<void> => {
  expect(await lab.ledger.accounts.get(accountId)).toBeUndefined();
  if (apiKey !== undefined)
    expect(await lab.ledger.accounts.ownerOf(fingerprintOf(new Secret(apiKey)))).toBeUndefined();
};

describe('the registration of an account', () => {
  it('stores its profile and the fingerprint of its key, and no part of the key', async () => {
    const { apiKey, apiSecret } = await newcomer('u-ann');

    const answer = await register('user', { accountId: 'u-ann', exchange: 'kraken', follows: 'm-boss' });

    const fingerprint = fingerprintOf(new Secret(apiKey));
    expect(answer).toMatchObject({ accountId: 'u-ann', role: 'user', keyFingerprint: fingerprint });
    expect(await lab.ledger.accounts.get('u-ann')).toMatchObject({ follows: 'm-boss', enabled: true });
    expect(await lab.ledger.accounts.ownerOf(fingerprint)).toBe('u-ann');
    const told = JSON.stringify([answer, lab.lines]);
    expect(told).not.toContain(apiKey);
    expect(told).not.toContain(apiSecret);
  });

  it('puts a master in paper mode unless it is told otherwise', async () => {
    await newcomer('m-boss');
    const strategy = { name: 'manual', symbols: ['BTC/USD'] };

    const answer = await register('master', { accountId: 'm-boss', exchange: 'kraken', strategy });

    expect(answer).toMatchObject({ role: 'master', strategy: { mode: 'paper' } });
  });

  it('keeps since when it follows a master, until it follows another', async () => {
    await newcomer('u-faithful');
    const followedSince = async (follows?: string | null) => {
      lab.clock.advance(1_000);
      const event = {
        accountId: 'u-faithful',
        exchange: 'kraken',
        ...(follows === undefined ? {} : { follows }),
      };
      await register('user', event);
      const account = await lab.ledger.accounts.get('u-faithful');
      return { since: account?.followsSince, at: lab.clock.now(), registeredAt: account?.registeredAt };
    };

    const alone = await followedSince();
    const joined = await followedSince('m-one');
    const again = await followedSince('m-one');
    const unnamed = await followedSince();
    const changed = await followedSince('m-two');
    const left = await followedSince(null);
    const back = await followedSince('m-two');

    expect(alone.since).toBeUndefined();
    expect(joined.since).toBe(joined.at);
    expect(again.since).toBe(joined.at);
    expect(unnamed.since).toBe(joined.at);
    expect(changed.since).toBe(changed.at);
    expect(left.since).toBeUndefined();
    expect(back.since).toBe(back.at);
    expect(back.registeredAt).toBe(alone.registeredAt);
  });

  it('of an account from before that was kept follows since it was registered', async () => {
    await newcomer('u-old');
    await register('user', { accountId: 'u-old', exchange: 'kraken', follows: 'm-one' });
    const { followsSince: _unknown, ...old } = (await lab.ledger.accounts.get('u-old')) ?? anAccount();
    await lab.ledger.accounts.register(old, await lab.ledger.accounts.read('u-old'));
    lab.clock.advance(1_000);

    await register('user', { accountId: 'u-old', exchange: 'kraken', follows: 'm-one' });

    expect(await lab.ledger.accounts.get('u-old')).toMatchObject({ followsSince: old.registeredAt });
  });

  it.each<Permission>([
    'withdraw-funds',
    'add-withdraw-address',
    'update-withdraw-address',
  ])('refuses a key with %s, and writes nothing', async (permission) => {
    const accountId = `u-${permission}`;
    const { apiKey } = await newcomer(accountId, [...TRADING_PERMISSIONS, permission]);
    const before = lab.lines.length;

    await expect(register('user', { accountId, exchange: 'kraken' })).rejects.toMatchObject({
      code: 'KEY_CAN_WITHDRAW',
      message: expect.stringContaining(accountId),
    });

    const told = lab.lines.slice(before).filter(({ level }) => level === 'metric');
    expect(told).toMatchObject([{ message: 'KeyCanWithdraw', fields: { account: accountId } }]);
    await nothingWritten(accountId, apiKey);
  });

  it('tells what there is to know of a key that it takes, and counts nothing', async () => {
    const { apiKey } = await newcomer('u-told');
    lab.simulator.setKeyTerms(apiKey, { nonceWindow: 10_000 });
    const before = lab.lines.length;

    await register('user', { accountId: 'u-told', exchange: 'kraken' });

    const keyFingerprint = fingerprintOf(new Secret(apiKey));
    const lines = lab.lines.slice(before);
    expect(lines.filter(({ level }) => level === 'metric')).toEqual([]);
    expect(lines.map(({ level, fields }) => [level, fields?.['code']])).toEqual([
      ['warn', 'NONCE_WINDOW'],
      ['info', 'NO_IP_ALLOW_LIST'],
      ['info', undefined],
    ]);
    for (const { fields } of lines) expect(fields).toMatchObject({ account: 'u-told', keyFingerprint });
  });

  it('takes a master that is told to follow nobody', async () => {
    await newcomer('m-alone');
    const strategy = { name: 'manual', symbols: ['BTC/USD'] };

    const answer = await register('master', {
      accountId: 'm-alone',
      exchange: 'kraken',
      strategy,
      follows: null,
    });

    expect(answer).toMatchObject({ accountId: 'm-alone', role: 'master' });
  });

  it.each<readonly [string, string, readonly Permission[]]>([
    ['KEY_CANNOT_TRADE', 'u-watcher', ['query-funds', 'query-open-trades', 'query-closed-trades']],
    ['KEY_CANNOT_QUERY', 'u-blind', ['modify-trades', 'close-trades']],
  ])('refuses a key that is not able to do its work (%s)', async (code, accountId, permissions) => {
    const { apiKey } = await newcomer(accountId, permissions);

    await expect(register('user', { accountId, exchange: 'kraken' })).rejects.toMatchObject({ code });

    await nothingWritten(accountId, apiKey);
  });

  it('refuses the key of another account', async () => {
    const key = await newcomer('u-first');
    await register('user', { accountId: 'u-first', exchange: 'kraken' });
    await lab.storeSecret('u-second', key);

    await expect(register('user', { accountId: 'u-second', exchange: 'kraken' })).rejects.toMatchObject({
      code: 'KEY_IN_USE',
      message: expect.stringMatching(/u-second.*u-first/),
    });

    await nothingWritten('u-second');
    expect(await lab.ledger.accounts.ownerOf(fingerprintOf(new Secret(key.apiKey)))).toBe('u-first');
  });

  it('lets one of two accounts have a key that both bring at once', async () => {
    const key = await newcomer('u-left');
    await lab.storeSecret('u-right', key);

    const results = await Promise.allSettled(
      ['u-left', 'u-right'].map((accountId) => register('user', { accountId, exchange: 'kraken' })),
    );

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const owner = await lab.ledger.accounts.ownerOf(fingerprintOf(new Secret(key.apiKey)));
    await nothingWritten(owner === 'u-left' ? 'u-right' : 'u-left');
  });

  it.each<readonly ['user' | 'master', Record<string, unknown>]>([
    ['user', { accountId: 'm-other' }],
    ['master', { accountId: 'm-other', follows: 'm-boss' }],
    ['master', { accountId: 'm-other', protection: { stopLoss: '0.1' } }],
    ['user', { accountId: 'u-other', strategy: { name: 'manual', symbols: ['BTC/USD'] } }],
  ])('refuses as %s what is for the other role by that code: %o', async (role, event) => {
    await expect(register(role, { exchange: 'kraken', ...event })).rejects.toMatchObject({
      code: 'ROLE_MISMATCH',
    });
  });

  it.each<readonly [string, 'user' | 'master', Record<string, unknown>, RegExp]>([
    ['a master with the function of users', 'user', { accountId: 'm-other' }, /register-master/],
    ['a user with the function of masters', 'master', { accountId: 'u-other' }, /register-user/],
    [
      'a master that follows somebody',
      'master',
      { accountId: 'm-other', follows: 'm-boss' },
      /follows nobody/,
    ],
    [
      'a master with a protection of users',
      'master',
      { accountId: 'm-other', protection: { stopLoss: '0.1' } },
      /protection is for users/,
    ],
    [
      'a user with a strategy',
      'user',
      { accountId: 'u-other', strategy: { name: 'manual', symbols: ['BTC/USD'] } },
      /runs no strategy/,
    ],
    ['an account without a secret', 'user', { accountId: 'u-other' }, /has no secret/],
    ['an exchange that is not known', 'user', { accountId: 'u-other', exchange: 'nowhere' }, /exchange/],
    [
      'a limit of more than all',
      'user',
      { accountId: 'u-other', limits: { maxTradeFraction: '1.5' } },
      /between 0 and 1/,
    ],
    ['a field that is none', 'user', { accountId: 'u-other', withdraw: true }, /withdraw/],
  ])('refuses %s, and writes nothing', async (_what, role, event, said) => {
    await expect(register(role, { exchange: 'kraken', ...event })).rejects.toThrow(said);

    await nothingWritten(String(event['accountId']));
  });

  it.each([
    ['a limit that there is not', { limits: { maxDrawdwon: '0.1' } }, /limits: Unrecognized key/],
    ['nothing in the place of a list', { deniedSymbols: null }, /deniedSymbols/],
    ['nothing in the place of a switch', { enabled: null }, /enabled/],
  ])('again refuses %s, and leaves the account as it is', async (_what, named, said) => {
    const { apiKey: _, ...account } = await lab.openAccount('user');

    const asked = register('user', { accountId: account.accountId, exchange: 'kraken', ...named });

    await expect(asked).rejects.toThrow(said);
    expect(await lab.ledger.accounts.get(account.accountId)).toEqual(account);
  });

  it('refuses a key that the exchange does not know, and writes nothing', async () => {
    const { apiKey } = await newcomer('u-revoked');
    lab.simulator.revokeKey(apiKey);

    await expect(register('user', { accountId: 'u-revoked', exchange: 'kraken' })).rejects.toMatchObject({
      code: 'INVALID_KEY',
    });

    await nothingWritten('u-revoked', apiKey);
  });
});
