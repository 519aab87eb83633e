import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { aCopy, aTrade, START } from '../ledger/examples.ts';
import { type NotifyWorld, openNotifyWorld, SIGNING_KEY } from './notify-world.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let world: NotifyWorld;
let receiver: Receiver;
beforeAll(async () => {
  world = await openNotifyWorld();
});
afterAll(() => world.stop());

let runs = 0;
beforeEach(async () => {
  runs += 1;
  receiver = await startReceiver();
  world.open({ id: `ops-${runs}`, kind: 'webhook' });
  await world.store(`ops-${runs}`, { url: receiver.url, signingKey: SIGNING_KEY });
});
afterEach(() => receiver.stop());

const failed = { state: 'FAILED', reason: 'REJECTED', detail: 'the exchange said no' } as const;
const unusable = { state: 'FAILED', reason: 'ACCOUNT_UNUSABLE', detail: 'the key was revoked' } as const;

let trades = 0;
/** As many accounts, each of whose copy of one trade fails; what the event source delivers of it. */
const failures = async (count: number) => {
  trades += 1;
  const trade = aTrade({ tradeId: `flood-${trades}` });
  const { copies } = dynamoLedger(world.table);
  await world.streamed();
  for (let index = 0; index < count; index += 1) {
    const outcome = index % 4 === 0 ? unusable : failed;
    await copies.create(aCopy({ accountId: `u-${index}`, trade, outcome, finishedAt: START }));
  }
  return await world.streamed();
};
const flushLater = async (ms: number) => {
  world.pass(ms);
  return await world.call({ flush: true });
};
const counts = () =>
  receiver
    .bodies()
    .flatMap(({ notices }) =>
      notices.map(({ kind, count }: { kind: string; count: number }) => ({ kind, count })),
    );

test('a thousand failures are one message with counts, names and a few examples', async () => {
  const events = await failures(1_000);

  for (const event of events) await world.call(event);
  await flushLater(MINUTE);
  await flushLater(MINUTE);

  expect(events.length).toBeGreaterThanOrEqual(10);
  expect(receiver.bodies()).toHaveLength(1);
  const [{ notices, text }] = receiver.bodies();
  expect(notices).toMatchObject([
    {
      kind: 'buy-failed',
      count: 1_000,
      reasons: expect.arrayContaining([
        { reason: 'REJECTED', count: 750 },
        { reason: 'ACCOUNT_UNUSABLE', count: 250 },
      ]),
      moreAccounts: true,
    },
  ]);
  expect(notices[0].accounts).toHaveLength(20);
  expect(notices[0].examples).toHaveLength(5);
  expect(text).toContain('1000 x a copied BUY failed');
  expect(text).toContain('and 995 more');
  expect(Buffer.byteLength(receiver.received[0]?.body ?? '')).toBeLessThan(10_000);
}, 60_000);

test('what goes on is told less and less often, and nothing of it is lost', async () => {
  const sent: number[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    for (const event of await failures(2)) await world.call(event);
    await flushLater(MINUTE);
    sent.push(receiver.received.length);
  }
  await flushLater(16 * MINUTE);

  const told = counts().reduce((sum, { count }) => sum + count, 0);
  expect(told).toBe(120);
  expect(sent[0]).toBe(1);
  expect(sent[59]).toBeLessThanOrEqual(7);
}, 60_000);

test('another kind does not wait for one that was just told', async () => {
  for (const event of await failures(3)) await world.call(event);
  await flushLater(21 * SECOND);
  const { control } = dynamoLedger(world.table);

  await control.setHalt({ engaged: true, by: 'ops', why: 'odd', at: START });
  await world.hear();

  expect(counts()).toEqual([
    { kind: 'buy-failed', count: 3 },
    { kind: 'halted', count: 1 },
  ]);
  await control.setHalt({ engaged: false, by: 'ops', why: 'odd', at: START });
  await world.hear();
});

describe('delivered again, in whatever order and by however many, an event', () => {
  test('is counted once', async () => {
    const events = await failures(150);

    for (const event of [...events, ...events.toReversed(), ...events]) await world.call(event);
    await Promise.all(events.map((event) => world.call(event)));
    await flushLater(MINUTE);

    expect(counts()).toEqual([{ kind: 'buy-failed', count: 150 }]);
  });

  test('is counted once where several processes handle it at the same time', async () => {
    const [event] = await failures(40);

    const ends = await Promise.allSettled([1, 2, 3].map(() => world.call(event)));
    for (const { status } of ends) if (status === 'rejected') await world.call(event);
    await flushLater(MINUTE);

    expect(counts()).toEqual([{ kind: 'buy-failed', count: 40 }]);
  });
});

describe('a process that dies', () => {
  class Dead extends Error {}
  /** Its requests to the table end after so many; the last one may have been carried out. */
  const dyingAfter = (requests: number, carriedOut: boolean) => {
    let left = requests;
    return new Proxy(world.table.client, {
      get: (client, name) => {
        if (name !== 'send') return Reflect.get(client, name);
        return async (command: Parameters<typeof client.send>[0]) => {
          left -= 1;
          if (left < 0 && !carriedOut) throw new Dead();
          const answer = await client.send(command);
          if (left < 0) throw new Dead();
          return answer;
        };
      },
    });
  };

  test.each([
    true,
    false,
  ])('anywhere while it keeps notices loses none and doubles none (written: %s)', async (carriedOut) => {
    const events = await failures(120);
    const died: unknown[] = [];
    for (let requests = 0; requests < 8; requests += 1)
      for (const event of events)
        await world
          .call(event, { client: dyingAfter(requests, carriedOut) })
          .catch((error) => died.push(error));

    for (const event of events) await world.call(event);
    await flushLater(MINUTE);

    expect(died.length).toBeGreaterThan(3);
    expect(counts()).toEqual([{ kind: 'buy-failed', count: 120 }]);
  });

  test('between sending and keeping that, sends the same message again, under the same id', async () => {
    for (const event of await failures(2)) await world.call(event);
    world.pass(MINUTE);
    // It reads, claims, sends, reads, and dies before it keeps what became of it.
    const died = world.call({ flush: true }, { client: dyingAfter(3, false) });
    await expect(died).rejects.toThrow('it is not known what is to be told');

    const early = await world.call({ flush: true });
    const late = await flushLater(31 * SECOND);
    const again = await flushLater(MINUTE);

    expect(early).toMatchObject({ delivered: 0 });
    expect(late).toMatchObject({ delivered: 1 });
    expect(again).toMatchObject({ delivered: 0 });
    const [first, second, ...more] = receiver.received;
    expect(second?.headers['nija-message']).toBe(first?.headers['nija-message']);
    expect(second?.body).toBe(first?.body);
    expect(more).toEqual([]);
  });

  test('before it has sent leaves the message to the next', async () => {
    for (const event of await failures(2)) await world.call(event);
    world.pass(MINUTE);
    await world.call({ flush: true }, { client: dyingAfter(1, true) }).catch(() => undefined);

    expect(receiver.received).toEqual([]);
    expect(await flushLater(31 * SECOND)).toMatchObject({ delivered: 1 });
  });
});

test('of two that send at once, one does', async () => {
  for (const event of await failures(2)) await world.call(event);
  world.pass(MINUTE);

  await Promise.all([1, 2, 3, 4].map(() => world.call({ flush: true })));

  expect(receiver.received).toHaveLength(1);
});

test('while a channel is dead, what happens is gathered and told at once when it is back', async () => {
  receiver.answerAlways({ status: 503 });
  for (let minute = 0; minute < 5; minute += 1) {
    for (const event of await failures(10)) await world.call(event);
    await flushLater(MINUTE);
  }
  receiver.answerAlways({ status: 200 });
  const before = receiver.received.length;
  for (let minute = 0; minute < 40; minute += 1) await flushLater(MINUTE);

  const arrived = receiver.bodies().slice(before);
  expect(before).toBeLessThanOrEqual(4);
  expect(arrived.length).toBeLessThanOrEqual(2);
  const told = arrived.flatMap(({ notices }) => notices.map(({ count }: { count: number }) => count));
  expect(told.reduce((sum: number, count: number) => sum + count, 0)).toBe(50);
});

test('a call that has no time left keeps what happened and sends nothing', async () => {
  const [event] = await failures(1);
  world.pass(MINUTE);

  await world.call(event, { remainingMs: 5 * SECOND });
  await world.call({ flush: true, early: true }, { remainingMs: 5 * SECOND });

  expect(receiver.received).toEqual([]);
  await world.call({ flush: true, early: true });
  expect(counts()).toEqual([{ kind: 'buy-failed', count: 1 }]);
});
