import { describe, expect, it } from 'vitest';
import { everyCopyEnds } from '../../../simulation/invariants/copied.ts';
import { exitsAreTrue } from '../../../simulation/invariants/exits.ts';
import { allComesToAnEnd } from '../../../simulation/invariants/liveness.ts';
import { tradesArePublished } from '../../../simulation/invariants/published.ts';
import { sellsByPhysics } from '../../../simulation/invariants/sells.ts';
import { copyItem, copyOf, type Stub, SYMBOL, stubWorld, tradeOf } from './stub-world.ts';

const MINUTE = 60_000;

/** One coin is bought for u-1, and half of the master's position is sold a minute later. */
const bought = async (stub: Stub) => {
  const order = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', 't-1') } as const;
  await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
  await stub.intend(order);
  await stub.place(order);
  const trade = tradeOf('t-2', { side: 'SELL', soldFraction: '0.5', at: stub.sim.now() + MINUTE });
  await stub.put('m-1', 'TRADE#t-2', trade);
  return trade;
};

const ends = async (stub: Stub, state: string, reason: string, more = {}): Promise<void> => {
  const trade = await bought(stub);
  await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade));
  const outcome = { state, reason, detail: 'because', ...more };
  await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade, { outcome }));
};

describe('no policy stops a SELL', () => {
  it('holds where the exchange says no', async () => {
    const stub = await stubWorld(sellsByPhysics);

    await ends(stub, 'FAILED', 'REJECTED', { asked: '0.5' });

    expect(await stub.said()).toBeUndefined();
  });

  it('holds where the market is listed no more', async () => {
    const stub = await stubWorld(sellsByPhysics);
    stub.world.told.push({ what: 'delisting', symbol: SYMBOL, at: stub.sim.now() });

    await ends(stub, 'SKIPPED', 'SYMBOL_UNSUPPORTED');

    expect(await stub.said()).toBeUndefined();
  });

  it.each([
    'HALTED',
    'ACCOUNT_DISABLED',
    'MASTER_UNHEALTHY',
    'STALE',
    'PRICE_MOVED',
  ])('tells a SELL that is stopped by %s', async (reason) => {
    const stub = await stubWorld(sellsByPhysics);

    await ends(stub, 'SKIPPED', reason);

    expect(await stub.said()).toMatch(
      new RegExp(`of u-1 ended SKIPPED \\(${reason}: because\\), which is no reason of physics`),
    );
  });

  it.each([
    ['NO_POSITION', /but Nija has 1 of it by the exchange's books/],
    ['BELOW_MINIMUM', /but 0\.5 of 1 can be sold/],
    ['SYMBOL_UNSUPPORTED', /but the exchange lists it/],
  ])('tells a %s that the books refute', async (reason, says) => {
    const stub = await stubWorld(sellsByPhysics);

    await ends(stub, 'SKIPPED', reason);

    expect(await stub.said()).toMatch(says);
  });
});

describe('an exit sells, or says why not', () => {
  const exit = (state: string, result: string, detail = 'done') => ({
    kind: 'EXIT',
    accountId: 'u-1',
    requestId: 'e',
    scope: 'managed',
    state,
    results: [{ symbol: SYMBOL, state: result, detail }],
  });

  it('holds where nothing is left', async () => {
    const stub = await stubWorld(exitsAreTrue);
    const sale = {
      accountId: 'u-1',
      side: 'SELL',
      quantity: '1',
      cause: { kind: 'exit', accountId: 'u-1', requestId: 'e', symbol: SYMBOL, round: 1 },
    } as const;

    await bought(stub);
    await stub.put('u-1', 'EXIT#e', exit('RUNNING', 'FAILED', 'begun'));
    await stub.intend(sale);
    await stub.place(sale);
    await stub.sim.run(stub.sim.now() + MINUTE);
    await stub.put('u-1', 'EXIT#e', exit('FLAT', 'SOLD'));

    expect(await stub.said()).toBeUndefined();
  });

  it.each([
    ['calls sold what is left', exit('RUNNING', 'SOLD'), /SOL\/USD is SOLD, and 1 are left/],
    ['is flat with a failure', exit('FLAT', 'FAILED'), /is flat, while SOL\/USD is FAILED: done/],
    ['says nothing', exit('RUNNING', 'FAILED', ''), /says nothing about SOL\/USD: FAILED/],
  ])('tells one that %s', async (_, item, says) => {
    const stub = await stubWorld(exitsAreTrue);

    await bought(stub);
    await stub.sim.run(stub.sim.now() + MINUTE);
    stub.see({ kind: 'invocation', process: 'exit@v1.1', fn: 'exit', event: { accountId: 'u-1' } });
    stub.see({ kind: 'item', process: 'exit@v1.1', pk: 'u-1', sk: 'EXIT#e', write: true });
    await stub.put('u-1', 'EXIT#e', item);

    expect(await stub.said()).toMatch(says);
  });
});

describe('each execution of a master is published once', () => {
  /** The master buys two by hand and sells one. */
  const traded = async (stub: Stub) => {
    await stub.put('m-1', 'PROFILE', { registeredAt: stub.sim.startAt });
    const [bought = ''] = await stub.place({ accountId: 'm-1', side: 'BUY', quantity: '2' });
    const [sold = ''] = await stub.place({ accountId: 'm-1', side: 'SELL', quantity: '1' });
    return { bought, sold };
  };
  const publish = async (stub: Stub, id: string, tradeId: string, changes = {}): Promise<void> => {
    const booked = stub.world.exchange.books.trades().find((one) => one.tradeId === id);
    await stub.put('m-1', `FILL#${id}`, { kind: 'FILL', symbol: SYMBOL, exchangeOrderId: booked?.orderId });
    const { side, quantity, cost: notional, orderId: exchangeOrderId } = booked ?? {};
    await stub.put(
      'm-1',
      `TRADE#${tradeId}`,
      tradeOf(tradeId, { side, quantity, notional, exchangeOrderId, ...changes }),
    );
  };
  /** The master's key has to be the registered one. */
  const workingKey = async (stub: Stub): Promise<void> => {
    const { createHash } = await import('node:crypto');
    const apiKey = stub.world.members[0]?.apiKey ?? '';
    const keyFingerprint = createHash('sha256').update(`nija-key:${apiKey}`).digest('hex').slice(0, 16);
    await stub.put('m-1', 'PROFILE', { registeredAt: stub.sim.startAt, keyFingerprint });
  };

  it('holds where all is published with its share', async () => {
    const stub = await stubWorld(tradesArePublished);

    const { bought: first, sold } = await traded(stub);
    await publish(stub, first, 't-1');
    await publish(stub, sold, 't-2', { soldFraction: '0.5' });
    await workingKey(stub);

    expect(await stub.said()).toBeUndefined();
  });

  it('tells an execution that was left out', async () => {
    const stub = await stubWorld(tradesArePublished);

    const { bought: first } = await traded(stub);
    await publish(stub, first, 't-1');
    await workingKey(stub);

    expect(await stub.said()).toMatch(/of m-1 1 more were executed than published/);
  });

  it.each([
    [{ soldFraction: '0.1' }, /it says that 0\.1 of the position was sold, and it was 0\.5/],
    [{ soldFraction: '0.5', quantity: '2' }, /its executions are 1 for/],
  ])('tells a trade with %o', async (changes, says) => {
    const stub = await stubWorld(tradesArePublished);

    const { bought: first, sold } = await traded(stub);
    await publish(stub, first, 't-1');
    await publish(stub, sold, 't-2', changes);

    expect(await stub.said()).toMatch(says);
  });
});

describe('every trade × follower ends', () => {
  const follows = async (stub: Stub, since: number): Promise<void> =>
    await stub.put('u-1', 'PROFILE', { follows: 'm-1', followsSince: since, registeredAt: since });
  const skipped = { outcome: { state: 'SKIPPED', reason: 'HALTED', detail: 'halted' } };

  it('holds where a follower has a copy that ended', async () => {
    const stub = await stubWorld(everyCopyEnds);

    await follows(stub, stub.sim.now() - MINUTE);
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', tradeOf('t-1'), skipped));

    expect(await stub.said()).toBeUndefined();
  });

  it('tells a follower without a copy, and a copy without an end', async () => {
    const stub = await stubWorld(everyCopyEnds);

    await follows(stub, stub.sim.now() - MINUTE);
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    const without = await stub.said();
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', tradeOf('t-1')));

    expect(without).toMatch(/trade t-1 of m-1 .* has no copy for u-1, which followed/);
    expect(await stub.said()).toMatch(/the copy of trade t-1 .* for u-1 has not ended/);
  });

  it('tells a copy for who began to follow later', async () => {
    const stub = await stubWorld(everyCopyEnds);

    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await follows(stub, stub.sim.now() + MINUTE);
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', tradeOf('t-1'), skipped));

    expect(await stub.said()).toMatch(/u-1 has a copy of trade t-1, and did not follow m-1 when it was made/);
  });

  it('tells a copy that is given another end', async () => {
    const stub = await stubWorld(everyCopyEnds);

    await follows(stub, stub.sim.now() - MINUTE);
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', tradeOf('t-1'), skipped));
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', tradeOf('t-1'), { outcome: { state: 'FILLED' } }));

    expect(await stub.said()).toMatch(/of u-1 had ended, and was given another end/);
  });
});

describe('what was begun ends', () => {
  const working = async (stub: Stub): Promise<void> => {
    const { createHash } = await import('node:crypto');
    const apiKey = stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '';
    const keyFingerprint = createHash('sha256').update(`nija-key:${apiKey}`).digest('hex').slice(0, 16);
    await stub.put('u-1', 'PROFILE', { registeredAt: stub.sim.startAt, keyFingerprint });
  };
  const owed = { since: 0, lastReason: 'REJECTED: no' };
  const filled = { state: 'FAILED', reason: 'REJECTED', detail: 'no' };

  it('waits for the checks that a sale of a moment ago has yet to come', async () => {
    const stub = await stubWorld(allComesToAnEnd);
    await working(stub);

    const just = { ...owed, since: stub.sim.now() };
    await stub.put(
      'u-1',
      'COPY#t-2',
      copyItem('u-1', tradeOf('t-2', { side: 'SELL' }), { outcome: filled, owed: just }),
    );

    expect(await stub.said()).toBeUndefined();
  });

  it.each([
    [
      'an order in doubt',
      'ORDER#1',
      { kind: 'ORDER', accountId: 'u-1', clientOrderId: '1', state: 'INTENT', side: 'BUY', symbol: SYMBOL },
      /order 1 of u-1 \(BUY SOL\/USD\) is in doubt still/,
    ],
    [
      'an owed sale',
      'COPY#t-2',
      copyItem('u-1', tradeOf('t-2', { side: 'SELL' }), { outcome: filled, owed }),
      /the sale of SOL\/USD for t-2 of u-1 is owed still: REJECTED: no/,
    ],
    [
      'an exit',
      'EXIT#e',
      {
        kind: 'EXIT',
        accountId: 'u-1',
        requestId: 'e',
        state: 'RUNNING',
        results: [{ symbol: SYMBOL, state: 'FAILED', detail: 'busy' }],
      },
      /exit e of u-1 is not flat still: SOL\/USD: busy/,
    ],
    [
      'a protective exit',
      'PROTECTION#p',
      { kind: 'PROTECTION', accountId: 'u-1', symbol: SYMBOL, rule: 'stop-loss', state: 'RUNNING' },
      /the sale of SOL\/USD of u-1 by stop-loss goes on still: not tried/,
    ],
  ])('tells %s that goes on, and excuses it where the key was revoked', async (_, sk, item, says) => {
    const stub = await stubWorld(allComesToAnEnd);

    await working(stub);
    await stub.put('u-1', sk, item);
    const said = await stub.said();
    stub.world.exchange.revokeKey(
      stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '',
    );

    expect(said).toMatch(says);
    expect(await stub.said()).toBeUndefined();
  });
});
