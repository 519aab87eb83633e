import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBalance } from '../../functions/balance/balance.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { noteMasterHealth } from '../../shared/copying/following.ts';
import type { MasterStatus } from '../../shared/copying/master-status.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { bossTrade, giveCopy } from '../functions/causes.ts';
import { type Lab, type LabPorts, openLab } from '../functions/lab.ts';
import { BTC } from '../local/kraken/exchange.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const publish = async (masterId: string, facts: Partial<MasterStatus> = {}): Promise<void> =>
  await lab.ledger.publishStatus({
    masterId,
    healthy: true,
    reason: 'ok',
    at: lab.clock.now(),
    periodMs: MINUTE,
    ...facts,
  });

const note = async (accountId: string, ports: LabPorts = lab.process()) => {
  const account = await lab.ledger.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  return await noteMasterHealth(account, ports);
};

/** What was told, a metric by its name. */
const toldBy = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines.slice(before).map(({ level, message }) => (level === 'metric' ? message : level));
};

const STANDALONE = ['warn', 'Standalone'];

describe('a check of who follows a master', () => {
  it.each<readonly [string, (masterId: string) => Promise<unknown>, RegExp]>([
    ['has never published', async () => undefined, /^the master has never published a status$/],
    [
      'is old',
      (id) => publish(id, { at: lab.clock.now() - HOUR }),
      /^the master's last heartbeat is 3600 s old$/,
    ],
    [
      'says itself that it is not healthy',
      (id) => publish(id, { healthy: false, reason: 'its key was revoked' }),
      /^its key was revoked$/,
    ],
    ['is of the future', (id) => publish(id, { at: lab.clock.now() + HOUR }), /3600 s ahead of our clock/],
    [
      'cannot be read',
      (id) =>
        lab.table.client.send(
          new PutCommand({
            TableName: lab.table.table,
            Item: { pk: `status#${id}`, sk: 'STATUS', kind: 'MASTER_STATUS', healthy: 'yes' },
          }),
        ),
      /could not be read: .*damaged/,
    ],
  ])('tells once that it is standalone where the status %s', async (_, happens, reason) => {
    const masterId = `m-${lab.lines.length}`;
    const { accountId } = await lab.openAccount('user', { follows: masterId });
    await happens(masterId);
    const since = lab.clock.now();

    const first = await toldBy(async () => {
      expect(await note(accountId)).toMatchObject({
        status: 'standalone',
        statusReason: expect.stringMatching(reason),
        master: { masterId, healthy: false, reason: expect.stringMatching(reason) },
        masterSince: since,
      });
    });
    const second = await toldBy(async () =>
      expect(await note(accountId)).toMatchObject({ status: 'standalone', masterSince: since }),
    );

    expect(first).toEqual(STANDALONE);
    expect(second).toEqual([]);
  });

  it('tells nothing while the master is healthy, and shows how old its heartbeat is', async () => {
    const { accountId } = await lab.openAccount('user', { follows: 'm-calm' });
    await publish('m-calm');
    lab.clock.advance(42_000);

    const told = await toldBy(async () => {
      expect(await note(accountId)).toMatchObject({
        status: 'following',
        master: { healthy: true, reason: 'ok', heartbeatAgeSeconds: 42 },
      });
    });

    expect(told).toEqual([]);
  });

  it('tells each change once: away, back, and away again', async () => {
    const { accountId } = await lab.openAccount('user', { follows: 'm-comes' });
    const twice = async () =>
      await toldBy(async () => {
        await note(accountId);
        await note(accountId);
      });

    await publish('m-comes');
    const healthy = await twice();
    lab.clock.advance(HOUR);
    const away = await twice();
    await publish('m-comes');
    const back = await twice();
    lab.clock.advance(HOUR);
    const again = await twice();

    expect([healthy, away, back, again]).toEqual([[], STANDALONE, ['info'], STANDALONE]);
  });

  it('tells a change once where two checks see it at the same time', async () => {
    const { accountId } = await lab.openAccount('user', { follows: 'm-gone' });

    const told = await toldBy(() => Promise.all([note(accountId), note(accountId), note(accountId)]));

    expect(told).toEqual(STANDALONE);
  });

  it('keeps the users of one master apart from those of another', async () => {
    const left = await lab.openAccount('user', { follows: 'm-down' });
    const served = await lab.openAccount('user', { follows: 'm-up' });
    await publish('m-down', { healthy: false, reason: 'its key was revoked' });
    await publish('m-up');

    const reports = [await note(left.accountId), await note(served.accountId)];

    expect(reports.map(({ status }) => status)).toEqual(['standalone', 'following']);
  });

  it('begins anew where the account follows another master', async () => {
    const { accountId, ...account } = await lab.openAccount('user', { follows: 'm-first' });
    const { apiKey: _, ...profile } = { accountId, ...account, follows: 'm-second' };
    await note(accountId);
    const read = await lab.ledger.accounts.read(accountId);
    await lab.ledger.accounts.register(profile, read);
    lab.clock.advance(MINUTE);

    const told = await toldBy(async () => {
      expect(await note(accountId)).toMatchObject({ masterSince: lab.clock.now() });
    });

    expect(told).toEqual(STANDALONE);
  });

  it('has nothing to tell of an account that follows none', async () => {
    const { accountId } = await lab.openAccount('user', { follows: undefined });

    const told = await toldBy(async () => {
      expect(await note(accountId)).toEqual({ status: 'independent', statusReason: 'follows no master' });
    });

    expect(told).toEqual([]);
    expect(await lab.ledger.following.get(accountId)).toBeUndefined();
  });

  it('shows the switches of the account itself, and the master beside them', async () => {
    const { accountId } = await lab.openAccount('user', { follows: 'm-absent', enabled: false });

    expect(await note(accountId)).toMatchObject({
      status: 'disabled',
      master: { masterId: 'm-absent', healthy: false },
    });
  });
});

describe('while a heartbeat lies in the future', () => {
  it('no BUY is copied, and a SELL is', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.01');
    await publish('m-boss', { at: lab.clock.now() + HOUR });
    const copy = async (side: 'BUY' | 'SELL') => {
      const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side }));
      await runCopy(message, lab.process());
      return (await lab.ledger.copies.get(accountId, message.tradeId))?.outcome;
    };

    const sold = await copy('SELL');
    const bought = await copy('BUY');

    expect(sold).toMatchObject({ state: 'FILLED' });
    expect(bought).toMatchObject({ state: 'SKIPPED', reason: 'MASTER_UNHEALTHY' });
  });
});

describe('a balance', () => {
  it('shows the master with the age of its heartbeat, also where the key cannot be used', async () => {
    const { accountId, apiKey } = await lab.openAccount('user', { follows: 'm-seen' });
    await publish('m-seen', { periodMs: HOUR });
    lab.clock.advance(61_000);
    const master = { masterId: 'm-seen', healthy: true, reason: 'ok', heartbeatAgeSeconds: 61 };

    const connected = await readBalance(accountId, lab.process());
    lab.simulator.revokeKey(apiKey);
    const revoked = await readBalance(accountId, lab.process());

    expect(connected).toMatchObject({ connected: true, status: 'following', master });
    expect(revoked).toMatchObject({ connected: false, status: 'following', master });
  });

  it('of an account that follows none shows none', async () => {
    const { accountId } = await lab.openAccount('user', { follows: undefined });

    expect(await readBalance(accountId, lab.process())).not.toHaveProperty('master');
  });
});
