import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FaultKind } from '../../../infra/local/kraken/faults.ts';
import { openVenue, orderForm, read, send, type Venue, zOrders } from './exchange.ts';

const order = (venue: Venue, nonce: string, signal?: AbortSignal) =>
  send({
    url: venue.simulator.url,
    apiKey: venue.apiKey,
    apiSecret: venue.apiSecret,
    endpoint: 'AddOrder',
    nonce,
    form: orderForm(),
    ...(signal && { signal }),
  });

/** Hangs up as soon as the exchange has dealt with the request. */
const hangUp = async (venue: Venue, nonce: string): Promise<unknown> => {
  const controller = new AbortController();
  const before = venue.simulator.books.requests().reduce((sum, { count }) => sum + count, 0);
  const pending = order(venue, nonce, controller.signal).catch((error: unknown) => error);
  const arrived = (): boolean =>
    venue.simulator.books.requests().reduce((sum, { count }) => sum + count, 0) > before;
  await expect.poll(arrived, { interval: 2, timeout: 20_000 }).toBe(true);
  controller.abort();
  return pending;
};

const placed = (venue: Venue): number => venue.simulator.books.orders().length;

describe('faults', () => {
  it.each([
    ['TIMEOUT_BEFORE', 0],
    ['TIMEOUT_AFTER', 1],
  ] as const)('%s never answers, and leaves %i order behind', async (kind, left) => {
    const venue = await openVenue();
    const fault = venue.simulator.faults.inject({ kind, endpoint: 'AddOrder' });

    const outcome = await hangUp(venue, '1');

    expect(outcome).toBeInstanceOf(DOMException);
    expect(fault.hits()).toBe(1);
    expect(placed(venue)).toBe(left);
  });

  it.each([
    ['RESET_BEFORE', 0],
    ['RESET_AFTER', 1],
  ] as const)('%s breaks the connection, and leaves %i order behind', async (kind, left) => {
    const venue = await openVenue();
    venue.simulator.faults.inject({ kind });

    const outcome = await order(venue, '1').catch((error: unknown) => error);

    expect(outcome).toBeInstanceOf(TypeError);
    expect(placed(venue)).toBe(left);
  });

  const answers: readonly (readonly [FaultKind, number, (body: string) => boolean])[] = [
    ['HTTP_5XX', 503, (body) => body.startsWith('<!DOCTYPE')],
    ['HTTP_520', 520, (body) => body.startsWith('<!DOCTYPE')],
    ['HTML', 200, (body) => body.startsWith('<!DOCTYPE')],
    ['EMPTY', 200, (body) => body === ''],
    ['EMPTY_RESULT', 200, (body) => body === '{"error":[]}'],
    ['TRUNCATED', 200, (body) => body.startsWith('{"error"') && !body.endsWith('}')],
    ['ERROR_TEXT', 200, (body) => body === '{"error":["EService:Busy"]}'],
  ];

  it.each(
    answers.flatMap(([kind, status, looks]) =>
      [false, true].map((accept) => ({ kind, accept, status, looks })),
    ),
  )('$kind with accept $accept answers $status and leaves an order only where accepted', async (fault) => {
    const { kind, accept, status, looks } = fault;
    const venue = await openVenue();
    venue.simulator.faults.inject({ kind, accept, text: 'EService:Busy' });

    const response = await order(venue, '1');
    const body = await response.text();

    expect(response.status).toBe(status);
    expect(looks(body)).toBe(true);
    expect(placed(venue)).toBe(accept ? 1 : 0);
  });

  it('SLOW carries out at once and answers later; LATE carries out even though the caller hung up', async () => {
    const venue = await openVenue();
    venue.simulator.faults.inject({ kind: 'SLOW', ms: 40 });
    const slow = order(venue, '1');
    await expect.poll(() => placed(venue), { interval: 2, timeout: 20_000 }).toBe(1);
    const slowAnswer = await read(await slow);
    venue.simulator.faults.inject({ kind: 'LATE', ms: 40 });

    await hangUp(venue, '2');
    await expect.poll(() => placed(venue), { interval: 5, timeout: 20_000 }).toBe(2);

    expect(slowAnswer.error).toEqual([]);
  });

  it('refuses an order that comes through only after its deadline', async () => {
    const venue = await openVenue();
    venue.simulator.faults.inject({ kind: 'LATE', ms: 30, endpoint: 'AddOrder' });
    const deadline = new Date(venue.clock.now() + 5000).toISOString();

    const pending = venue.call('AddOrder', orderForm({ deadline }));
    venue.clock.advance(6000);

    expect((await pending).error).toEqual(['EService:Deadline elapsed']);
    expect(placed(venue)).toBe(0);
  });

  it('hits only the key, account and endpoint it is for, as often as it says', async () => {
    const venue = await openVenue();
    venue.simulator.createAccount({ accountId: 'bob' });
    const bob = { url: venue.simulator.url, ...venue.simulator.addKey({ accountId: 'bob' }) };
    const { faults } = venue.simulator;
    faults.inject({ kind: 'ERROR_TEXT', text: 'one', apiKey: venue.apiKey, endpoint: 'Balance', times: 2 });
    faults.inject({ kind: 'ERROR_TEXT', text: 'two', accountId: 'bob', skip: 1 });
    const ofBob = async (nonce: string) =>
      (await read(await send({ ...bob, endpoint: 'Balance', nonce }))).error;

    const elsewhere = (await venue.call('BalanceEx')).error;
    const own = [];
    for (let count = 0; count < 3; count++) own.push((await venue.call('Balance')).error);
    const others = [await ofBob('1'), await ofBob('2'), await ofBob('3')];

    expect(elsewhere).toEqual([]);
    expect(own).toEqual([['one'], ['one'], []]);
    expect(others).toEqual([[], ['two'], []]);
  });

  it('stays in an outage until recovered, for everybody, public calls included', async () => {
    const venue = await openVenue();
    venue.simulator.faults.outage();

    const during = await order(venue, '1');
    const openly = await fetch(`${venue.simulator.url}/0/public/Time`);
    venue.simulator.faults.recover();
    const after = await order(venue, '2');

    expect([during.status, openly.status, after.status]).toEqual([503, 503, 200]);
    expect(placed(venue)).toBe(1);
  });

  it('ends a fault that is cleared, and refuses one that never hits', async () => {
    const { simulator, call } = await openVenue();
    const fault = simulator.faults.inject({ kind: 'EMPTY', times: Number.POSITIVE_INFINITY });

    fault.clear();

    expect((await call('Balance')).error).toEqual([]);
    expect(() => simulator.faults.inject({ kind: 'EMPTY', times: 0 })).toThrow(
      'at least once (given times 0)',
    );
  });

  it('hides a new order from as many lists as asked, then shows it', async () => {
    const venue = await openVenue();
    const hiding = venue.simulator.hideNewOrders({ accountId: 'ann', calls: 2 });
    await venue.call('AddOrder', orderForm({ cl_ord_id: 'x' }));
    hiding.clear();
    const schema = z.object({ closed: zOrders });
    const zTrades = z.object({ trades: z.record(z.string(), z.unknown()) });

    const first = await venue.result('ClosedOrders', { cl_ord_id: 'x' }, schema);
    const second = await venue.result('TradesHistory', {}, zTrades);
    const third = await venue.result('ClosedOrders', { cl_ord_id: 'x' }, schema);

    expect(Object.keys(first.closed)).toEqual([]);
    expect(Object.keys(second.trades)).toEqual([]);
    expect(Object.keys(third.closed)).toHaveLength(1);
  });

  it('shows old balances for as many calls as asked', async () => {
    const venue = await openVenue();
    venue.simulator.freezeBalances({ accountId: 'ann', calls: 1 });
    await venue.call('AddOrder', orderForm());

    const stale = await venue.call('Balance');
    const fresh = await venue.call('Balance');

    expect(stale.result).toMatchObject({ XXBT: '1.0000000000' });
    expect(fresh.result).toMatchObject({ XXBT: '1.0100000000' });
  });
});
