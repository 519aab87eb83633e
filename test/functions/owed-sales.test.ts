import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { owesSale } from '../../shared/copying/owed-sale.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { dynamoUnfinishedWork } from '../../shared/ledger/dynamodb/unfinished-work.ts';
import { fraction, quantity } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { cancelByHand, giveNewKey, orderByHand } from './by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  lab.clock.advance(MINUTE);
  await bossIsHealthy(lab);
});

const refused = { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' } as const;
const always = { mayGoOn: () => true, patienceMs: () => 20_000 };
const check = async (accountId: string) => {
  lab.clock.advance(MINUTE);
  return await redriveWork(accountId, always, lab.process());
};

const sell = (accountId: string, changes: Partial<Trade> = {}) =>
  copy(accountId, { side: 'SELL', ...changes });
const copy = async (accountId: string, changes: Partial<Trade>) => {
  lab.clock.advance(MINUTE);
  const trade = bossTrade(lab.clock.now(), changes);
  await runCopy(await giveCopy(lab, accountId, trade), lab.process());
  return trade.tradeId;
};
const owedOf = async (accountId: string, tradeId: string) =>
  (await lab.ledger.copies.get(accountId, tradeId))?.owed;
const openSales = async (accountId: string) =>
  (await lab.ledger.copies.unfinished(accountId)).filter(owesSale);
const profileOf = async (accountId: string) => {
  const profile = await lab.ledger.accounts.read(accountId);
  if (profile === undefined) throw new Error(`${accountId} is gone`);
  return profile;
};
const soldAtExchange = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side, filled }) => side === 'SELL' && filled !== '0')
    .map(({ filled }) => filled);
const figuresOf = async (act: () => Promise<unknown>) => {
  const before = lab.lines.length;
  await act();
  return lab.lines.slice(before).flatMap(({ level, message }) => (level === 'metric' ? [message] : []));
};

/** An account with 0.02 BTC, half of which a refused SELL owes. */
const owing = async (changes: Partial<Trade> = { soldFraction: fraction('0.5') }) => {
  const { accountId, apiKey } = await lab.openAccount('user');
  await lab.givePosition(accountId, BTC, '0.02');
  const fault = lab.simulator.faults.inject({ ...refused, accountId });
  const tradeId = await sell(accountId, changes);
  fault.clear();
  return { accountId, apiKey, tradeId };
};

describe('a copied SELL that the exchange refuses', () => {
  it('is made good by the next check, and its end as a copy stays what it was', async () => {
    const { accountId, tradeId } = await owing();
    const ended = await lab.ledger.copies.get(accountId, tradeId);

    const figures = await figuresOf(async () => {
      expect(await check(accountId)).toMatchObject({
        sales: [{ tradeId, symbol: BTC, state: 'MADE_GOOD', by: 'SOLD' }],
        failures: [],
        left: 0,
      });
    });

    expect(figures).toEqual(['SaleMadeGood']);
    expect(soldAtExchange(accountId)).toEqual(['0.01']);
    const after = await lab.ledger.copies.get(accountId, tradeId);
    expect(after?.outcome).toEqual(ended?.outcome);
    expect(after?.outcome).toMatchObject({ state: 'FAILED', reason: 'REJECTED' });
    expect(after?.owed).toMatchObject({ madeGood: { by: 'SOLD', at: lab.clock.now() } });
    expect(after?.owed?.sold.toFixed()).toBe('0.01');
    await expectLedgerAsExchange(lab, accountId, BTC, 'made good');
  });

  it('because its market takes none now is owed at once, and holds up no sale of another', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '1');
    const restricted = { kind: 'ERROR_TEXT', text: 'EService:Market in cancel_only mode' } as const;
    lab.simulator.faults.inject({ ...restricted, endpoint: 'AddOrder', accountId });

    const held = await sell(accountId);
    await sell(accountId, { symbol: ETH });

    expect((await lab.ledger.copies.get(accountId, held))?.outcome).toMatchObject({
      state: 'FAILED',
      reason: 'REJECTED',
      detail: expect.stringContaining('MARKET_RESTRICTED'),
      asked: quantity('0.02'),
    });
    expect(heldAtExchange(lab, accountId, ETH)).toBe('0');
    expect(await check(accountId)).toMatchObject({
      sales: [{ tradeId: held, state: 'MADE_GOOD', by: 'SOLD' }],
    });
    expect(soldAtExchange(accountId)).toEqual(['1', '0.02']);
  });

  it('counts as owed at once, and again with each check until it is sold', async () => {
    const first = await figuresOf(async () => {
      const { accountId } = await owing();
      const fault = lab.simulator.faults.inject({ ...refused, accountId, times: 2 });

      const figures = await figuresOf(async () => {
        for (let checks = 0; checks < 3; checks += 1) {
          lab.clock.advance(HOUR);
          await check(accountId);
        }
      });

      expect(fault.hits()).toBe(2);
      expect(figures).toEqual(['SaleStillOwed', 'SaleStillOwed', 'SaleMadeGood']);
      const [sale] = await lab.ledger.copies.list(accountId);
      expect(sale?.owed).toMatchObject({ tries: 2, rounds: 3 });
      expect(soldAtExchange(accountId)).toEqual(['0.01']);
    });

    expect(first.slice(0, 2)).toEqual(['SaleOwed', 'CopyFailed']);
  });

  it('is tried with the next check, then a little more seldom, and counts with each check all the same', async () => {
    const { accountId } = await owing();
    const fault = lab.simulator.faults.inject({ ...refused, accountId, times: Number.POSITIVE_INFINITY });
    const tries = async (checks: number, apart: number): Promise<number> => {
      const before = fault.hits();
      for (let count = 0; count < checks; count += 1) {
        lab.clock.advance(apart);
        await check(accountId);
      }
      return fault.hits() - before;
    };

    const figures = await figuresOf(async () => {
      expect(await tries(1, MINUTE)).toBe(1);
      expect(await tries(14, 5 * MINUTE)).toBeLessThanOrEqual(5);
      expect(await tries(3, HOUR / 2)).toBe(3);
    });

    expect(figures.filter((name) => name === 'SaleStillOwed')).toHaveLength(18);
    const [sale] = await lab.ledger.copies.list(accountId);
    expect(sale?.owed).toMatchObject({
      tries: 18,
      lastReason: expect.stringContaining('INSUFFICIENT_FUNDS'),
    });
    fault.clear();
    const { state } = await runExit(zExitInput.parse({ accountId, requestId: 'now' }), lab.process());
    expect(state).toBe('FLAT');
    expect(soldAtExchange(accountId)).toEqual(['0.02']);
    expect(await check(accountId)).toMatchObject({ sales: [{ by: 'CLOSED' }] });
  });

  it('is listed as unfinished until it is made good, and not longer', async () => {
    const { accountId, tradeId } = await owing();
    const listed = async () => {
      const found = [];
      for await (const page of dynamoUnfinishedWork(lab.table)('sale')) found.push(...page);
      return found.filter((work) => work.accountId === accountId).map(({ id }) => id);
    };

    expect(await listed()).toEqual([tradeId]);
    await check(accountId);

    expect(await listed()).toEqual([]);
    expect(await lab.ledger.copies.unfinished(accountId)).toEqual([]);
  });

  it('is sold whatever switches say', async () => {
    const { accountId } = await owing();
    const profile = await profileOf(accountId);
    const stopped = {
      ...profile.account,
      enabled: false,
      exitOnly: true,
      copyPaused: true,
      deniedSymbols: [BTC],
    };
    await lab.ledger.accounts.register(stopped, profile);
    await lab.ledger.control.setHalt({ engaged: true, by: 'a test', why: 'to see', at: lab.clock.now() });

    await check(accountId);
    await lab.ledger.control.setHalt({ engaged: false, by: 'a test', why: 'to see', at: lab.clock.now() });

    expect(soldAtExchange(accountId)).toEqual(['0.01']);
  });

  it('is sold though the exchange names no price', async () => {
    const { accountId } = await owing();
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'Ticker', times: 9 });

    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.01']);
  });

  it('leaves alone what the owner holds beside the position', async () => {
    const { accountId } = await owing({ soldFraction: fraction('1') });
    lab.simulator.deposit(accountId, 'BTC', '1');

    await check(accountId);
    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.02']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('1');
  });
});

describe('an owed sale whose coins were sold meanwhile', () => {
  it('by an exit is made good without an order', async () => {
    const { accountId, tradeId } = await owing();
    await runExit(zExitInput.parse({ accountId, requestId: 'out' }), lab.process());

    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.02']);
    expect(await owedOf(accountId, tradeId)).toMatchObject({ madeGood: { by: 'CLOSED' } });
  });

  it('does not sell what was bought after that', async () => {
    const { accountId, tradeId } = await owing({ soldFraction: fraction('1') });
    await runExit(zExitInput.parse({ accountId, requestId: 'out' }), lab.process());
    await copy(accountId, {});
    const bought = heldAtExchange(lab, accountId, BTC);

    await check(accountId);

    expect(Number(bought)).toBeGreaterThan(0);
    expect(heldAtExchange(lab, accountId, BTC)).toBe(bought);
    expect(await owedOf(accountId, tradeId)).toMatchObject({ madeGood: { by: 'CLOSED' } });
  });

  it('by hand, so that nothing is held, is made good as that', async () => {
    const { accountId, tradeId } = await owing();
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    await check(accountId);
    lab.clock.advance(15 * MINUTE);
    await check(accountId);

    expect(await owedOf(accountId, tradeId)).toMatchObject({ madeGood: { by: 'NOTHING_HELD' } });
  });
});

describe('an owed sale and a BUY that is copied after it', () => {
  it('sells no more than was asked of it', async () => {
    const { accountId } = await owing({ soldFraction: fraction('1') });
    await copy(accountId, {});
    const held = Number(heldAtExchange(lab, accountId, BTC));

    await check(accountId);
    await check(accountId);

    expect(held).toBeGreaterThan(0.02);
    expect(soldAtExchange(accountId)).toEqual(['0.02']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'after the BUY');
  });
});

describe('two owed sales of one symbol', () => {
  it("are made in their order, and leave what the master's would have left", async () => {
    const { accountId, tradeId } = await owing();
    lab.simulator.faults.inject({ ...refused, accountId });
    const second = await sell(accountId, { soldFraction: fraction('0.5') });

    const report = await check(accountId);

    expect(report.sales.map((sale) => [sale.tradeId, sale.state])).toEqual([
      [tradeId, 'MADE_GOOD'],
      [second, 'MADE_GOOD'],
    ]);
    expect(soldAtExchange(accountId)).toEqual(['0.01', '0.005']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.005');
  });

  it('wait for each other, and sales of other symbols for neither', async () => {
    const { accountId, tradeId } = await owing();
    await lab.givePosition(accountId, ETH, '1');
    lab.simulator.faults.inject({ ...refused, accountId, times: 2 });
    await sell(accountId, { soldFraction: fraction('0.5') });
    const other = await sell(accountId, { symbol: ETH });
    lab.simulator.faults.inject({ ...refused, accountId });

    const report = await check(accountId);

    expect(report.sales.map((sale) => [sale.tradeId, sale.state])).toEqual([
      [tradeId, 'STILL_OWED'],
      [other, 'MADE_GOOD'],
    ]);
    expect(report.left).toBe(1);
    lab.clock.advance(HOUR);
    expect(await check(accountId)).toMatchObject({
      sales: [{ state: 'MADE_GOOD' }, { state: 'MADE_GOOD' }],
      left: 0,
    });
  });
});

const byHand = { type: 'sell', ordertype: 'limit', price: '999999.0' };

describe('a sale whose coins lie in an open order', () => {
  const locked = async (volume: string) => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '100' } });
    await lab.givePosition(accountId, BTC, '0.01');
    const order = await orderByHand(lab, accountId, { ...byHand, volume });
    return { accountId, order, tradeId: await sell(accountId) };
  };

  it("of the owner's stays owed by that name, and is sold once that is gone", async () => {
    const { accountId, order, tradeId } = await locked('0.01');

    expect(await check(accountId)).toMatchObject({
      sales: [{ state: 'STILL_OWED', detail: expect.stringContaining('LOCKED') }],
    });
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ orderId: order, status: 'open' }]);
    await cancelByHand(lab, accountId, order);
    await check(accountId);

    expect(await owedOf(accountId, tradeId)).toMatchObject({ tries: 1, madeGood: { by: 'SOLD' } });
    expect(soldAtExchange(accountId)).toEqual(['0.01']);
  });

  it('is sold as far as it is free, then the rest', async () => {
    const { accountId, order, tradeId } = await locked('0.006');

    expect(soldAtExchange(accountId)).toEqual(['0.004']);
    expect((await owedOf(accountId, tradeId))?.remaining?.toFixed()).toBe('0.006');
    await cancelByHand(lab, accountId, order);
    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.004', '0.006']);
    expect(await openSales(accountId)).toEqual([]);
  });

  it("of Nija's own is sold after that was cancelled", async () => {
    const { accountId } = await owing({ soldFraction: fraction('1') });
    const clientOrderId = 'a'.repeat(32);
    await orderByHand(lab, accountId, { ...byHand, volume: '0.02', cl_ord_id: clientOrderId });
    await lab.ledger.orders.create({
      accountId,
      clientOrderId,
      cause: 'stuck',
      symbol: BTC,
      side: 'SELL',
      type: 'MARKET',
      quantity: quantity('0.02'),
      state: 'INTENT',
      attempt: 1,
      createdAt: lab.clock.now(),
      intendedAt: lab.clock.now(),
      deadline: lab.clock.now(),
    });

    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.02']);
    expect(ordersAtExchange(lab, accountId).map(({ status }) => status)).not.toContain('open');
    await expectLedgerAsExchange(lab, accountId, BTC, 'own order');
  });
});

describe('a sale of an account that could not be used', () => {
  it('is made once it has a key again', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.deleteSecret(accountId);
    const tradeId = await sell(accountId, { soldFraction: fraction('0.5') });

    expect((await owedOf(accountId, tradeId))?.remaining?.toFixed()).toBe('0.01');
    expect(await check(accountId)).toMatchObject({ sales: [{ state: 'STILL_OWED' }] });
    await giveNewKey(lab, accountId);
    await check(accountId);

    expect(soldAtExchange(accountId)).toEqual(['0.01']);
  });

  it('asks an exchange that refuses the key once in a check, not once for each sale', async () => {
    const { accountId, apiKey } = await owing();
    await lab.givePosition(accountId, ETH, '1');
    lab.simulator.faults.inject({ ...refused, accountId });
    await sell(accountId, { symbol: ETH });
    lab.simulator.revokeKey(apiKey);
    const asked = () =>
      lab.simulator.books
        .requests()
        .reduce((sum, request) => sum + (request.apiKey === apiKey ? request.count : 0), 0);
    const before = asked();

    const figures = await figuresOf(async () => {
      expect(await check(accountId)).toMatchObject({
        sales: [{ state: 'STILL_OWED' }, { state: 'STILL_OWED' }],
      });
    });

    expect(asked() - before).toBe(1);
    expect(figures).toEqual(['SaleStillOwed', 'SaleStillOwed']);
  });

  it('is not known while a purchase is in doubt, and is found out with it', async () => {
    const { accountId } = await lab.openAccount('user');
    const faults = [
      lab.simulator.faults.inject({ kind: 'RESET_AFTER', accountId, endpoint: 'AddOrder' }),
      lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 20 }),
    ];
    await expect(copy(accountId, {})).rejects.toThrow();
    for (const fault of faults) fault.clear();
    await lab.deleteSecret(accountId);
    const tradeId = await sell(accountId);

    expect(await owedOf(accountId, tradeId)).toMatchObject({ since: lab.clock.now() });
    expect((await owedOf(accountId, tradeId))?.remaining).toBeUndefined();
    await giveNewKey(lab, accountId);
    await check(accountId);

    expect(Number(heldAtExchange(lab, accountId, BTC))).toBe(0);
    expect(await openSales(accountId)).toEqual([]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'found out');
  });
});
