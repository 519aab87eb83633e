import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../shared/time/clock.ts';
import { closedWithExecutions } from '../../../simulation/invariants/closed-orders.ts';
import { everyCopyIsDelivered } from '../../../simulation/invariants/delivered.ts';
import { independence } from '../../../simulation/invariants/independence.ts';
import { unsoldIsOwed } from '../../../simulation/invariants/owed-sales.ts';
import { oneWriterPerKey } from '../../../simulation/invariants/writers.ts';
import { copyItem, copyOf, type Stub, stubWorld, tradeOf } from './stub-world.ts';

describe('what a SELL leaves unsold is owed', () => {
  const order = async (
    stub: Stub,
    side: 'BUY' | 'SELL',
    quantity: string,
    tradeId: string,
  ): Promise<void> => {
    const placed = { accountId: 'u-1', side, quantity, cause: copyOf('u-1', tradeId) };
    await stub.intend(placed);
    await stub.place(placed);
    await stub.intend(placed, { state: 'CLOSED' });
  };
  /** One coin is held, the master sells half of its own, and the copy of it ends like that. */
  const ends = async (sold: string, outcome: object, more: object = {}): Promise<string | undefined> => {
    const stub = await stubWorld(unsoldIsOwed);
    const trade = tradeOf('t-2', { side: 'SELL', soldFraction: '0.5', at: stub.sim.now() + 1 });
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await stub.put('m-1', 'TRADE#t-2', trade);
    await order(stub, 'BUY', '1', 't-1');
    if (sold !== '0') await order(stub, 'SELL', sold, 't-2');
    await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade));
    await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade, { outcome, ...more }));
    return await stub.said();
  };
  const owed = { since: 0, lastReason: 'because', remaining: '0.25' };

  it('holds where all was sold, the rest is owed, or nothing was asked', async () => {
    expect(await ends('0.5', { state: 'FILLED', quantity: '0.5' })).toBeUndefined();
    expect(await ends('0.25', { state: 'FILLED', quantity: '0.25' }, { owed })).toBeUndefined();
    expect(await ends('0', { state: 'FAILED', reason: 'REJECTED', asked: '0' })).toBeUndefined();
  });

  it('tells a rest that nobody owes', async () => {
    expect(await ends('0.25', { state: 'FILLED', quantity: '0.25' })).toMatch(
      /0\.5 were due, 0\.25 sold, and 0 are owed/,
    );
  });

  it('tells a failed SELL that nobody owes', async () => {
    expect(await ends('0', { state: 'FAILED', reason: 'REJECTED', asked: '0.5' })).toMatch(
      /it failed \(REJECTED\), and 0\.5 is not owed/,
    );
  });
});

describe('an order is closed with all its executions', () => {
  const closes = async (recorded: boolean): Promise<string | undefined> => {
    const stub = await stubWorld(closedWithExecutions);
    const order = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', 't-1') } as const;
    await stub.intend(order);
    const ids = await stub.place(order);
    const exchangeOrderId = stub.world.exchange.books.trades().at(-1)?.orderId;
    if (recorded) await stub.record('u-1', ids, '1');
    await stub.intend(order, { state: 'CLOSED', exchangeOrderId });
    return await stub.said();
  };

  it('holds where they were recorded by then', async () => {
    expect(await closes(true)).toBeUndefined();
  });

  it('tells one that was forgotten', async () => {
    expect(await closes(false)).toMatch(
      /order u-1 ORDER#\w+ \(\S+\) is closed, and its execution \S+ is not recorded/,
    );
  });
});

describe('each key has one writer', () => {
  const lease = async (before: object, after: object): Promise<string | undefined> => {
    const stub = await stubWorld(oneWriterPerKey);
    const heldUntil = stub.sim.now() + 20_000;
    const item = { kind: 'LEASE', token: 'one', holder: 'copy t-1', heldUntil, lastNonce: 5_000 };
    await stub.put('u-1', 'LEASE#key', { ...item, ...before });
    await stub.put('u-1', 'LEASE#key', { ...item, lastNonce: 6_000, ...after });
    return await stub.said();
  };
  const another = { token: 'two', holder: 'exit away' };

  it('holds where a lease is renewed, ran out or was given back', async () => {
    expect(await lease({}, {})).toBeUndefined();
    expect(await lease({ heldUntil: 0 }, another)).toBeUndefined();
    expect(await lease({ token: undefined }, another)).toBeUndefined();
  });

  it('tells who takes a key that another one has', async () => {
    expect(await lease({}, another)).toMatch(/exit away took it from copy t-1, which had it until 2026/);
  });

  it('tells nonces that are reserved again', async () => {
    expect(await lease({}, { lastNonce: 5_999 })).toMatch(
      /up to 5000 were reserved, and now 1000 up to 5999/,
    );
  });
});

describe('every copy has its message', () => {
  const delivered = async (
    tradeId: string,
    { follows, minutes }: { readonly follows: string; readonly minutes: number },
  ): Promise<string | undefined> => {
    const stub = await stubWorld(everyCopyIsDelivered);
    const body = JSON.stringify({ accountId: 'u-1', masterId: 'm-1', tradeId });
    await stub.put('u-1', 'PROFILE', { kind: 'ACCOUNT', follows, registeredAt: 0 });
    await stub.put(
      'u-1',
      'COPY#t-1',
      copyItem('u-1', tradeOf('t-1'), { createdAt: 0, finishedAt: minutes * MINUTE }),
    );
    stub.see({
      kind: 'invocation',
      process: 'copy-worker@v1.1',
      fn: 'copy-worker',
      event: { Records: [{ body }] },
    });
    return await stub.said();
  };

  it('holds where it came to the worker', async () => {
    expect(await delivered('t-1', { follows: 'm-1', minutes: 40 })).toBeUndefined();
  });

  it('holds where its account follows another master by now, and a check ended it soon', async () => {
    expect(await delivered('t-2', { follows: 'm-2', minutes: 5 })).toBeUndefined();
  });

  it.each([
    { follows: 'm-1', minutes: 5 },
    { follows: 'm-2', minutes: 30 },
  ])('tells a copy whose message never came: %o', async (known) => {
    expect(await delivered('t-2', known)).toMatch(
      /no message of the copy of trade t-1 .* ever came to u-1's worker/,
    );
  });
});

describe('users do not depend on the master', () => {
  it('tells who asks for what its role does not let it', async () => {
    const stub = await stubWorld(independence);

    stub.see({ kind: 'denied', process: 'balance@v1.1', pk: 'm-1', action: 'GetItem' });

    expect(await stub.said()).toMatch(
      /balance@v1\.1 asks for m-1 \(GetItem\), which its role does not let it/,
    );
  });
});
