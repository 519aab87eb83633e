import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/account-check/handler.ts';
import { invoke } from '../../infra/local/aws/lambda.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import { TRADING_PERMISSIONS } from '../../infra/local/kraken/accounts.ts';
import { BTC, NOON } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

const SLOT = '2026-03-02T12:00:00Z';
const clock = new VirtualClock(NOON);
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clock });
});
afterAll(() => lab.stop());

/** The figures that `act` leaves, in their order. */
const figuresOf = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines
    .slice(before)
    .flatMap(({ level, message, fields }) => (level === 'metric' ? [{ ...fields, figure: message }] : []));
};

describe('a message', () => {
  const fn = () => ({ name: 'account-check', handler: createHandler(lab.host), timeoutMs: 60_000 });
  const deliver = async (body: string, messageId = 'message-1') =>
    await invoke<unknown>(fn(), {
      Records: [{ messageId, body, attributes: { MessageGroupId: 'u-1' }, eventSource: 'aws:sqs' }],
    });
  const checkOf = (accountId: string) => JSON.stringify({ accountId, slot: SLOT });
  const GIVEN_BACK = { batchItemFailures: [{ itemIdentifier: 'message-1' }] };
  const CONSUMED = { batchItemFailures: [] };

  it('is consumed by a check that completed', async () => {
    const { accountId } = await lab.openAccount('user');

    expect(await deliver(checkOf(accountId))).toEqual(CONSUMED);
  });

  it.each([
    'EAPI:Invalid key',
    'EAPI:Invalid signature',
    'EGeneral:Permission denied',
  ])('is consumed where the exchange says %s: trying again is of no use', async (text) => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', accountId });

    const figures = await figuresOf(async () => {
      expect(await deliver(checkOf(accountId))).toEqual(CONSUMED);
    });

    expect(figures).toContainEqual(
      expect.objectContaining({ figure: 'CheckFailed', account: accountId, step: 'connect' }),
    );
  });

  it('is consumed where the secret is gone', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.deleteSecret(accountId);

    const figures = await figuresOf(async () => {
      expect(await deliver(checkOf(accountId))).toEqual(CONSUMED);
    });

    expect(figures).toContainEqual(
      expect.objectContaining({ figure: 'CheckFailed', code: 'SECRET_MISSING' }),
    );
  });

  it('sells a position that is below its stop loss, once, with no master anywhere', async () => {
    const { accountId } = await lab.openAccount('user');
    // Bought for 100, worth 75 now.
    await lab.givePosition(accountId, BTC, '0.0015');

    const deliveries = [await deliver(checkOf(accountId)), await deliver(checkOf(accountId))];

    expect(deliveries).toEqual([CONSUMED, CONSUMED]);
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL' }]);
    expect(await lab.ledger.positions.list(accountId)).toEqual([]);
  });

  it('tells of a key that cannot be used once, however often it is checked, and again when it is another reason', async () => {
    const { accountId } = await lab.openAccount('user');
    await bossIsHealthy(lab);
    const checkWith = async (text: string) => {
      lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'BalanceEx', accountId });
      return await figuresOf(() => deliver(checkOf(accountId)));
    };
    const told = [
      await checkWith('EAPI:Invalid key'),
      await checkWith('EAPI:Invalid key'),
      await checkWith('EGeneral:Permission denied'),
    ].map((figures) => figures.map(({ figure }) => figure).filter((name) => name !== 'CheckDuration'));

    expect(told).toEqual([['KeyUnusable', 'CheckFailed'], [], ['KeyUnusable', 'CheckFailed']]);
  });

  it('sets an account exit-only whose key can withdraw, in the check that every account gets', async () => {
    const { accountId, apiKey } = await lab.openAccount('user');
    lab.simulator.setPermissions(apiKey, [...TRADING_PERMISSIONS, 'withdraw-funds']);

    const figures = await figuresOf(async () => {
      expect(await deliver(checkOf(accountId))).toEqual(CONSUMED);
    });

    expect(figures.map(({ figure }) => figure)).toContain('KeyCanWithdraw');
    expect(await lab.ledger.accounts.get(accountId)).toMatchObject({ exitOnly: true });
  });

  it('is given back where the exchange is down for the moment', async () => {
    const { accountId } = await lab.openAccount('user');
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'BalanceEx', accountId });

    expect(await deliver(checkOf(accountId))).toEqual(GIVEN_BACK);
    expect(await deliver(checkOf(accountId))).toEqual(CONSUMED);
  });

  it('that is no check is given back and counted', async () => {
    const figures = await figuresOf(async () => {
      expect(await deliver('hello')).toEqual(GIVEN_BACK);
    });

    expect(figures).toMatchObject([{ figure: 'CheckFailed', messageId: 'message-1' }]);
  });

  it('of an account whose exchange hangs delays no other account', async () => {
    const hanging = await lab.openAccount('user');
    const other = await lab.openAccount('user');
    const { accountId } = hanging;
    const fault = lab.simulator.faults.inject({ kind: 'TIMEOUT_BEFORE', endpoint: 'BalanceEx', accountId });
    const order: string[] = [];

    const hung = deliver(checkOf(accountId)).then(() => order.push('hanging'));
    while (fault.hits() === 0) await clock.sleep(5);
    await deliver(checkOf(other.accountId)).then(() => order.push('other'));

    expect(order).toEqual(['other']);
    fault.clear();
    await hung;
    expect(order).toEqual(['other', 'hanging']);
  });

  it('by hand is answered with the report', async () => {
    const { accountId } = await lab.openAccount('user');

    expect(await invoke<unknown>(fn(), { accountId })).toMatchObject({ accountId, state: 'COMPLETED' });
  });

  it('by hand for a master is refused', async () => {
    await expect(invoke<unknown>(fn(), { accountId: 'm-boss' })).rejects.toThrow(
      'a user id looks like u-ann',
    );
  });
});
