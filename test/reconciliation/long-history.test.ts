import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrivateSession } from '../../shared/exchange/exchange.ts';
import { text } from '../../shared/money/money.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { type Lab, openLab } from '../functions/lab.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { check, marketOrder } from './checked.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ simulator: { rateLimits: { private: true, engine: false } } });
});
afterAll(() => lab.stop());

const TRADES = 330;

/** Some pages of the owner's own trades, a minute apart, with a sale of what Nija manages among the first. */
const busyOwner = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { balances: { USD: '100000' }, tier: 'starter' });
  await lab.givePosition(accountId, BTC, '0.02');
  lab.clock.advance(MINUTE);
  await marketOrder(lab, accountId, BTC, 'SELL', '0.005');
  for (let trade = 1; trade < TRADES; trade += 1) {
    lab.clock.advance(MINUTE);
    await marketOrder(lab, accountId, ETH, 'BUY', '0.002');
  }
  return accountId;
};

const held = async (accountId: string): Promise<string> =>
  text(
    (await lab.ledger.positions.get(accountId, BTC))?.quantity ?? (await Promise.reject(new Error('none'))),
  );

describe('a history that is longer than a key may read at once', () => {
  it('is read in parts, one with each check, until it explains what is missing', async () => {
    const accountId = await busyOwner();
    let checks = 0;
    const behind: string[] = [];

    while ((await held(accountId)) === '0.02' && checks < 15) {
      checks += 1;
      lab.clock.advance(15 * MINUTE);
      const { report } = await check(lab, accountId);
      behind.push(...report.undecided.map(({ why }) => why));
    }

    expect(await held(accountId)).toBe('0.015');
    expect(checks).toBeGreaterThan(2);
    expect(behind[0]).toMatch(/read up to .* so far, and the next checks go on/);
    expect(await lab.ledger.reconciliation.adjustments(accountId)).toMatchObject([{ reason: 'OWN_SALE' }]);
  }, 60_000);

  it('is not read again for the next sale: only what came since', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '100000' } });
    await lab.givePosition(accountId, BTC, '0.02');
    lab.clock.advance(MINUTE);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.005');
    lab.clock.advance(50 * HOUR);
    await check(lab, accountId);
    lab.clock.advance(2 * HOUR);
    await marketOrder(lab, accountId, BTC, 'SELL', '0.003');
    const since: number[] = [];

    const { report } = await check(lab, accountId, lab.process(), ({ connection }) => {
      const { session } = connection;
      const fillsSince: PrivateSession['fillsSince'] = async (from, reading) => {
        since.push(lab.clock.now() - from);
        return await session.fillsSince(from, reading);
      };
      return { connection: { ...connection, session: { ...session, fillsSince } } };
    });

    expect(report.adjusted).toMatchObject([{ reason: 'OWN_SALE' }]);
    expect(await held(accountId)).toBe('0.012');
    // Since the check before and ten minutes, and what may have been listed late at that check.
    expect(since).toEqual([2 * HOUR + 10 * MINUTE, 3 * HOUR]);
  });
});

describe('how far executions were looked at', () => {
  it('goes on with every check, also where nothing was executed', async () => {
    const { accountId } = await lab.openAccount('user');
    await check(lab, accountId);
    lab.clock.advance(9 * HOUR);

    await check(lab, accountId);

    expect(await lab.ledger.reconciliation.progress(accountId)).toEqual({
      cursor: lab.clock.now(),
      pending: [],
    });
  });
});
