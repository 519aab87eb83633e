import { describe, expect, it } from 'vitest';
import { oncePerCause } from '../../../simulation/invariants/once-per-cause.ts';
import { buysWithinBounds } from '../../../simulation/invariants/sized-buys.ts';
import {
  neverMoreThanHeld,
  partsAreParts,
  salesInProportion,
} from '../../../simulation/invariants/sized-sales.ts';
import { switchesStopBuys } from '../../../simulation/invariants/switches.ts';
import type { Seen } from '../../../simulation/world/world.ts';
import { copyOf, type Stub, type StubOrder, SYMBOL, stubWorld, tradeOf } from './stub-world.ts';

const bought = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', 't-1') } as const;

describe('at most one order for a cause', () => {
  it('holds where the intent was there first', async () => {
    const stub = await stubWorld(oncePerCause);

    await stub.intend(bought);
    await stub.place(bought);

    expect(await stub.said()).toBeUndefined();
  });

  it('tells an order that was sent before its intent', async () => {
    const stub = await stubWorld(oncePerCause);

    await stub.place(bought);

    expect(await stub.said()).toMatch(/of u-1 \(BUY 1 SOL\/USD\): no intent was written before it/);
  });

  it('tells an order that was sent twice', async () => {
    const stub = await stubWorld(oncePerCause);

    await stub.intend(bought);
    await stub.place(bought);
    await stub.place(bought);

    expect(await stub.said()).toMatch(/is the second for one cause, \["copy","u-1","t-1"\]/);
  });

  it.each([
    ['state', 'NOT_PLACED', /its item was NOT_PLACED when it was taken/],
    ['quantity', '2', /its quantity is 2 in the intent and 1 at the exchange/],
    ['limitPrice', '109', /its limit is 109 in the intent and 110 at the exchange/],
    ['side', 'SELL', /its side is SELL in the intent and BUY at the exchange/],
    ['cause', '["copy","u-1","t-2"]', /its client id is not that of its cause/],
    ['cause', 'whim', /its item names no cause \(whim\)/],
  ])('tells an intent whose %s is %s', async (name, value, says) => {
    const stub = await stubWorld(oncePerCause);

    await stub.intend(bought, { [name]: value });
    await stub.place(bought);

    expect(await stub.said()).toMatch(says);
  });
});

const sale = (quantity: string, cause: StubOrder['cause'] = copyOf('u-1', 't-2')): StubOrder => ({
  accountId: 'u-1',
  side: 'SELL',
  quantity,
  ...(cause === undefined ? {} : { cause }),
});

const trade = async (stub: Stub, order: StubOrder): Promise<void> => {
  await stub.intend(order);
  await stub.place(order);
};

describe('never more is sold than Nija bought', () => {
  it('holds for what was bought and adopted', async () => {
    const stub = await stubWorld(neverMoreThanHeld);

    await trade(stub, bought);
    await stub.put('u-1', 'ADJUSTMENT#1', {
      symbol: SYMBOL,
      quantityBefore: '1',
      quantityAfter: '1.5',
      reason: 'ADOPTED',
      at: stub.sim.now(),
    });
    await trade(stub, sale('1.5'));

    expect(await stub.said()).toBeUndefined();
  });

  it("tells a sale of the owner's own coins", async () => {
    const stub = await stubWorld(neverMoreThanHeld);

    await trade(stub, bought);
    await stub.place({ accountId: 'u-1', side: 'BUY', quantity: '3' });
    await trade(stub, sale('1.1'));

    expect(await stub.said()).toMatch(/u-1 is for 1\.1 SOL\/USD \(copy\), and Nija manages 1 by/);
  });

  it('leaves an exit of everything alone', async () => {
    const stub = await stubWorld(neverMoreThanHeld);
    const cause = { kind: 'exit', accountId: 'u-1', requestId: 'all', symbol: SYMBOL, round: 1 } as const;

    await stub.put('u-1', 'EXIT#all', { scope: 'everything' });
    await trade(stub, sale('5', cause));

    expect(await stub.said()).toBeUndefined();
  });
});

describe('for one SELL of the master its share is sold', () => {
  const halfSold = async (invariant = salesInProportion): Promise<Stub> => {
    const stub = await stubWorld(invariant);
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await stub.put(
      'm-1',
      'TRADE#t-2',
      tradeOf('t-2', { side: 'SELL', soldFraction: '0.5', at: stub.sim.now() + 1 }),
    );
    await trade(stub, bought);
    return stub;
  };

  it('holds for the share, at once and later', async () => {
    const stub = await halfSold();

    await trade(stub, sale('0.3'));
    await trade(stub, sale('0.2', { kind: 'owed', accountId: 'u-1', tradeId: 't-2', round: 1 }));

    expect(await stub.said()).toBeUndefined();
  });

  it('tells a share that is sold again later', async () => {
    const stub = await halfSold();

    await trade(stub, sale('0.5'));
    await trade(stub, sale('0.25', { kind: 'owed', accountId: 'u-1', tradeId: 't-2', round: 1 }));

    expect(await stub.said()).toMatch(
      /0\.25 SOL\/USD, for trade t-2: .* 0\.000000 of what is left are due still, 0 of 0\.5/,
    );
  });

  describe('after a sale for a later trade has come before the rest', () => {
    const laterFirst = async (rest: string): Promise<string | undefined> => {
      const stub = await halfSold();
      const later = { side: 'SELL', soldFraction: '0.5', at: stub.sim.now() + 2 } as const;
      await stub.put('m-1', 'TRADE#t-3', tradeOf('t-3', later));
      // A quarter is due still, a third of what is held: the later sale takes its half of both.
      await trade(stub, sale('0.25'));
      await trade(stub, sale('0.375', copyOf('u-1', 't-3')));
      await trade(stub, sale(rest, { kind: 'owed', accountId: 'u-1', tradeId: 't-2', round: 1 }));
      return await stub.said();
    };

    it('holds for what leaves as much as both would have in time', async () => {
      expect(await laterFirst('0.125')).toBeUndefined();
    });

    it("tells the master's whole share of what is left", async () => {
      expect(await laterFirst('0.1875')).toMatch(/0\.333333 of what is left are due still, 0\.125 of 0\.375/);
    });
  });

  it('tells a sale of what was bought for a later trade', async () => {
    const stub = await halfSold();

    await stub.put('m-1', 'TRADE#t-3', tradeOf('t-3', { at: stub.sim.now() + 2 }));
    await trade(stub, { ...bought, cause: copyOf('u-1', 't-3') });
    await trade(stub, sale('1.2'));

    expect(await stub.said()).toMatch(/of the 2 that Nija manages 1 came for later trades/);
  });

  it('tells a protective exit that sells more than its part', async () => {
    const stub = await halfSold(partsAreParts);
    const round = (number: number) =>
      ({ kind: 'protection', accountId: 'u-1', exitId: 'SOL/USD#1#take-profit', round: number }) as const;

    await stub.put('u-1', 'PROTECTION#SOL/USD#1#take-profit', { most: '0.5' });
    await trade(stub, sale('0.5', round(1)));
    const before = await stub.said();
    await trade(stub, sale('0.25', round(2)));

    expect(before).toBeUndefined();
    expect(await stub.said()).toMatch(/of u-1 is for 0\.5, and 0\.75 were sold/);
  });
});

const PROCESS = 'copy-worker@v1.1';
const BODY = JSON.stringify({ accountId: 'u-1', masterId: 'm-1', tradeId: 't-1' });
const reads = (pk: string, sk: string): Seen => ({ kind: 'item', process: PROCESS, pk, sk, write: false });

/** A BUY as a worker makes it, its halt read at the beginning or right before it is sent. */
const buy = async (stub: Stub, { readsAgain = true, profile = {}, order = bought as StubOrder } = {}) => {
  await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1', { notional: '1000' }));
  await stub.put('status#m-1', 'STATUS', { healthy: true, at: stub.sim.now(), periodMs: 300_000 });
  await stub.put('u-1', 'PROFILE', {
    enabled: true,
    exitOnly: false,
    copyPaused: false,
    deniedSymbols: [],
    follows: 'm-1',
    limits: { maxTradeFraction: '0.1', cashReserve: '0.01', maxTradeAgeSeconds: 120 },
    sizing: { mode: 'proportional', multiplier: '1' },
    ...profile,
  });
  const readAll = (): void => {
    stub.see(reads('control', 'HALT'));
    stub.see(reads('runaway', 'BREAKER'));
    stub.see(reads('status#m-1', 'STATUS'));
    stub.see(reads('u-1', 'PROFILE'));
  };
  stub.see({ kind: 'invocation', process: PROCESS, fn: 'copy-worker', event: { Records: [{ body: BODY }] } });
  readAll();
  const apiKey = stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '';
  stub.see({ kind: 'request', process: PROCESS, apiKey, endpoint: 'BalanceEx' });
  if (readsAgain) readAll();
  await stub.intend(order);
  const clientOrderId = stub.world.changes.changesSince(undefined).at(-1)?.sk ?? '';
  stub.see({ kind: 'item', process: PROCESS, pk: 'u-1', sk: clientOrderId, write: true });
  await stub.place(order);
};

describe('switches stop every BUY', () => {
  it('holds where they were read right before it, and let it pass', async () => {
    const stub = await stubWorld(switchesStopBuys);

    await buy(stub);

    expect(await stub.said()).toBeUndefined();
  });

  it('tells a BUY for which the halt was not read again', async () => {
    const stub = await stubWorld(switchesStopBuys);

    await buy(stub, { readsAgain: false });

    expect(await stub.said()).toMatch(/the halt was not read after the exchange was last asked/);
  });

  it('tells a BUY that goes out while all is halted', async () => {
    const stub = await stubWorld(switchesStopBuys);

    await stub.put('control', 'HALT', { engaged: true });
    await buy(stub);

    expect(await stub.said()).toMatch(/u-1 .* all buying was halted, as it had read/);
  });

  it.each([
    [{ enabled: false }, /the account was disabled/],
    [{ exitOnly: true }, /the account was exit-only/],
    [{ copyPaused: true }, /copying was paused/],
    [{ deniedSymbols: [SYMBOL] }, /SOL\/USD was denied/],
    [{ follows: 'm-2' }, /the account followed m-2, not m-1/],
  ])('tells a BUY of an account with %o', async (profile, says) => {
    const stub = await stubWorld(switchesStopBuys);

    await buy(stub, { profile });

    expect(await stub.said()).toMatch(says);
  });
});

describe('a BUY stays within limits and free cash', () => {
  it('holds for the share that the limits allow', async () => {
    const stub = await stubWorld(buysWithinBounds);

    await buy(stub, { order: { ...bought, quantity: '9' } });

    expect(await stub.said()).toBeUndefined();
  });

  it('tells one that takes more of the equity', async () => {
    const stub = await stubWorld(buysWithinBounds);

    await buy(stub, { order: { ...bought, quantity: '15' } });

    expect(await stub.said()).toMatch(
      /it costs 1650\.00, and one trade may take 0\.1 of the equity, which was 10700\.00/,
    );
  });

  it('tells one that is larger than its sizing wants', async () => {
    const stub = await stubWorld(buysWithinBounds);

    await buy(stub, { profile: { sizing: { mode: 'fixed-amount', amount: '50' } } });

    expect(await stub.said()).toMatch(/by its sizing \(fixed-amount\) 50\.00 were wanted at most/);
  });

  it('tells one that cash does not pay, with the fee and what is to stay', async () => {
    const stub = await stubWorld(buysWithinBounds);
    const limits = { maxTradeFraction: '1', cashReserve: '0.5', maxTradeAgeSeconds: 120 };

    await buy(stub, { order: { ...bought, quantity: '46' }, profile: { limits } });

    expect(await stub.said()).toMatch(/10000 were free when it looked, of which 4995\.00 can be spent/);
  });

  it('tells one that the exchange refused, since cash never paid for it', async () => {
    const stub = await stubWorld(buysWithinBounds);
    const order = { ...bought, quantity: '1000' };
    const refused = { state: 'REJECTED', reason: 'INSUFFICIENT_FUNDS' };

    await expect(buy(stub, { order })).rejects.toThrow(/nsufficient funds/);
    await stub.intend(order, refused);

    expect(await stub.said()).toMatch(
      /the BUY of 1000 SOL\/USD at 110 that the exchange refused u-1 for want of money: it costs 110000\.00/,
    );
  });

  it('holds for one that cash would have paid, whatever the exchange said', async () => {
    const stub = await stubWorld(buysWithinBounds);

    await buy(stub);
    await stub.intend(bought, { state: 'REJECTED', reason: 'INSUFFICIENT_FUNDS' });

    expect(await stub.said()).toBeUndefined();
  });
});
