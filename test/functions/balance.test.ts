import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBalance } from '../../functions/balance/balance.ts';
import { createHandler } from '../../functions/balance/handler.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { UnknownAccount } from '../../shared/account/errors.ts';
import { text } from '../../shared/money/money.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { heldAtExchange } from './books.ts';
import { type Lab, type NewAccount, openLab } from './lab.ts';
import { recordedClient } from './recorded-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const publish = async (masterId: string, healthy: boolean, periodMs = DAY): Promise<void> =>
  await lab.ledger.publishStatus({
    masterId,
    healthy,
    reason: healthy ? 'ok' : 'the key is revoked',
    at: lab.clock.now(),
    periodMs,
  });
beforeEach(() => publish('m-boss', true));

const balanceOf = async (profile: NewAccount = {}) => {
  const { accountId } = await lab.openAccount('user', profile);
  return await readBalance(accountId, lab.process());
};

describe('a balance', () => {
  it("is what the exchange's own books say, valued at the last price", async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user', {
      balances: { USD: '1000.5', USDT: '200', BTC: '0.1', ETH: '2' },
    });

    const balance = await readBalance(accountId, lab.process());

    if (!balance.connected) throw new Error(balance.message);
    expect(balance).toMatchObject({
      status: 'following',
      currency: 'USD',
      keyFingerprint,
      asOf: lab.clock.now(),
    });
    expect(text(balance.cash)).toBe('1200.5');
    expect(text(balance.held)).toBe('0');
    expect(text(balance.equity)).toBe('11200.5');
    const btc = balance.assets.find(({ asset }) => asset === 'BTC');
    expect(btc && text(btc.total)).toBe(heldAtExchange(lab, accountId, BTC));
    expect(btc?.value && text(btc.value)).toBe('5000');
  });

  it.each([
    ['HTTP_5XX', undefined, 'UNAVAILABLE'],
    ['EMPTY_RESULT', undefined, 'MALFORMED_ANSWER'],
    ['ERROR_TEXT', 'EAPI:Invalid key', 'INVALID_KEY'],
    ['ERROR_TEXT', 'EGeneral:Permission denied', 'PERMISSION_DENIED'],
  ] as const)('that could not be read (%s %s) is an error with a code, never a zero', async (kind, said, code) => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.faults.inject({ kind, accountId, ...(said === undefined ? {} : { text: said }) });

    const balance = await readBalance(accountId, lab.process());

    expect(balance).toMatchObject({ connected: false, code });
    expect(balance).not.toHaveProperty('equity');
    expect(balance).not.toHaveProperty('cash');
    expect(balance).not.toHaveProperty('lastKnown');
  });

  it('names a missing secret instead of a balance', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.deleteSecret(accountId);

    const balance = await readBalance(accountId, lab.process());

    expect(balance).toMatchObject({ connected: false, code: 'SECRET_MISSING' });
  });

  it('that was known once is shown as such, with its age', async () => {
    const { accountId, apiKey } = await lab.openAccount('user', { balances: { USD: '700' } });
    await readBalance(accountId, lab.process());
    lab.simulator.revokeKey(apiKey);
    lab.clock.advance(HOUR);

    const balance = await readBalance(accountId, lab.process());

    expect(balance).toMatchObject({ connected: false, code: 'INVALID_KEY' });
    if (balance.connected || balance.lastKnown === undefined) throw new Error('nothing was known');
    expect(text(balance.lastKnown.equity)).toBe('700');
    expect(text(balance.lastKnown.cash)).toBe('700');
    expect(balance.lastKnown.ageMs).toBe(HOUR);
  });

  it('of an account that nobody knows is refused', async () => {
    await expect(readBalance('u-nobody', lab.process())).rejects.toThrow(UnknownAccount);
  });

  it('is not given to who asks for a master, or in another form', async () => {
    const handler = createHandler(lab.host);
    const ask = (event: unknown) => invoke({ name: 'balance', handler, timeoutMs: 30_000 }, event);

    await expect(ask({ accountId: 'm-boss' })).rejects.toThrow(/accountId: a user id looks like u-ann/);
    await expect(ask({ account: 'u-1' })).rejects.toThrow(/the event is not valid/);
    await expect(ask(undefined)).rejects.toThrow(/the event is not valid/);
  });
});

describe('the status of an account', () => {
  const statuses: readonly (readonly [string, NewAccount])[] = [
    ['independent', { follows: undefined }],
    ['disabled', { enabled: false }],
    ['exit-only', { exitOnly: true }],
    ['exit-only', { balances: { USD: '24.99' } }],
    ['paused', { copyPaused: true }],
    ['following', { balances: { USD: '25' } }],
  ];
  it.each(statuses)('is %s (%#)', async (status, profile) => {
    expect(await balanceOf(profile)).toMatchObject({ connected: true, status });
  });

  it('is standalone where the master has never published, with a true balance all the same', async () => {
    const balance = await balanceOf({ follows: 'm-silent', balances: { USD: '300' } });

    expect(balance).toMatchObject({ connected: true, status: 'standalone' });
    expect(balance.connected && text(balance.equity)).toBe('300');
  });

  it('is standalone where the item of the master is damaged', async () => {
    const Item = { pk: 'status#m-damaged', sk: 'STATUS', kind: 'MASTER_STATUS', healthy: 'yes' };
    await lab.table.client.send(new PutCommand({ TableName: lab.table.table, Item }));

    expect(await balanceOf({ follows: 'm-damaged' })).toMatchObject({
      connected: true,
      status: 'standalone',
    });
  });

  it('turns standalone and back by itself as the heartbeat stops and returns', async () => {
    const { accountId } = await lab.openAccount('user', { follows: 'm-pulse' });
    const status = async () => (await readBalance(accountId, lab.process())).status;

    await publish('m-pulse', true, MINUTE);
    const alive = await status();
    lab.clock.advance(4 * MINUTE);
    const silent = await status();
    await publish('m-pulse', false, MINUTE);
    const failing = await status();
    await publish('m-pulse', true, MINUTE);
    const back = await status();

    expect([alive, silent, failing, back]).toEqual(['following', 'standalone', 'standalone', 'following']);
  });
});

describe('the user plane', () => {
  it('touches nothing of a master but the status that it publishes', async () => {
    const { accountId, keyFingerprint } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const { client, partitions } = recordedClient(lab.env);

    await readBalance(accountId, lab.process({ client }));
    await runExit(zExitInput.parse({ accountId, requestId: 'away' }), lab.process({ client }));

    expect([...partitions].filter((key) => key.includes('m-'))).toEqual(['status#m-boss']);
    expect(partitions).toContain(accountId);
    const strangers = [...partitions].filter((key) => /^u-/.test(key) && key !== accountId);
    expect(strangers).toEqual([]);
    expect(keyFingerprint).toMatch(/^[0-9a-f]{16}$/);
    client.destroy();
  });
});
