import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { fraction } from '../../shared/money/money.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { ETH } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { orderByHand } from './by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.clock.advance(HOUR);
  await bossIsHealthy(lab);
});

const exit = async (accountId: string, more: Record<string, unknown> = {}) =>
  await runExit(zExitInput.parse({ accountId, scope: 'everything', ...more }), lab.process());
const user = async (balances: Record<string, string>) =>
  (await lab.openAccount('user', { balances: { USD: '100', ...balances } })).accountId;
const sold = (accountId: string) =>
  ordersAtExchange(lab, accountId).flatMap(({ side, filled }) =>
    side === 'SELL' && filled !== '0' ? [filled] : [],
  );

describe('an exit of everything where coins are staked', () => {
  it('sells the others, ends, and says how much is staked and what to do', async () => {
    const accountId = await user({ ETH: '0.4', 'ETH.B': '0.5' });

    const report = await exit(accountId);

    expect(report.state).toBe('FLAT');
    expect(report.results).toMatchObject([{ symbol: ETH, state: 'STAKED' }]);
    const [result] = report.results;
    expect([result?.quantity.toFixed(), result?.left.toFixed()]).toEqual(['0.4', '0.5']);
    expect(result?.detail).toMatch(/^0\.5 ETH is staked.*unstake it at the exchange, then exit again/);
    expect(sold(accountId)).toEqual(['0.4']);
    expect(await lab.ledger.exits.unfinished(accountId)).toEqual([]);
  });

  it('ends at once where all is staked, and sells it when asked again after it was unstaked', async () => {
    const accountId = await user({ 'ETH.S': '0.5' });

    expect(await exit(accountId)).toMatchObject({ state: 'FLAT', results: [{ state: 'STAKED' }] });
    lab.simulator.withdraw(accountId, 'ETH.S', '0.5');
    lab.simulator.deposit(accountId, 'ETH', '0.5');

    expect(await exit(accountId)).toMatchObject({ state: 'FLAT', results: [{ state: 'SOLD' }] });
    expect(sold(accountId)).toEqual(['0.5']);
  });

  it('cancels what lies in open orders, and tells that apart from what is staked', async () => {
    const accountId = await user({ ETH: '0.4', 'ETH.B': '0.5' });
    const order = { pair: 'ETHUSD', type: 'sell', ordertype: 'limit', price: '9999.00', volume: '0.3' };
    const own = await orderByHand(lab, accountId, order);

    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', canceledOrders: [own], results: [{ state: 'STAKED' }] });
    expect(sold(accountId)).toEqual(['0.4']);
  });

  it('is not flat where the open order could not be cancelled, and is when asked again', async () => {
    const accountId = await user({ ETH: '0.4', 'ETH.B': '0.5' });
    const order = { pair: 'ETHUSD', type: 'sell', ordertype: 'limit', price: '9999.00', volume: '0.4' };
    await orderByHand(lab, accountId, order);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'CancelOrder', accountId });

    const first = await exit(accountId);
    const second = await exit(accountId);

    expect(first).toMatchObject({ state: 'INCOMPLETE', results: [{ state: 'FAILED' }] });
    expect(first.results[0]?.detail).toMatch(/^0 of 0\.4 ETH is free; the rest is locked in open orders/);
    expect(second).toMatchObject({ state: 'FLAT', results: [{ state: 'STAKED' }] });
  });

  it('says in a dry run what it would sell, and what it could not', async () => {
    const accountId = await user({ ETH: '0.4', 'ETH.B': '0.5' });
    const all = await user({ 'ETH.B': '0.5' });

    const [some, none] = [await exit(accountId, { dryRun: true }), await exit(all, { dryRun: true })];

    expect(some.results).toMatchObject([{ state: 'WOULD_SELL' }]);
    expect(some.results[0]?.quantity.toFixed()).toBe('0.4');
    expect(some.results[0]?.detail).toContain('0.5 ETH is staked');
    expect(none.results).toMatchObject([{ state: 'STAKED' }]);
  });
});

describe('a position of which its owner has staked a part', () => {
  const staked = async (part: string): Promise<string> => {
    const accountId = await user({});
    await lab.givePosition(accountId, ETH, '1');
    lab.simulator.withdraw(accountId, 'ETH', part);
    lab.simulator.deposit(accountId, 'ETH.B', part);
    return accountId;
  };

  it('is sold by an exit of what is managed as far as it is free', async () => {
    const accountId = await staked('0.6');

    const report = await exit(accountId, { scope: 'managed' });

    expect(report).toMatchObject({ state: 'FLAT', results: [{ symbol: ETH, state: 'STAKED' }] });
    expect(sold(accountId)).toEqual(['0.4']);
    expect((await lab.ledger.positions.get(accountId, ETH))?.quantity.toFixed()).toBe('0.6');
  });

  it('stays owed by a copied SELL, by the amount that is staked, until that can be sold', async () => {
    const accountId = await staked('1');
    const trade = bossTrade(lab.clock.now(), { side: 'SELL', symbol: ETH, soldFraction: fraction('1') });

    const outcome = await runCopy(await giveCopy(lab, accountId, trade), lab.process());
    lab.simulator.withdraw(accountId, 'ETH.B', '1');
    lab.simulator.deposit(accountId, 'ETH', '1');
    lab.clock.advance(HOUR);
    const { sales } = await redriveWork(
      accountId,
      { mayGoOn: () => true, patienceMs: () => 20_000 },
      lab.process(),
    );

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'LOCKED' });
    expect(outcome.state === 'FAILED' && outcome.detail).toMatch(/^0 of 1 ETH is free; 1 is staked/);
    expect(sales).toMatchObject([{ by: 'SOLD' }]);
    expect(heldAtExchange(lab, accountId, ETH)).toBe('0');
    await expectLedgerAsExchange(lab, accountId, ETH, 'unstaked');
  });
});
