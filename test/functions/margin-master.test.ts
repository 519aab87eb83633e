import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import type { Exchange, PrivateSession } from '../../shared/exchange/exchange.ts';
import { quantity, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { iso, MINUTE } from '../../shared/time/clock.ts';
import { BTC } from '../local/kraken/exchange.ts';
import { orderByHand } from './by-hand.ts';
import { alwaysBuys, alwaysSells, liveMaster, strategyOf, undecided } from './causes.ts';
import { type Lab, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

type Answers = (session: PrivateSession) => Partial<PrivateSession>;

/** Its exchange answers otherwise, where the simulated one knows neither margin nor debts. */
const tick = async (accountId: string, answers: Answers, options: ProcessOptions = {}) => {
  lab.clock.advance(5 * MINUTE);
  const ports = lab.process(options);
  const exchange = (): Exchange => {
    const real = ports.exchange('kraken');
    return {
      ...real,
      session: (input) => {
        const session = real.session(input);
        return { ...session, ...answers(session) };
      },
    };
  };
  return await runTick(zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }), {
    ...ports,
    exchange,
  });
};

describe('a master whose owner trades on margin', () => {
  it('is read from the newest of these executions on, though there was never another', async () => {
    const { accountId } = await lab.openAccount('master', liveMaster);
    const readFrom: number[] = [];
    const at = lab.clock.now() + 30 * MINUTE;
    const onMargin: Answers = (session) => ({
      fillsSince: async (since, reading) => {
        readFrom.push(since);
        return { ...(await session.fillsSince(since, reading)), onMargin: at > lab.clock.now() ? [] : [at] };
      },
    });
    lab.clock.advance(60 * MINUTE);

    await tick(accountId, onMargin, { strategy: strategyOf(() => undecided) });
    const report = await tick(accountId, onMargin, { strategy: strategyOf(() => undecided) });

    expect(report.trades).toEqual([]);
    expect(readFrom.at(-1)).toBe(at - 10 * MINUTE);
  });
});

describe('a master that owes the exchange something', () => {
  const owing: Answers = (session) => ({
    balances: async () =>
      (await session.balances()).map((balance) =>
        balance.asset === 'USD'
          ? { ...balance, total: ZERO_QUANTITY, free: ZERO_QUANTITY, owed: quantity('3') }
          : balance,
      ),
  });

  it('buys nothing', async () => {
    const { accountId } = await lab.openAccount('master', liveMaster);

    const report = await tick(accountId, owing, { strategy: alwaysBuys });

    expect(report.trades).toEqual([]);
  });

  it('is sold by its strategy, and what its owner sells by hand is published', async () => {
    const { accountId } = await lab.openAccount('master', {
      ...liveMaster,
      balances: { USD: '100000', ETH: '2' },
    });
    await lab.givePosition(accountId, BTC, '0.04');
    const byHand = await orderByHand(lab, accountId, { pair: 'XETHZUSD', type: 'sell', volume: '0.5' });

    const report = await tick(accountId, owing, { strategy: alwaysSells });

    const trades = await lab.ledger.trades(accountId);
    expect(report.decisions).toEqual(['SELL BTC/USD: always']);
    expect(trades.map(({ side, symbol }) => `${side} ${symbol}`).sort()).toEqual([
      'SELL BTC/USD',
      'SELL ETH/USD',
    ]);
    expect(trades.some(({ exchangeOrderId }) => exchangeOrderId === byHand)).toBe(true);
    expect(await lab.ledger.masterStatus.read(accountId)).toMatchObject({ healthy: true });
  });
});
