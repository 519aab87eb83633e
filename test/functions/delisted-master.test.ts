import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { orderByHand } from './by-hand.ts';
import { alwaysSells } from './causes.ts';
import { type Lab, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** One process, as a warm function is: it knows the rules from before. */
const ticks = (accountId: string, options: ProcessOptions = {}) => {
  const ports = lab.process(options);
  return async () => {
    lab.clock.advance(5 * MINUTE);
    return await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), ports);
  };
};

describe('a master of whose markets one is delisted', () => {
  test('goes on publishing and selling in the others, though a rest of the delisted coin has no price', async () => {
    const { accountId } = await lab.openAccount('master', {
      strategy: { name: 'manual', symbols: [SOL, BTC, ETH], mode: 'live' },
      balances: { USD: '100000', ETH: '2', SOL: '0.00000001' },
    });
    await lab.givePosition(accountId, BTC, '0.04');
    const tick = ticks(accountId, { strategy: alwaysSells });
    // Long enough since the rules were read last, as it is most of a day.
    lab.clock.advance(15 * MINUTE);
    lab.simulator.delist(SOL);
    const bought = await orderByHand(lab, accountId, { pair: 'XETHZUSD', volume: '0.5' });

    await expect(tick()).rejects.toThrow(
      'is not known, and its fills are published when it is: SOL has no price now',
    );
    await tick();

    const trades = await lab.ledger.trades(accountId);
    expect(trades.find(({ exchangeOrderId }) => exchangeOrderId === bought)).toMatchObject({
      symbol: ETH,
      side: 'BUY',
    });
    expect(trades.some(({ symbol, side }) => symbol === BTC && side === 'SELL')).toBe(true);
    expect(await lab.ledger.masterStatus.read(accountId)).toMatchObject({ healthy: true });
  });

  test('says which symbols to correct where the exchange lists none of them', async () => {
    const { accountId } = await lab.openAccount('master', {
      strategy: { name: 'manual', symbols: [SOL], mode: 'live' },
    });

    const reading = ticks(accountId)();

    await expect(reading).rejects.toThrow(
      `kraken lists none of the strategy's markets (given SOL/USD): correct the symbols of ${accountId}`,
    );
  });
});
