import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import type { FaultSpec } from '../../infra/local/kraken/faults.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { fraction, price, quantity } from '../../shared/money/money.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { giveNewKey } from './by-hand.ts';
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

const ALL = { side: 'SELL', soldFraction: fraction('1') } as const;
const HALF = { side: 'SELL', soldFraction: fraction('0.5') } as const;

const publish = async (accountId: string, changes: Partial<Trade>) => {
  lab.clock.advance(MINUTE);
  return await giveCopy(lab, accountId, bossTrade(lab.clock.now(), changes));
};
const inject = (accountId: string, spec: FaultSpec) => lab.simulator.faults.inject({ ...spec, accountId });
/** The exchange takes the next order, its answer is lost, and it cannot be looked up either. */
const loseAnswer = (accountId: string): void => {
  inject(accountId, { kind: 'RESET_AFTER', endpoint: 'AddOrder' });
  hide(accountId, 'OpenOrders');
};
const hide = (accountId: string, endpoint: 'OpenOrders' | 'ClosedOrders') =>
  inject(accountId, { kind: 'HTTP_5XX', endpoint, times: Number.POSITIVE_INFINITY });
const copyInDoubt = async (accountId: string, changes: Partial<Trade>) => {
  const message = await publish(accountId, changes);
  loseAnswer(accountId);
  await expect(runCopy(message, lab.process())).rejects.toThrow();
  lab.simulator.faults.clear();
  expect(await lab.ledger.orders.inDoubt(accountId)).toMatchObject([{ state: 'INTENT' }]);
  return message;
};
const refusedSale = async (accountId: string, changes: Partial<Trade>): Promise<string> => {
  const message = await publish(accountId, changes);
  const text = 'EOrder:Insufficient funds';
  inject(accountId, { kind: 'ERROR_TEXT', text, endpoint: 'AddOrder' });
  expect(await runCopy(message, lab.process())).toMatchObject({ state: 'FAILED', reason: 'REJECTED' });
  return message.tradeId;
};
const check = async (accountId: string) => {
  lab.clock.advance(MINUTE);
  return await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, lab.process());
};
const holder = async (amount: string, owners?: string): Promise<string> => {
  const beside = owners === undefined ? {} : { BTC: owners };
  const { accountId } = await lab.openAccount('user', { balances: { USD: '10000', ...beside } });
  await lab.givePosition(accountId, BTC, amount);
  return accountId;
};
const sold = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side, filled }) => side === 'SELL' && filled !== '0')
    .map(({ filled }) => filled);
const outcomeOf = async (accountId: string, tradeId: string) =>
  (await lab.ledger.copies.get(accountId, tradeId))?.outcome;

describe('an owed sale beside a later SELL in doubt', () => {
  it('waits to know what that has sold: what the exchange still shows is the owner’s own', async () => {
    const accountId = await holder('0.02', '0.5');
    const tradeId = await refusedSale(accountId, ALL);
    await copyInDoubt(accountId, ALL);
    hide(accountId, 'ClosedOrders');

    const blocked = await check(accountId);
    const heldMeanwhile = heldAtExchange(lab, accountId, BTC);
    lab.simulator.faults.clear();
    const known = await check(accountId);

    const detail = expect.stringContaining('waits to know what is held');
    expect(blocked).toMatchObject({ sales: [{ tradeId, state: 'STILL_OWED', detail }] });
    expect(heldMeanwhile).toBe('0.5');
    expect(known).toMatchObject({ sales: [{ tradeId, state: 'MADE_GOOD', by: 'CLOSED' }] });
    expect(sold(accountId)).toEqual(['0.02']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0.5');
  });
});

describe('an owed sale whose own order did not go as it should', () => {
  it.each([
    [
      'was not taken',
      (accountId: string) => {
        const text = 'EOrder:Rate limit exceeded';
        inject(accountId, { kind: 'ERROR_TEXT', text, endpoint: 'AddOrder' });
      },
    ],
    ['was taken without an answer', loseAnswer],
  ])('because it %s is made good by the next check, and sells what was owed once', async (_how, fails) => {
    const accountId = await holder('0.02');
    const tradeId = await refusedSale(accountId, HALF);
    fails(accountId);

    const first = await check(accountId);
    lab.simulator.faults.clear();
    const second = await check(accountId);

    expect(first).toMatchObject({ sales: [{ tradeId, state: 'STILL_OWED' }] });
    expect(second).toMatchObject({ sales: [{ tradeId, state: 'MADE_GOOD', by: 'SOLD' }] });
    expect(sold(accountId)).toEqual(['0.01']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'made good');
  });
});

describe('a copied SELL in doubt whose account cannot be used any more', () => {
  it('stays open instead of being owed, so that nothing is sold twice', async () => {
    const accountId = await holder('0.04');
    const message = await copyInDoubt(accountId, HALF);
    await lab.deleteSecret(accountId);

    await expect(runCopy(message, lab.process())).rejects.toThrow();
    const meanwhile = await lab.ledger.copies.get(accountId, message.tradeId);
    await giveNewKey(lab, accountId);
    await runCopy(message, lab.process());
    await check(accountId);

    expect(meanwhile).toBeDefined();
    expect(meanwhile?.outcome).toBeUndefined();
    expect(await outcomeOf(accountId, message.tradeId)).toMatchObject({ state: 'FILLED' });
    expect(sold(accountId)).toEqual(['0.02']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'a new key');
  });

  it('stays open where the account is not in the table, too', async () => {
    const accountId = await holder('0.04');
    const message = await copyInDoubt(accountId, HALF);
    const ports = lab.process();
    const copyContext: typeof ports.ledger.copyContext = async (...of) => {
      const { account: _gone, ...context } = await ports.ledger.copyContext(...of);
      return { ...context, account: undefined };
    };

    const gone = runCopy(message, { ...ports, ledger: { ...ports.ledger, copyContext } });

    await expect(gone).rejects.toThrow(`${accountId} is not registered any more: it stays open`);
    expect(await outcomeOf(accountId, message.tradeId)).toBeUndefined();
    await runCopy(message, lab.process());
    expect(sold(accountId)).toEqual(['0.02']);
  });
});

describe('a copied SELL whose order did not reach the exchange', () => {
  it.each([
    { kind: 'ERROR_TEXT', text: 'EOrder:Rate limit exceeded' },
    { kind: 'RESET_BEFORE' },
  ] as const)('is sent again by the same run ($kind)', async (fault) => {
    const accountId = await holder('0.02');
    const message = await publish(accountId, HALF);
    const injected = inject(accountId, { ...fault, endpoint: 'AddOrder' });

    const outcome = await runCopy(message, lab.process());

    expect(injected.hits()).toBe(1);
    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ side: 'SELL', filled: '0.01' }]);
    await expectLedgerAsExchange(lab, accountId, BTC, 'sent again');
  });
});

describe('a copied SELL beside an order in doubt of another symbol', () => {
  it('does not wait to know of that', async () => {
    const accountId = await holder('0.02');
    const { tradeId } = await copyInDoubt(accountId, {
      symbol: ETH,
      price: price('2500'),
      quantity: quantity('2'),
    });

    const outcome = await runCopy(await publish(accountId, ALL), lab.process());

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
    expect(await lab.ledger.orders.inDoubt(accountId)).toMatchObject([{ symbol: ETH, state: 'INTENT' }]);
    expect(await outcomeOf(accountId, tradeId)).toBeUndefined();
  });
});
