import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { createHandler as accountCheck } from '../../../functions/account-check/handler.ts';
import { createHandler as checkDispatcher } from '../../../functions/check-dispatcher/handler.ts';
import { createHandler as copyWorker } from '../../../functions/copy-worker/handler.ts';
import { createHandler as exit } from '../../../functions/exit/handler.ts';
import { createHandler as registerUser } from '../../../functions/register-user/handler.ts';
import { createHandler as tradeCopier } from '../../../functions/trade-copier/handler.ts';
import type { Trade } from '../../../shared/copying/trade.ts';
import { DAY } from '../../../shared/time/clock.ts';
import { bossTrade } from '../../functions/causes.ts';
import { forbidTimersAndSockets } from '../forbidden-time.ts';
import { openWorld } from './world.ts';

const ANN = 'u-ann';
const MASTER = 'm-boss';

/** A trade as a master's tick writes it. */
const itemOf = ({ tradeId, masterId, ...rest }: Trade) => ({
  pk: masterId,
  sk: `TRADE#${tradeId}`,
  kind: 'TRADE',
  tradeId,
  masterId,
  ...Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, typeof value === 'object' ? value.toFixed() : value]),
  ),
});

/** One user's whole life: registered, a BUY copied from the stream on, checked, everything sold. */
const life = async (seed: number) => {
  const world = openWorld(seed);
  const { clock, ledger, simulator } = world;
  await world.openAccount(ANN, { USD: '10000' });
  await ledger.publishStatus({
    masterId: MASTER,
    healthy: true,
    reason: 'ok',
    at: clock.now(),
    periodMs: DAY,
  });
  await world.invoke('register-user', registerUser, { accountId: ANN, exchange: 'kraken', follows: MASTER });
  const trade = bossTrade(clock.now(), { tradeId: 't-life' });
  await world.database.client.send(new PutCommand({ TableName: 'ledger', Item: itemOf(trade) }));
  const published = world.database.stream.since(undefined, ({ sk }) => sk.startsWith('TRADE#'));

  const fanOut = await world.invoke('trade-copier', tradeCopier, { Records: published });
  const delivery = await world.invoke('copy-worker', copyWorker, await world.received('copies.fifo'));
  const bought = simulator.books.balances(ANN);
  const dispatch = await world.invoke('check-dispatcher', checkDispatcher, {});
  const check = await world.invoke('account-check', accountCheck, await world.received('checks.fifo'));
  const left = await world.invoke('exit', exit, { accountId: ANN, requestId: 'r-1', scope: 'everything' });

  const checked = world.lines
    .filter(({ message }) => message === 'account checked')
    .map(({ fields }) => fields['state']);
  const copy = await ledger.copies.get(ANN, trade.tradeId);
  const positions = await ledger.positions.list(ANN);
  return { ...world, fanOut, delivery, bought, dispatch, check, checked, left, copy, positions };
};

describe('the functions in one process, without network and real time', () => {
  test('copy a BUY, check the account and sell everything', async () => {
    forbidTimersAndSockets();

    const { fanOut, delivery, bought, dispatch, check, checked, left, copy, positions, simulator } =
      await life(1);

    expect([fanOut, delivery, check]).toEqual(Array(3).fill({ batchItemFailures: [] }));
    expect(dispatch).toMatchObject({ accounts: 1 });
    expect(copy?.outcome?.state).toBe('FILLED');
    expect(Number(bought['BTC']?.total)).toBeGreaterThan(0);
    expect(checked).toEqual(['COMPLETED']);
    expect(left).toMatchObject({ state: 'FLAT' });
    expect(positions).toEqual([]);
    expect(simulator.books.balances(ANN)['BTC']?.total).toBe('0');
    expect(simulator.books.orders().map(({ side, status }) => [side, status])).toEqual([
      ['BUY', 'closed'],
      ['SELL', 'closed'],
    ]);
    expect(simulator.books.audit()).toEqual([]);
  });

  test('leave the same table, books and log behind for the same seed', async () => {
    const [first, second] = [await life(3), await life(3)];

    expect(first.lines.length).toBeGreaterThan(3);
    expect([...second.database.items()]).toEqual([...first.database.items()]);
    expect(second.simulator.snapshot()).toEqual(first.simulator.snapshot());
    expect(second.lines).toEqual(first.lines);
  });

  test('read only the secrets that the role of each may read', async () => {
    const world = openWorld(5);
    await world.openAccount(ANN, { USD: '10000' });

    const asMaster = world.invoke('register-master', registerUser, { accountId: ANN, exchange: 'kraken' });

    await expect(asMaster).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});
