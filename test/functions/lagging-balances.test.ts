import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import type { Trade } from '../../shared/copying/trade.ts';
import { fraction } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { expectLedgerAsExchange, heldAtExchange, ordersAtExchange } from './books.ts';
import { cancelByHand, orderByHand } from './by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  lab.clock.advance(HOUR);
  await bossIsHealthy(lab);
});

/** An account with 0.02 BTC, of which the next `calls` balances show only what it had before. */
const holder = async (lag: { readonly calls: number; readonly shown?: string }): Promise<string> => {
  const { accountId } = await lab.openAccount('user', {
    balances: { USD: '100', ...(lag.shown === undefined ? {} : { BTC: lag.shown }) },
  });
  lab.simulator.freezeBalances({ accountId, calls: lag.calls });
  await lab.givePosition(accountId, BTC, '0.02');
  if (lag.shown !== undefined) lab.simulator.withdraw(accountId, 'BTC', lag.shown);
  return accountId;
};
const sell = async (accountId: string, changes: Partial<Trade> = {}) => {
  const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('1'), ...changes });
  const outcome = await runCopy(await giveCopy(lab, accountId, trade), lab.process());
  return { outcome, tradeId: trade.tradeId };
};
const check = async (accountId: string, later = 15 * MINUTE) => {
  lab.clock.advance(later);
  return await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, lab.process());
};
const owedOf = async (accountId: string, tradeId: string) =>
  (await lab.ledger.copies.get(accountId, tradeId))?.owed;
const sold = (accountId: string) =>
  ordersAtExchange(lab, accountId).flatMap(({ side, filled }) => (side === 'SELL' ? [filled] : []));

describe('a copied SELL of what a late balance does not show', () => {
  it.each([
    ['nothing', undefined],
    ['less than can be sold', '0.00001'],
  ])('fails, where that shows %s, and is made good by the next check', async (_what, shown) => {
    const accountId = await holder({ calls: 1, ...(shown === undefined ? {} : { shown }) });

    const { outcome, tradeId } = await sell(accountId);

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'NOTHING_HELD_YET' });
    expect(await check(accountId)).toMatchObject({ sales: [{ tradeId, by: 'SOLD' }] });
    expect(sold(accountId)).toEqual(['0.02']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'late');
  });

  it('sells what is shown, and owes the rest until that is shown, too', async () => {
    const accountId = await holder({ calls: 1, shown: '0.005' });

    const { outcome, tradeId } = await sell(accountId);

    expect(outcome).toMatchObject({ state: 'FILLED' });
    expect((await owedOf(accountId, tradeId))?.remaining?.toFixed()).toBe('0.015');
    lab.simulator.freezeBalances({ accountId, calls: 1 });
    await check(accountId);
    await check(accountId);
    expect(sold(accountId)).toEqual(['0.005', '0.015']);
    await expectLedgerAsExchange(lab, accountId, BTC, 'in parts');
  });

  it('ends as another delivery ended it that came first, and sells nothing beside that', async () => {
    const accountId = await holder({ calls: 1 });
    const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('0.5') });
    const message = await giveCopy(lab, accountId, trade);
    const ports = lab.process();
    const { ledger } = ports;
    let reads = 0;
    const copyContext: typeof ledger.copyContext = async (...asked) => {
      const context = await ledger.copyContext(...asked);
      reads += 1;
      if (reads === 1) await runCopy(message, lab.process());
      return context;
    };

    const outcome = await runCopy(message, { ...ports, ledger: { ...ledger, copyContext } });

    expect(outcome).toMatchObject({ state: 'FAILED', reason: 'NOTHING_HELD_YET' });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
    expect(await check(accountId)).toMatchObject({ sales: [{ by: 'SOLD' }] });
    expect(sold(accountId)).toEqual(['0.01']);
  });

  it('is over where the position itself is too small to be sold', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.00001');
    lab.simulator.withdraw(accountId, 'BTC', '0.00001');

    expect((await sell(accountId)).outcome).toMatchObject({ state: 'SKIPPED', reason: 'BELOW_MINIMUM' });
  });
});

/** A refused SELL of all, whose coins are gone. */
const owingNothingThere = async () => {
  const { accountId } = await lab.openAccount('user');
  await lab.givePosition(accountId, BTC, '0.02');
  const refused = { kind: 'ERROR_TEXT', text: 'EOrder:Insufficient funds', endpoint: 'AddOrder' } as const;
  lab.simulator.faults.inject({ ...refused, accountId });
  const { tradeId } = await sell(accountId);
  lab.simulator.withdraw(accountId, 'BTC', '0.02');
  return { accountId, tradeId };
};

describe('an owed sale of which the exchange shows nothing', () => {
  it('is still owed, and over only when a later check finds it so, too', async () => {
    const { accountId, tradeId } = await owingNothingThere();

    expect(await check(accountId)).toMatchObject({ sales: [{ tradeId, state: 'STILL_OWED' }] });
    const firstSeen = lab.clock.now();
    expect(await owedOf(accountId, tradeId)).toMatchObject({ missingSince: firstSeen });

    expect(await check(accountId)).toMatchObject({ sales: [{ state: 'MADE_GOOD', by: 'NOTHING_HELD' }] });
    expect(sold(accountId)).toEqual([]);
  });

  it('stays owed where the checks follow each other at once', async () => {
    const { accountId } = await owingNothingThere();

    for (let checks = 0; checks < 5; checks += 1)
      expect(await check(accountId, MINUTE)).toMatchObject({ sales: [{ state: 'STILL_OWED' }] });
  });

  it('is sold as far as it is shown again, and the time begins anew with what is not', async () => {
    const { accountId, tradeId } = await owingNothingThere();
    await check(accountId);
    lab.simulator.deposit(accountId, 'BTC', '0.005');

    expect(await check(accountId)).toMatchObject({ sales: [{ state: 'STILL_OWED' }] });
    expect(sold(accountId)).toEqual(['0.005']);
    expect(await owedOf(accountId, tradeId)).toMatchObject({ missingSince: lab.clock.now() });
    expect(await check(accountId)).toMatchObject({ sales: [{ by: 'NOTHING_HELD' }] });
  });

  it('is over only after it was missing anew, where it was shown meanwhile and could not be sold', async () => {
    const { accountId, tradeId } = await owingNothingThere();
    const first = await check(accountId);
    lab.simulator.deposit(accountId, 'BTC', '0.02');
    const resting = { type: 'sell', ordertype: 'limit', price: '999999.0', volume: '0.02' };
    const orderId = await orderByHand(lab, accountId, resting);
    const locked = await check(accountId);
    await cancelByHand(lab, accountId, orderId);
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    const last = await check(accountId);

    const because = (why: string) => ({
      sales: [{ tradeId, state: 'STILL_OWED', detail: expect.stringContaining(why) }],
    });
    expect(first).toMatchObject(because('NOTHING_HELD_YET'));
    expect(locked).toMatchObject(because('LOCKED'));
    expect(last).toMatchObject(because('NOTHING_HELD_YET'));
    expect(await owedOf(accountId, tradeId)).toMatchObject({ missingSince: lab.clock.now() });
  });
});

const exit = async (accountId: string, scope: 'managed' | 'everything' = 'managed') =>
  await runExit(zExitInput.parse({ accountId, requestId: 'away', scope }), lab.process());

describe('an exit whose first balance shows nothing of a position', () => {
  it.each(['managed', 'everything'] as const)('looks again, and sells it (%s)', async (scope) => {
    // An exit of everything reads balances for its targets first.
    const accountId = await holder({ calls: scope === 'managed' ? 1 : 2 });

    const report = await exit(accountId, scope);

    expect(report).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'SOLD' }] });
    expect(sold(accountId)).toEqual(['0.02']);
    expect(heldAtExchange(lab, accountId, BTC)).toBe('0');
  });

  it('is flat where the second shows nothing either, and says what the ledger has', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    lab.simulator.withdraw(accountId, 'BTC', '0.02');

    const report = await exit(accountId);

    expect(report).toMatchObject({ state: 'FLAT', results: [{ symbol: BTC, state: 'FLAT' }] });
    expect(report.results[0]?.detail).toMatch(/twice.*0\.02 BTC/);
  });

  it('looks again, too, where it goes on by itself', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    const text = 'EOrder:Insufficient funds';
    lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
    await exit(accountId);
    lab.simulator.withdraw(accountId, 'BTC', '0.02');
    lab.simulator.freezeBalances({ accountId, calls: 1 });
    lab.simulator.deposit(accountId, 'BTC', '0.02');

    const { exits } = await check(accountId);

    expect(exits).toMatchObject([{ requestId: 'away', state: 'FLAT' }]);
    expect(sold(accountId)).toEqual(['0.02']);
  });
});
