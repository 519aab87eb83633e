import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../shared/time/clock.ts';
import { balancesAreTrue } from '../../../simulation/invariants/balances.ts';
import { moneyIsDecimal } from '../../../simulation/invariants/decimals.ts';
import { ledgerIsExchange } from '../../../simulation/invariants/ledger.ts';
import { copyOf, type Stub, SYMBOL, stubWorld } from './stub-world.ts';

describe('an error is never zero', () => {
  const PROCESS = 'balance@v1.1';
  const sound = {
    connected: true,
    accountId: 'u-1',
    cash: '10000',
    held: '0',
    equity: '10500',
    assets: [{ asset: 'SOL', total: '5', free: '5', value: '500' }],
  };
  const answers = async (result: unknown, old = false): Promise<string | undefined> => {
    const stub = await stubWorld(balancesAreTrue);
    const apiKey = stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '';
    if (old) stub.world.exchange.freezeBalances({ accountId: 'u-1', calls: 1 });
    stub.see({ kind: 'invocation', process: PROCESS, fn: 'balance', event: { accountId: 'u-1' } });
    stub.see({ kind: 'request', process: PROCESS, apiKey, endpoint: 'BalanceEx' });
    stub.see({ kind: 'answer', process: PROCESS, fn: 'balance', answer: { result } });
    return await stub.said();
  };

  it("holds for what the exchange's books say, and for a failure with a code", async () => {
    expect(await answers(sound)).toBeUndefined();
    expect(
      await answers({ connected: false, accountId: 'u-1', code: 'TIMEOUT', message: 'no answer' }),
    ).toBeUndefined();
  });

  it('excuses what the exchange itself shows wrong', async () => {
    expect(await answers({ ...sound, assets: [], equity: '10000' }, true)).toBeUndefined();
  });

  it.each([
    [
      'coins left out',
      { ...sound, assets: [], equity: '10000' },
      /the exchange's books have 5 SOL, not none/,
    ],
    ['no cash', { ...sound, cash: '0', equity: '500' }, /10000 in free cash, not 0/],
    ['a wrong sum', { ...sound, equity: '1' }, /an equity of 10500, not 1/],
    [
      'a failure with figures',
      { connected: false, accountId: 'u-1', code: 'TIMEOUT', message: 'no answer', equity: '0' },
      /failed with TIMEOUT, and its answer has 'equity'/,
    ],
    [
      'a failure without a code',
      { connected: false, accountId: 'u-1', code: '', message: 'x' },
      /neither a balance/,
    ],
  ])('tells %s', async (_, result, says) => {
    expect(await answers(result)).toMatch(says);
  });
});

describe('money is decimal', () => {
  it('holds for decimal texts and whole numbers', async () => {
    const stub = await stubWorld(moneyIsDecimal);

    await stub.put('u-1', 'X', { quantity: '0.1', at: 1_767_600_000_000, deep: [{ price: '100' }] });
    await stub.put('m-1', 'STRATEGY#x', { rsi: 55.5 });

    expect(await stub.said()).toBeUndefined();
  });

  it.each([
    [{ quantity: 1 }, /quantity is the number 1/],
    [{ quantity: '1e-7' }, /quantity is '1e-7'/],
    [{ deep: [{ price: 0.1 }] }, /deep\.price is the number 0\.1/],
    [{ ageSeconds: 0.5 }, /ageSeconds is the number 0\.5/],
  ])('tells %o', async (fields, says) => {
    const stub = await stubWorld(moneyIsDecimal);

    await stub.put('u-1', 'X', fields);

    expect(await stub.said()).toMatch(says);
  });
});

describe('the ledger is what the exchange says', () => {
  const order = { accountId: 'u-1', side: 'BUY', quantity: '1', cause: copyOf('u-1', 't-1') } as const;
  const buy = async (stub: Stub): Promise<readonly string[]> => {
    const apiKey = stub.world.members.find(({ accountId }) => accountId === 'u-1')?.apiKey ?? '';
    const keyFingerprint = createHash('sha256').update(`nija-key:${apiKey}`).digest('hex').slice(0, 16);
    await stub.put('u-1', 'PROFILE', { keyFingerprint, registeredAt: stub.sim.startAt });
    await stub.intend(order);
    return await stub.place(order);
  };
  const adjust = async (stub: Stub, before: string, after: string): Promise<void> => {
    await stub.put('u-1', 'ADJUSTMENT#1', {
      kind: 'ADJUSTMENT',
      accountId: 'u-1',
      symbol: SYMBOL,
      reason: 'OWN_SALE',
      quantityBefore: before,
      quantityAfter: after,
      held: after,
      at: stub.sim.now(),
    });
  };

  it('holds where executions and position are those of the exchange', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await stub.record('u-1', await buy(stub), '1');

    expect(await stub.said()).toBeUndefined();
  });

  it('tells an execution that is missing', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await buy(stub);

    expect(await stub.said()).toMatch(/of BUY .* of u-1 \(SOL\/USD\) is not in the ledger/);
  });

  it('tells a position that counts an execution twice', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await stub.record('u-1', await buy(stub), '2');

    expect(await stub.said()).toMatch(/the position u-1 SOL\/USD is 2, and .* come to 1/);
  });

  it('tells an execution of the owner that is taken for ours', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await stub.record('u-1', await stub.place({ accountId: 'u-1', side: 'BUY', quantity: '1' }), '1');

    expect(await stub.said()).toMatch(/which the owner traded by hand/);
  });

  it('tells what was written off and never taken', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await stub.record('u-1', await buy(stub), '1');
    await adjust(stub, '1', '0.4');

    expect(await stub.said()).toMatch(/0\.6 SOL of u-1 were written off, and its owner took 0$/);
  });

  describe('of a purchase that is recorded after an exit has sold its coins', () => {
    const soldFirst = async (position: string): Promise<string | undefined> => {
      const stub = await stubWorld(ledgerIsExchange);
      const bought = await buy(stub);
      await stub.sim.run(stub.sim.now() + MINUTE);
      const cause = { kind: 'exit', accountId: 'u-1', requestId: 'e', symbol: SYMBOL, round: 1 } as const;
      const exit = { accountId: 'u-1', side: 'SELL', quantity: '1', cause } as const;
      await stub.intend(exit);
      await stub.record('u-1', await stub.place(exit), '0');
      await stub.record('u-1', bought, position);
      return await stub.said();
    };

    it('holds where nothing is managed then', async () => {
      expect(await soldFirst('0')).toBeUndefined();
    });

    it('tells a position of what is sold', async () => {
      expect(await soldFirst('1')).toMatch(/the position u-1 SOL\/USD is 1, and .* come to 0/);
    });
  });

  it('tells what is managed and not held, until a drift says so', async () => {
    const stub = await stubWorld(ledgerIsExchange);

    await stub.record('u-1', await buy(stub), '1');
    stub.world.exchange.withdraw('u-1', 'SOL', '5.5');
    const silent = await stub.said();
    await stub.put('u-1', 'DRIFT#SOL', { kind: 'DRIFT', accountId: 'u-1', asset: 'SOL' });

    expect(silent).toMatch(/u-1 manages 1 SOL and holds 0\.5, and no drift is open/);
    expect(await stub.said()).toBeUndefined();
  });
});
