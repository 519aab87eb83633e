import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../shared/time/clock.ts';
import { expectLedgerAsExchange, ordersAtExchange } from '../functions/books.ts';
import { Life, type Moment } from '../functions/mortality.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { openProtectedLab, type ProtectedLab } from './protected-lab.ts';

let lab: ProtectedLab;
beforeAll(async () => {
  lab = await openProtectedLab();
});
afterAll(() => lab.stop());

/** A process that died keeps the key from others for so long. */
const LEASE_MS = 2 * SECOND;
const MOST_CALLS = 300;
const MOST_CHECKS = 4;

/** One position is to be sold by its stop, in the first pass; the other by the loss of equity, in the second. */
const prepare = async (): Promise<string> => {
  lab.setPrice(BTC, '50000');
  const accountId = await lab.user({ stopLoss: '0.2', onMaxDrawdown: 'exit' });
  await lab.hold(accountId, BTC, '0.2', '10000');
  await lab.hold(accountId, ETH, '4', '10000');
  await lab.wholeCheck(accountId);
  lab.setPrice(BTC, '30000');
  return accountId;
};

it.each<[string, Moment, number]>([
  ['before it has an effect, and the next check comes at once', 'BEFORE', LEASE_MS],
  ['after it had its effect, and the next check comes much later', 'AFTER', 5 * MINUTE],
])('a whole check sells once by each of its passes whatever call it dies at %s', async (_name, moment, pauseMs) => {
  let survived = false;
  for (let call = 1; call <= MOST_CALLS && !survived; call += 1) {
    const accountId = await prepare();
    const life = new Life(call, moment);

    await lab.wholeCheck(accountId, undefined, { life, leaseMs: LEASE_MS });
    survived = life.died === undefined;
    for (let checks = 1; checks <= MOST_CHECKS; checks += 1) {
      lab.clock.advance(pauseMs);
      const { state } = await lab.wholeCheck(accountId);
      if (state === 'COMPLETED' && ordersAtExchange(lab, accountId).length === 2) break;
    }

    const when = `died ${life.died ?? 'never'}`;
    const orders = ordersAtExchange(lab, accountId).map(
      ({ symbol, side, filled }) => `${side} ${filled} ${symbol}`,
    );
    expect(orders.toSorted(), when).toEqual(['SELL 0.2 BTC/USD', 'SELL 4 ETH/USD']);
    expect((await lab.decisions(accountId)).toSorted(), when).toEqual([
      'max-drawdown SOLD 4',
      'stop-loss SOLD 0.2',
    ]);
    for (const symbol of [BTC, ETH]) await expectLedgerAsExchange(lab, accountId, symbol, when);
    for (const watch of await lab.ledger.protections.watches(accountId))
      expect(watch, when).not.toHaveProperty('running');
    expect(await lab.ledger.reconciliation.drifts(accountId), when).toEqual([]);
  }
  expect(survived).toBe(true);
  expect(lab.simulator.books.audit()).toEqual([]);
});
