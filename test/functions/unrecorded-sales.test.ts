import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { alwaysSells, liveMaster } from './causes.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** A strategy that always sells half of its 0.04 BTC, in an account whose owner has coins beside. */
const master = async () => {
  const { accountId } = await lab.openAccount('master', {
    ...liveMaster,
    balances: { USD: '100000', BTC: '1' },
  });
  await lab.givePosition(accountId, BTC, '0.04');
  const tick = async () => {
    lab.clock.advance(5 * MINUTE);
    const input = zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) });
    return await runTick(input, lab.process({ strategy: alwaysSells }));
  };
  const sales = () => ordersAtExchange(lab, accountId).map(({ side, filled }) => `${side} ${filled}`);
  return { accountId, tick, sales };
};

describe('while it cannot be read what was executed', () => {
  test('nothing is sold again on a position that does not know its last sale', async () => {
    const { accountId, tick, sales } = await master();
    const failing = lab.simulator.faults.inject({
      kind: 'HTTP_5XX',
      accountId,
      endpoint: 'TradesHistory',
      times: Number.POSITIVE_INFINITY,
    });

    for (let count = 0; count < 4; count += 1) await expect(tick()).rejects.toThrow('UNAVAILABLE');
    const meanwhile = sales();
    failing.clear();
    await tick();

    expect(meanwhile).toEqual(['SELL 0.02']);
    // Half of what is left, once that is known.
    expect(sales()).toEqual(['SELL 0.02', 'SELL 0.01']);
    expect(await lab.ledger.trades(accountId)).toHaveLength(2);
    const [position] = await lab.ledger.positions.list(accountId);
    expect(position?.quantity.toFixed()).toBe('0.01');
  });

  test('what was recorded before is sold all the same', async () => {
    const { accountId, tick, sales } = await master();
    await tick();
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', accountId, endpoint: 'TradesHistory', times: 2 });

    await expect(tick()).rejects.toThrow('UNAVAILABLE');

    expect(sales()).toEqual(['SELL 0.02', 'SELL 0.01']);
  });
});
