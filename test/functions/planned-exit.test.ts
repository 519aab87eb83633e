import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { BTC, ETH, SOL } from '../local/kraken/exchange.ts';
import { orderByHand } from './by-hand.ts';
import { type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

const plan = async (accountId: string, more: Record<string, unknown> = {}) =>
  await runExit(zExitInput.parse({ accountId, dryRun: true, ...more }), lab.process());

/** What a plan says of each symbol, in words. */
const said = ({ results }: Awaited<ReturnType<typeof plan>>) =>
  results.map(({ symbol, state, quantity, price, proceeds, left, detail }) => ({
    ...{ symbol, state, detail },
    figures: [quantity, price, proceeds, left].map((figure) => figure?.toFixed()),
  }));

const bidOf = async (symbol: typeof BTC) => {
  const tickers = await lab.process().exchange('kraken').marketData.tickers([symbol]);
  const bid = tickers.get(symbol)?.bid;
  if (bid === undefined) throw new Error(`the exchange tells no price of ${symbol}`);
  return bid;
};

describe('the plan of an exit', () => {
  it('estimates from the bid what each sale would bring, before fees', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, ETH, '0.4');
    const [btc, eth] = [await bidOf(BTC), await bidOf(ETH)];

    expect(said(await plan(accountId))).toEqual([
      {
        symbol: BTC,
        state: 'WOULD_SELL',
        detail: `at the bid of ${btc.toFixed()}, before fees`,
        figures: ['0.02', btc.toFixed(), btc.times('0.02').toFixed(), '0.02'],
      },
      {
        symbol: ETH,
        state: 'WOULD_SELL',
        detail: `at the bid of ${eth.toFixed()}, before fees`,
        figures: ['0.4', eth.toFixed(), eth.times('0.4').toFixed(), '0.4'],
      },
    ]);
  });

  it('says where nothing is held, and where it is staked beside the price', async () => {
    const { accountId } = await lab.openAccount('user', {
      balances: { USD: '10', ETH: '0.4', 'ETH.B': '0.5' },
    });

    const [btc, eth] = said(await plan(accountId, { scope: 'everything', symbols: [BTC, ETH] }));

    expect(btc).toMatchObject({ symbol: BTC, state: 'FLAT' });
    expect(eth).toMatchObject({ symbol: ETH, state: 'WOULD_SELL' });
    expect(eth?.detail).toMatch(/^at the bid of [\d.]+, before fees; 0\.5 ETH is staked/);
  });

  it('is told without an estimate where there is no price now', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    lab.clock.advance(2_000);
    lab.simulator.faults.inject({ kind: 'HTTP_5XX', endpoint: 'Ticker', times: Number.POSITIVE_INFINITY });

    const report = await plan(accountId);
    lab.simulator.faults.clear();

    expect(said(report)).toEqual([
      {
        symbol: BTC,
        state: 'WOULD_SELL',
        detail: 'no price now, so no estimate of the proceeds',
        figures: ['0.02', undefined, '0', '0.02'],
      },
    ]);
    expect(report.results[0]).not.toHaveProperty('price');
  });

  it('names the orders that it would cancel, and none in other symbols', async () => {
    const { accountId } = await lab.openAccount('user', { balances: { USD: '10', SOL: '3' } });
    await lab.givePosition(accountId, BTC, '0.02');
    const sale = { type: 'sell', ordertype: 'limit' };
    const btc = await orderByHand(lab, accountId, { ...sale, price: '90000', volume: '0.01' });
    const sol = await orderByHand(lab, accountId, { ...sale, pair: 'SOLUSD', price: '9999.00', volume: '1' });

    const managed = await plan(accountId);
    const everything = await plan(accountId, { scope: 'everything' });

    expect(managed.notes).toEqual([`would cancel order ${btc} (BTC/USD)`]);
    expect(everything.notes.toSorted()).toEqual(
      [`would cancel order ${btc} (BTC/USD)`, `would cancel order ${sol} (SOL/USD)`].toSorted(),
    );
  });

  it('has the prices of what is listed though another symbol is listed no more', async () => {
    const { accountId } = await lab.openAccount('user');
    await lab.givePosition(accountId, BTC, '0.02');
    await lab.givePosition(accountId, SOL, '3');
    const btc = await bidOf(BTC);
    lab.simulator.delist(SOL);
    lab.clock.advance(25 * 3_600_000);

    const [listed, gone] = said(await plan(accountId));
    lab.simulator.relist(SOL);

    expect(listed?.detail).toBe(`at the bid of ${btc.toFixed()}, before fees`);
    expect(gone).toMatchObject({ state: 'DELISTED', figures: ['0', undefined, '0', '3'] });
  });
});
