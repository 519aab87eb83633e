import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCopy } from '../../functions/copy-worker/copy-worker.ts';
import { runExit } from '../../functions/exit/exit.ts';
import { zExitInput } from '../../functions/exit/exit-contract.ts';
import { redriveWork } from '../../shared/copying/redrive-work.ts';
import { fraction, price, quantity } from '../../shared/money/money.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { bossIsHealthy, bossTrade, giveCopy } from './causes.ts';
import { type Lab, type LabPorts, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.simulator.faults.clear();
  lab.clock.advance(MINUTE);
  await bossIsHealthy(lab);
});

/** A book that was swept a moment ago: what is bid is next to nothing, and is not what anything was traded at. */
const swept = (): LabPorts => {
  const ports = lab.process();
  const exchange: LabPorts['exchange'] = (name) => {
    const real = ports.exchange(name);
    const tickers: typeof real.marketData.tickers = async (...asked) =>
      new Map(
        [...(await real.marketData.tickers(...asked))].map(([symbol, one]) => [
          symbol,
          { ...one, bid: price('0.1') },
        ]),
      );
    return { ...real, marketData: { ...real.marketData, tickers } };
  };
  return { ...ports, exchange };
};
const holder = async (): Promise<string> => {
  const { accountId } = await lab.openAccount('user', { limits: { maxOpenPositions: 1 } });
  await lab.givePosition(accountId, BTC, '0.02');
  return accountId;
};
const soldOf = (accountId: string) =>
  ordersAtExchange(lab, accountId)
    .filter(({ side, filled }) => side === 'SELL' && filled !== '0')
    .map(({ filled }) => filled);

it('a copied SELL sells its share, not nothing and not all, whatever is bid for a moment', async () => {
  const [half, all] = [await holder(), await holder()];
  const copies = [
    await giveCopy(lab, half, bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('0.5') })),
    await giveCopy(lab, all, bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('1') })),
  ];

  for (const copy of copies) await runCopy(copy, swept());

  expect(soldOf(half)).toEqual(['0.01']);
  expect(soldOf(all)).toEqual(['0.02']);
});

it('a sale that is owed is not forgotten for what is bid for a moment', async () => {
  const accountId = await holder();
  const trade = bossTrade(lab.clock.now(), { side: 'SELL', soldFraction: fraction('1') });
  const text = 'EOrder:Insufficient funds';
  lab.simulator.faults.inject({ kind: 'ERROR_TEXT', text, endpoint: 'AddOrder', accountId });
  await runCopy(await giveCopy(lab, accountId, trade), lab.process());
  lab.clock.advance(MINUTE);

  await redriveWork(accountId, { mayGoOn: () => true, patienceMs: () => 20_000 }, swept());

  expect(soldOf(accountId)).toEqual(['0.02']);
});

it('an exit sells, and calls nothing dust for what is bid for a moment', async () => {
  const accountId = await holder();

  const report = await runExit(zExitInput.parse({ accountId, requestId: 'away' }), swept());

  expect(report.state).toBe('FLAT');
  expect(soldOf(accountId)).toEqual(['0.02']);
});

it('a position counts as one, and lets no further BUY in, whatever is bid for a moment', async () => {
  const accountId = await holder();
  const trade = bossTrade(lab.clock.now(), { symbol: ETH, price: price('2500'), quantity: quantity('2') });

  await runCopy(await giveCopy(lab, accountId, trade), swept());

  expect((await lab.ledger.copies.get(accountId, trade.tradeId))?.outcome).toMatchObject({
    state: 'SKIPPED',
    reason: 'MAX_POSITIONS',
  });
});
