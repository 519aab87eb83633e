import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { text } from '../../shared/money/money.ts';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { CrashError, Life, type Moment } from '../functions/mortality.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { check, marketOrder, missedOrder } from './checked.ts';

const LEASE_MS = 20 * SECOND;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** A missed purchase, a position that the owner sold by hand, and one of which coins were moved. */
const troubled = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { balances: { USD: '100000' } });
  await lab.givePosition(accountId, ETH, '0.4');
  await lab.givePosition(accountId, SOL, '3');
  lab.clock.advance(MINUTE);
  await missedOrder(lab, accountId, BTC, 'BUY', '0.01');
  await marketOrder(lab, accountId, ETH, 'SELL', '0.1');
  lab.simulator.withdraw(accountId, 'SOL', '1');
  return accountId;
};

const died = async (accountId: string, life: Life): Promise<boolean> => {
  try {
    await check(lab, accountId, lab.process({ life, leaseMs: LEASE_MS }));
    return false;
  } catch (error) {
    // A failure of one asset is collected; the death behind it is not.
    if (life.died === undefined && !(error instanceof CrashError)) throw error;
    return true;
  }
};

describe('a check that dies', () => {
  it.each<Moment>(['BEFORE', 'AFTER'])('%s any of its calls is made good by the next', async (moment) => {
    let survived = false;
    for (let call = 1; !survived; call += 1) {
      const accountId = await troubled();
      const life = new Life(call, moment);
      survived = !(await died(accountId, life)) && life.died === undefined;
      lab.clock.advance(2 * LEASE_MS);

      await check(lab, accountId);

      const when = `died ${life.died ?? 'never'}`;
      const positions = await lab.ledger.positions.list(accountId);
      expect(
        positions.map(({ symbol, quantity }) => `${symbol} ${text(quantity)}`),
        when,
      ).toEqual(['BTC/USD 0.01', 'ETH/USD 0.3', 'SOL/USD 3']);
      expect(await lab.ledger.reconciliation.adjustments(accountId), when).toMatchObject([
        { reason: 'OWN_SALE', symbol: ETH },
      ]);
      expect(await lab.ledger.reconciliation.drifts(accountId), when).toMatchObject([{ asset: 'SOL' }]);
      expect(await lab.ledger.fills.list(accountId), when).not.toEqual([]);
    }
    expect(lab.simulator.books.audit()).toEqual([]);
  });
});
