import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAdopt } from '../../functions/adopt/adopt.ts';
import { zAdoptInput } from '../../functions/adopt/adopt-contract.ts';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { quantity, quote } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { heldAtExchange, ordersAtExchange } from '../functions/books.ts';
import { orderByHand } from '../functions/by-hand.ts';
import { bossIsHealthy, bossTrade, giveCopy } from '../functions/causes.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.setPrice(BTC, '50000');
  await bossIsHealthy(lab);
});

/** Of what a sale may leave: below the 0.00005 BTC that the market sells, and worth more than its 0.5 USD. */
const DUST = '0.00004';

/** An account that was sold out two days ago, but for dust. */
const soldOut = async (protection: Record<string, unknown>) => {
  const accountId = await lab.user(protection);
  await lab.hold(accountId, BTC, DUST, '2');
  await lab.protect(accountId);
  lab.clock.advance(48 * HOUR);
  lab.setPrice(BTC, '50000');
  return accountId;
};

const buy = async (accountId: string): Promise<void> => {
  lab.clock.advance(MINUTE);
  await bossIsHealthy(lab);
  const outcome = await runCopy(await giveCopy(lab, accountId, bossTrade(lab.clock.now())), lab.process());
  expect(outcome).toMatchObject({ state: 'FILLED' });
};

const sales = (accountId: string) => ordersAtExchange(lab, accountId).filter(({ side }) => side === 'SELL');

describe('a position that is bought over dust of an earlier one', () => {
  it('is as old as its purchase, not as the dust', async () => {
    const accountId = await soldOut({ maxHoldingHours: 24 });

    await buy(accountId);
    const checked = await lab.protect(accountId);

    expect(checked).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    expect(sales(accountId)).toEqual([]);
    const position = await lab.ledger.positions.get(accountId, BTC);
    expect(position?.openedAt).toBe(position?.grewAt);
    expect(position?.costBasis.gt(2)).toBe(true);
  });

  it('is not sold by the best price that the earlier one had seen', async () => {
    const accountId = await lab.user({ trailing: { activateAt: '0.05', distance: '0.05' } });
    await lab.hold(accountId, BTC, '0.002', '100');
    lab.setPrice(BTC, '60000');
    await lab.protect(accountId);
    await leaveDust(accountId);
    lab.setPrice(BTC, '50000');

    await buy(accountId);
    const checked = await lab.protect(accountId);

    expect(checked).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    expect(sales(accountId)).toHaveLength(1);
  });

  it('that its owner adopts is as old as the adoption', async () => {
    const accountId = await soldOut({ maxHoldingHours: 24 });
    lab.simulator.deposit(accountId, 'BTC', '0.01');
    const asked = { requestId: 'mine', by: 'Ann', why: 'my old coins', costPerUnit: '50000' };
    const adoption = { action: 'adopt', accountId, symbol: BTC, quantity: '0.01', ...asked };

    await runAdopt(zAdoptInput.parse(adoption), lab.process());

    expect(await lab.protect(accountId)).toEqual(['BTC/USD HELD NO_RULE_FIRES']);
    expect((await lab.ledger.positions.get(accountId, BTC))?.openedAt).toBe(
      (await lab.ledger.positions.get(accountId, BTC))?.grewAt,
    );
  });
});

/** Sells all of it but dust, as a sale that was filled only in part does, unseen by protection. */
const leaveDust = async (accountId: string): Promise<void> => {
  const before = await lab.ledger.positions.get(accountId, BTC);
  if (before === undefined) throw new Error('there is no position to sell');
  const volume = before.quantity.minus(DUST).toFixed();
  await orderByHand(lab, accountId, { pair: 'XBTUSD', type: 'sell', ordertype: 'market', volume });
  expect(heldAtExchange(lab, accountId, BTC)).toBe(DUST);
  await lab.ledger.recordExecution({
    accountId,
    symbol: BTC,
    fills: [],
    position: {
      before,
      after: { ...before, quantity: quantity(DUST), costBasis: quote('2'), version: before.version + 1 },
    },
    at: lab.clock.now(),
  });
};
