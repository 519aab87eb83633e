import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTick, zTickInput } from '../../functions/master-tick/master-tick.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import { quote } from '../../shared/money/money.ts';
import { iso } from '../../shared/time/clock.ts';
import { BTC, ETH } from '../local/kraken/exchange.ts';
import { ordersAtExchange } from './books.ts';
import { alwaysSells, liveMaster, strategyOf, undecided } from './causes.ts';
import { type Lab, openLab, type ProcessOptions } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.stop());

/** Below what the exchange takes an order for. */
const REMAINDER = '0.00001';

const masterOf = async (symbols: readonly MarketSymbol[]): Promise<string> =>
  (
    await lab.openAccount('master', {
      ...liveMaster,
      strategy: { name: 'manual', symbols: [...symbols], mode: 'live' },
    })
  ).accountId;

const tick = async (accountId: string, { strategy }: Required<Pick<ProcessOptions, 'strategy'>>) =>
  await runTick(
    zTickInput.parse({ accountId, scheduledAt: iso(lab.clock.now()) }),
    lab.process({ strategy }),
  );

const buying = (symbol: MarketSymbol) => ({
  ...undecided,
  entry: { symbol, amount: quote('500'), state: {}, reasons: ['listed'], numbers: {} },
});

const boughtBy = (accountId: string) =>
  ordersAtExchange(lab, accountId).flatMap(({ side, symbol }) => (side === 'BUY' ? [symbol] : []));

/** Judges as APEX does: what has a new candle, though a remainder of it is held. */
const buysOnNewCandles = {
  ...strategyOf(({ newCandles }) => (newCandles.has(ETH) ? buying(ETH) : undecided)),
  candlesNeeded: 1,
};

describe('a market that the strategy was not given', () => {
  it('is not judged for an entry, though a remainder is held in it', async () => {
    const accountId = await masterOf([BTC]);
    await lab.givePosition(accountId, ETH, REMAINDER);

    const { decisions } = await tick(accountId, { strategy: buysOnNewCandles });

    const dropped = lab.lines.filter(({ message }) => message.startsWith('an entry was dropped'));
    expect(dropped.filter(({ fields }) => fields['account'] === accountId)).toEqual([]);
    expect(decisions).toEqual([]);
    expect(boughtBy(accountId)).toEqual([]);
  });

  it('is not bought in, whatever the strategy decides', async () => {
    const accountId = await masterOf([BTC]);

    const { decisions } = await tick(accountId, { strategy: strategyOf(() => buying(ETH)) });

    expect(decisions).toEqual([]);
    expect(boughtBy(accountId)).toEqual([]);
  });

  it('is sold in all the same', async () => {
    const accountId = await masterOf([BTC]);
    await lab.givePosition(accountId, ETH, '0.5');

    await tick(accountId, { strategy: alwaysSells });

    expect(ordersAtExchange(lab, accountId)).toMatchObject([{ symbol: ETH, side: 'SELL', filled: '0.25' }]);
  });
});

describe('a market that the strategy was given', () => {
  it('is judged for an entry, though a remainder is held in it', async () => {
    const accountId = await masterOf([BTC, ETH]);
    await lab.givePosition(accountId, ETH, REMAINDER);

    await tick(accountId, { strategy: buysOnNewCandles });

    expect(boughtBy(accountId)).toEqual([ETH]);
  });
});
