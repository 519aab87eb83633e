import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { price, quantity, quote } from '../../shared/money/money.ts';
import { HOUR, MINUTE, utcDay } from '../../shared/time/clock.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.clock.advance(MINUTE);
  await bossIsHealthy(lab);
});

const buy = async (accountId: string) => {
  lab.clock.advance(MINUTE);
  return await runCopy(await giveCopy(lab, accountId, bossTrade(lab.clock.now())), lab.process());
};

describe('the BUYs of one account', () => {
  it('are counted as they go out, and no more of them go out within an hour than may', async () => {
    const { accountId } = await lab.openAccount('user', { limits: { maxOrdersPerHour: 1 } });

    const first = await buy(accountId);
    const second = await buy(accountId);
    lab.clock.advance(HOUR);
    const third = await buy(accountId);

    expect(first).toMatchObject({ state: 'FILLED' });
    expect(second).toMatchObject({ state: 'SKIPPED', reason: 'ORDER_RATE' });
    expect(third).toMatchObject({ state: 'FILLED' });
    expect(ordersAtExchange(lab, accountId)).toHaveLength(2);
  });

  it('are judged by what was held at the last snapshot: a deposit since hides no loss', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { BTC: '1' } });
    const at = lab.clock.now();
    await lab.ledger.risk.save({
      accountId,
      day: utcDay(at),
      dayOpenEquity: quote('60000'),
      peakEquity: quote('60000'),
      measured: { at, holdings: [{ asset: 'BTC', total: quantity('1'), price: price('60000') }] },
      lastEquity: quote('60000'),
      lastCash: quote('0'),
      lastAt: at,
      recentOrders: [],
      version: 1,
    });
    lab.simulator.deposit(accountId, 'USD', '50000');

    const outcome = await buy(accountId);

    expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'DAILY_LOSS' });
    expect(ordersAtExchange(lab, accountId)).toEqual([]);
  });
});
