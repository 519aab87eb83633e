import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  await bossIsHealthy(lab);
});

/** A copied BUY that the exchange took, whose answer was lost, and which could not be looked up either. */
const buyInDoubt = async () => {
  const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
  return await buysInDoubt(accountId);
};

const buysInDoubt = async (accountId: string, named: { tradeId?: string } = {}) => {
  const trade = bossTrade(lab.clock.now(), named);
  const message = await giveCopy(lab, accountId, trade);
  const faults = [
    lab.simulator.faults.inject({ kind: 'RESET_AFTER', accountId, endpoint: 'AddOrder' }),
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 20 }),
  ];
  await expect(runCopy(message, lab.process())).rejects.toThrow();
  for (const fault of faults) fault.clear();
  return { accountId, message, tradeId: trade.tradeId };
};

const exit = async (accountId: string, scope: 'managed' | 'everything', requestId = 'away') =>
  await runExit(zExitInput.parse({ accountId, requestId, scope }), lab.process());

describe('an exit that finds a purchase in doubt', () => {
  it.each([
    'managed',
    'everything',
  ] as const)('of what is %s finds out what it bought, and sells that', async (scope) => {
    const { accountId, message, tradeId } = await buyInDoubt();

    const report = await exit(accountId, scope);

    expect(report).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    // The copy, delivered again, tells what was bought and buys nothing.
    await runCopy(message, lab.process());
    expect((await lab.ledger.copies.get(accountId, tradeId))?.outcome).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId).map(({ side }) => side)).toEqual(['BUY', 'SELL']);
    await expectLedgerAsExchange(lab, accountId, BTC, scope);
  });

  it('is not flat while that cannot be found out, and is after it can', async () => {
    const { accountId } = await buyInDoubt();
    const fault = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId,
      endpoint: 'ClosedOrders',
      times: Number.POSITIVE_INFINITY,
    });

    const blocked = await exit(accountId, 'managed');
    fault.clear();
    const done = await exit(accountId, 'managed');

    expect(blocked).toMatchObject({ state: 'INCOMPLETE', results: [{ symbol: BTC, state: 'FAILED' }] });
    expect(blocked.results[0]?.detail).toContain('in doubt');
    expect(done).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });
});

describe('an exit that finds a purchase in doubt beside what was bought before', () => {
  it('sells the latter at once, and is not flat until it knows of the former', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
    await lab.givePosition(accountId, BTC, '0.02');
    await buysInDoubt(accountId, { tradeId: 't-beside' });
    const bought = Number(heldAtExchange(lab, accountId, BTC)) - 0.02;
    const times = Number.POSITIVE_INFINITY;
    const fault = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId,
      endpoint: 'ClosedOrders',
      times,
    });

    const blocked = await exit(accountId, 'managed');
    fault.clear();

    expect(blocked).toMatchObject({ state: 'INCOMPLETE', results: [{ symbol: BTC, state: 'FAILED' }] });
    expect(blocked.results[0]?.quantity.toFixed()).toBe('0.02');
    expect(Number(heldAtExchange(lab, accountId, BTC))).toBeCloseTo(bought, 8);
    expect(await exit(accountId, 'managed')).toMatchObject({ state: 'FLAT' });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });
});

describe('an exit that finds a sale in doubt', () => {
  const saleInDoubt = async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '100', BTC: '0.5' } });
    await lab.givePosition(accountId, BTC, '0.02');
    const message = await giveCopy(lab, accountId, bossTrade(lab.clock.now(), { side: 'SELL' }));
    const faults = [
      lab.simulator.faults.inject({ kind: 'RESET_AFTER', accountId, endpoint: 'AddOrder' }),
      lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 20 }),
    ];
    await expect(runCopy(message, lab.process())).rejects.toThrow();
    for (const fault of faults) fault.clear();
    return { accountId };
  };
  const hideOrders = (accountId: string) =>
    lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId,
      endpoint: 'ClosedOrders',
      times: Number.POSITIVE_INFINITY,
    });

  it('sells nothing of the owner’s own while it cannot be found out, and ends flat after it can', async () => {
    const { accountId } = await saleInDoubt();
    const fault = hideOrders(accountId);

    const blocked = await exit(accountId, 'managed');
    fault.clear();
    const done = await exit(accountId, 'managed');

    expect(blocked).toMatchObject({ state: 'INCOMPLETE', results: [{ symbol: BTC, state: 'FAILED' }] });
    expect(blocked.results[0]?.detail).toMatch(/^SELL order .* is in doubt/);
    expect(done).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'FLAT' }] });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(1);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.5');
  });

  it('sells all that the exchange shows where everything is to go', async () => {
    const { accountId } = await saleInDoubt();
    const fault = hideOrders(accountId);

    await exit(accountId, 'everything');
    fault.clear();

    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });
});

describe('a copied SELL behind a purchase in doubt', () => {
  it('finds out what was bought and sells it, though the purchase is not delivered again', async () => {
    const { accountId } = await buyInDoubt();
    const sale = bossTrade(lab.clock.now(), { side: 'SELL', tradeId: 't-sale-finds-out' });

    await runCopy(await giveCopy(lab, accountId, sale), lab.process());

    expect((await lab.ledger.copies.get(accountId, sale.tradeId))?.outcome).toMatchObject({
      state: 'FILLED',
    });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    await expectLedgerAsExchange(lab, accountId, BTC, 'sale');
  });

  it('sells its share of that, too, where something was bought before', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000' } });
    const earlier = bossTrade(lab.clock.now(), { tradeId: 't-bought-before' });
    await runCopy(await giveCopy(lab, accountId, earlier), lab.process());
    const bought = heldAtExchange(lab, accountId, BTC);
    await buysInDoubt(accountId, { tradeId: 't-bought-in-doubt' });
    expect(Number(heldAtExchange(lab, accountId, BTC))).toBeGreaterThan(Number(bought));
    const sale = bossTrade(lab.clock.now(), { side: 'SELL', tradeId: 't-sale-of-both' });

    await runCopy(await giveCopy(lab, accountId, sale), lab.process());

    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    await expectLedgerAsExchange(lab, accountId, BTC, 'both');
  });

  it('sells what is recorded of that by others right while it looks', async () => {
    const { accountId } = await lab.openAccount('user');
    const sale = bossTrade(lab.clock.now(), { side: 'SELL', tradeId: 't-sale-meanwhile' });
    const message = await giveCopy(lab, accountId, sale);
    const ports = lab.process();
    const { orders } = ports.ledger;
    let looks = 0;
    const inDoubt: typeof orders.inDoubt = async (...asked) => {
      looks += 1;
      if (looks === 1) await lab.givePosition(accountId, BTC, '0.02');
      return await orders.inDoubt(...asked);
    };

    await runCopy(message, { ...ports, ledger: { ...ports.ledger, orders: { ...orders, inDoubt } } });

    expect((await lab.ledger.copies.get(accountId, sale.tradeId))?.outcome).toMatchObject({
      state: 'FILLED',
    });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });

  it('waits while that cannot be found out, instead of ending as if nothing were held', async () => {
    const { accountId, message, tradeId } = await buyInDoubt();
    const sale = bossTrade(lab.clock.now(), { side: 'SELL', tradeId: 't-sale-waits' });
    const saleMessage = await giveCopy(lab, accountId, sale);
    const fault = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId,
      endpoint: 'ClosedOrders',
      times: Number.POSITIVE_INFINITY,
    });

    await expect(runCopy(saleMessage, lab.process())).rejects.toThrow('in doubt');
    fault.clear();
    await runCopy(saleMessage, lab.process());
    await runCopy(message, lab.process());

    const outcomeOf = async (id: string) => (await lab.ledger.copies.get(accountId, id))?.outcome;
    expect(await outcomeOf('t-sale-waits')).toMatchObject({ state: 'FILLED' });
    expect(await outcomeOf(tradeId)).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId).map(({ side }) => side)).toEqual(['BUY', 'SELL']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });
});

describe('a copied BUY behind a sale in doubt', () => {
  it('finds out what was sold first, so that the sale takes nothing from what is bought', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10000', BTC: '0.01' } });
    const faults = [
      lab.simulator.faults.inject({ kind: 'RESET_AFTER', accountId, endpoint: 'AddOrder' }),
      lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'OpenOrders', times: 20 }),
    ];
    await exit(accountId, 'everything', 'sells-own');
    for (const fault of faults) fault.clear();
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    expect(await lab.ledger.orders.inDoubt(accountId)).toHaveLength(1);
    const trade = bossTrade(lab.clock.now(), { tradeId: 't-bought-after' });

    await runCopy(await giveCopy(lab, accountId, trade), lab.process());

    expect(await lab.ledger.orders.inDoubt(accountId)).toEqual([]);
    const held = heldAtExchange(lab, accountId, BTC);
    expect(Number(held)).toBeGreaterThan(0);
    expect((await lab.ledger.positions.get(accountId, BTC))?.quantity.toFixed()).toBe(held);
  });
});
