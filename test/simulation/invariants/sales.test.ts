import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../shared/time/clock.ts';
import { exitsAreTrue } from '../../../simulation/invariants/exits.ts';
import { haltsHold } from '../../../simulation/invariants/halts.ts';
import { noDebtIsForgotten } from '../../../simulation/invariants/owed-sales.ts';
import { sellsAreNotOvertaken } from '../../../simulation/invariants/sales-before-buys.ts';
import type { InvocationEnd } from '../../../simulation/kernel/lambda.ts';
import { copyItem, copyOf, type Stub, SYMBOL, stubWorld, tradeOf } from './stub-world.ts';

const buys = async (stub: Stub, tradeId: string): Promise<void> => {
  const order = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', tradeId) } as const;
  await stub.intend(order);
  await stub.place(order);
};

describe('an owed sale ends by its reason', () => {
  /** One coin is held, all of it is owed, and so it is called over. */
  const over = async (by: string, soldBefore: boolean): Promise<string | undefined> => {
    const stub = await stubWorld(noDebtIsForgotten);
    const trade = tradeOf('t-2', { side: 'SELL', at: stub.sim.now() + 1 });
    const sale = { accountId: 'u-1', side: 'SELL', quantity: '1', cause: copyOf('u-1', 't-2') } as const;
    const owed = { since: 0, lastReason: 'because', remaining: '1', share: '1' };
    const outcome = { state: 'FAILED', reason: 'REJECTED', asked: '1' };
    await stub.put('m-1', 'TRADE#t-1', tradeOf('t-1'));
    await stub.put('m-1', 'TRADE#t-2', trade);
    await buys(stub, 't-1');
    if (soldBefore) {
      await stub.intend(sale);
      await stub.place(sale);
    }
    await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade, { outcome, owed }));
    const madeGood = { by, at: 0, detail: 'because' };
    await stub.put('u-1', 'COPY#t-2', copyItem('u-1', trade, { outcome, owed: { ...owed, madeGood } }));
    return await stub.said();
  };

  it('holds where it was sold by then', async () => {
    expect(await over('SOLD', true)).toBeUndefined();
    expect(await over('CLOSED', true)).toBeUndefined();
    expect(await over('DUST', true)).toBeUndefined();
  });

  it.each([
    ['CLOSED', /over by CLOSED, and 1 are managed still/],
    ['DUST', /over by DUST, and 1 are due still/],
    ['NOTHING_HELD', /over by NOTHING_HELD, and 6\S* are there/],
    ['DELISTED', /over by DELISTED, and it is listed/],
  ])('tells a debt that is called over by %s while all is there', async (by, says) => {
    expect(await over(by, false)).toMatch(says);
  });
});

describe('no BUY overtakes a SELL', () => {
  const bought = async (
    outcome: object | undefined,
    saleAt: number,
    minutesLater = 0,
  ): Promise<string | undefined> => {
    const stub = await stubWorld(sellsAreNotOvertaken);
    const at = stub.sim.now();
    const sale = tradeOf('t-1', { side: 'SELL', at: at + saleAt });
    await stub.put('m-1', 'TRADE#t-1', sale);
    await stub.put('m-1', 'TRADE#t-2', tradeOf('t-2', { at: at + 1 }));
    await stub.put('u-1', 'COPY#t-1', copyItem('u-1', sale, outcome === undefined ? {} : { outcome }));
    await stub.sim.run(at + minutesLater * MINUTE);
    await buys(stub, 't-2');
    return await stub.said();
  };

  it('holds where the SELL has ended, is the later one, or was given up', async () => {
    expect(await bought({ state: 'FILLED' }, 0)).toBeUndefined();
    expect(await bought(undefined, 2)).toBeUndefined();
    expect(await bought(undefined, 0, 30)).toBeUndefined();
  });

  it('tells one that went out first', async () => {
    expect(await bought(undefined, 0, 29)).toMatch(/for t-2 went out before its SELL for t-1 had ended/);
  });
});

describe('an exit of all forgets nothing', () => {
  const flat = async (fields: object): Promise<string | undefined> => {
    const stub = await stubWorld(exitsAreTrue);
    await buys(stub, 't-1');
    await stub.sim.run(stub.sim.now() + MINUTE);
    stub.see({ kind: 'invocation', process: 'exit@v1.1', fn: 'exit', event: { accountId: 'u-1' } });
    stub.see({ kind: 'item', process: 'exit@v1.1', pk: 'u-1', sk: 'EXIT#e', write: true });
    const exit = {
      kind: 'EXIT',
      accountId: 'u-1',
      requestId: 'e',
      scope: 'managed',
      state: 'FLAT',
      results: [],
    };
    await stub.put('u-1', 'EXIT#e', { ...exit, ...fields });
    return await stub.said();
  };
  const left = (state: string) => ({ results: [{ symbol: SYMBOL, state, detail: 'because' }] });

  it('holds where it was asked for something else', async () => {
    expect(await flat({ symbols: ['BTC/USD'] })).toBeUndefined();
  });

  it('tells a symbol that is not named', async () => {
    expect(await flat({})).toMatch(/is flat, and says nothing of SOL\/USD, which can be sold/);
  });

  it.each(['DUST', 'STAKED', 'DELISTED'])('tells coins that are called %s and can be sold', async (state) => {
    expect(await flat(left(state))).toMatch(`SOL/USD is ${state}, and 1 are left by the exchange's books`);
  });
});

describe('what was halted stays halted', () => {
  const SUCCEEDED: InvocationEnd = { state: 'SUCCEEDED', result: {} };
  const REFUSED: InvocationEnd = { state: 'FAILED', error: 'Error', message: 'no' };
  const boughtAfter = async (
    scope: string,
    end: InvocationEnd,
    seconds: number,
    resumed?: object,
  ): Promise<string | undefined> => {
    const stub = await stubWorld(haltsHold);
    const at = stub.sim.now();
    const calls = (event: object): void =>
      stub.see({ kind: 'invocation', process: 'control@v1.1', fn: 'control', event });
    calls(scope === 'all' ? { action: 'halt' } : { action: 'disable', accountId: scope });
    stub.world.told.push({ what: 'halt', scope, beganAt: at, endedAt: at, end });
    if (resumed !== undefined) calls(resumed);
    await stub.sim.run(at + seconds * 1_000);
    await buys(stub, 't-1');
    return await stub.said();
  };

  it('holds right after it, for others, where it was refused, and after a resume', async () => {
    expect(await boughtAfter('all', SUCCEEDED, 10)).toBeUndefined();
    expect(await boughtAfter('u-2', SUCCEEDED, 60)).toBeUndefined();
    expect(await boughtAfter('all', REFUSED, 60)).toBeUndefined();
    expect(await boughtAfter('all', SUCCEEDED, 60, { action: 'resume' })).toBeUndefined();
    expect(await boughtAfter('u-1', SUCCEEDED, 60, { action: 'enable', accountId: 'u-1' })).toBeUndefined();
  });

  it.each(['all', 'u-1'])('tells a BUY after a halt of %s', async (scope) => {
    expect(await boughtAfter(scope, SUCCEEDED, 60)).toMatch(/was taken 60\S* s after a halt/);
  });

  it.each([
    ['another account', { action: 'enable', accountId: 'u-2' }],
    ['something else', { action: 'resume-copying', accountId: 'u-1' }],
  ])('takes a resume of %s for none', async (_what, resumed) => {
    expect(await boughtAfter('u-1', SUCCEEDED, 60, resumed)).toMatch(/after a halt of u-1/);
  });
});
