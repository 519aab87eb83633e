import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import { text } from '../../shared/money/money.ts';
import { CANDLE_MS } from '../../shared/strategy/apex/indicators.ts';
import type { StrategyInput } from '../../shared/strategy/strategy.ts';
import { BTC, candle, candlesThrough, ETH, NOON } from './made.ts';
import { buy, scripted, sell } from './scripted.ts';

const flat = (index: number) => candle(NOON + index * CANDLE_MS, { open: 100, close: 100 });
const sorted = (symbols: Iterable<MarketSymbol>): readonly MarketSymbol[] => [...symbols].sort();

const pricesOf = ({ prices }: StrategyInput, symbol = BTC): readonly (string | undefined)[] => {
  const known = prices.get(symbol);
  return [known?.bid.toFixed(), known?.ask.toFixed()];
};

describe('at each close of a backtest, a strategy', () => {
  it('knows the candles up to it, as many as it asks for, and none of the future', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 10 }),
        (length, candlesNeeded) => {
          const all = Array.from({ length }, (_, index) => flat(index));

          const { seen } = scripted({ candles: new Map([[BTC, all]]), candlesNeeded });

          const given = seen.map(({ candles }) => candles.get(BTC)?.map(({ at }) => at));
          const until = all.map((_, index) => all.slice(0, index + 1).map(({ at }) => at));
          expect(given).toEqual(
            until.map((known) => (candlesNeeded === 0 ? [] : known.slice(-candlesNeeded))),
          );
        },
      ),
    );
  });

  it('goes through all markets in the order of time, at once through what closes at once', () => {
    const indexes = fc.subarray([0, 1, 2, 3, 4], { minLength: 1 });
    fc.assert(
      fc.property(indexes, indexes, (ofBitcoin, ofEther) => {
        const candles = new Map([
          [BTC, ofBitcoin.map(flat)],
          [ETH, ofEther.map(flat)],
        ]);

        const { seen } = scripted({ candles });

        const closing = (index: number) => [
          ...(ofBitcoin.includes(index) ? [BTC] : []),
          ...(ofEther.includes(index) ? [ETH] : []),
        ];
        const ticks = [0, 1, 2, 3, 4].filter((index) => closing(index).length > 0);
        expect(seen.map(({ now }) => now)).toEqual(ticks.map((index) => NOON + (index + 1) * CANDLE_MS));
        expect(seen.map(({ newCandles }) => sorted(newCandles))).toEqual(ticks.map(closing));
      }),
    );
  });

  it('has the close as the price, and the last one of a market that did not close', () => {
    const candles = new Map([
      [BTC, candlesThrough([100, 110, 120])],
      [ETH, candlesThrough([10, 20], NOON - CANDLE_MS)],
    ]);

    const { seen } = scripted({ candles });

    expect(seen.map((input) => pricesOf(input))).toEqual([
      ['100', '100'],
      ['110', '110'],
      ['120', '120'],
    ]);
    expect(seen.map((input) => pricesOf(input, ETH)[0])).toEqual(['10', '20', '20']);
  });

  it('is bid half of the spread less than the close, and asked half of it more', () => {
    const { seen } = scripted({ candles: new Map([[BTC, candlesThrough([100])]]), spread: '0.02' });

    expect(seen.map((input) => pricesOf(input))).toEqual([['99', '101']]);
  });

  it('has an account of what is left and what it holds, at the bid', () => {
    const { seen } = scripted({
      candles: new Map([[BTC, candlesThrough([100, 200])]]),
      decides: (tick) => (tick === 0 ? { entry: buy('1010', BTC, 'plan') } : {}),
      spread: '0.02',
      fee: '0.004',
    });

    const [before, after] = seen.map(({ account }) => ({
      cash: text(account.cash),
      equity: text(account.equity),
      roundTripFee: text(account.roundTripFee),
    }));
    expect(before).toEqual({ cash: '10000', equity: '10000', roundTripFee: '0.008' });
    // 10 for 101 each and 4.04 of fee; worth 198 each now.
    expect(after).toEqual({ cash: '8985.96', equity: '10965.96', roundTripFee: '0.008' });
    const held = seen[1]?.positions.get(BTC);
    expect([held?.quantity, held?.costBasis].map((figure) => figure?.toFixed())).toEqual(['10', '1014.04']);
    expect(held).toMatchObject({ openedAt: seen[0]?.now, state: 'plan' });
  });

  it('has what it last remembered of a position, while it holds it', () => {
    const states = new Map([
      [BTC, 'raised'],
      [ETH, 'of nothing'],
    ]);

    const { seen } = scripted({
      candles: new Map([BTC, ETH].map((symbol) => [symbol, candlesThrough([100, 100, 100, 100])])),
      decides: (tick) => [{ entry: buy('1000', BTC, 'plan') }, { states }, {}][tick] ?? {},
    });

    expect(seen.map(({ positions }) => positions.get(BTC)?.state)).toEqual([
      undefined,
      'plan',
      'raised',
      'raised',
    ]);
    expect(seen.map(({ positions }) => positions.has(ETH))).toEqual([false, false, false, false]);
  });

  it('is told each sale once, and has what it made of it', () => {
    const { seen, settled } = scripted({
      candles: new Map([[BTC, candlesThrough([100, 110, 120])]]),
      decides: (tick) =>
        [{ entry: buy('1000') }, { exits: [sell('4'), sell('1')] }, { exits: [sell('5')] }][tick] ?? {},
      fee: '0.01',
    });

    const told = settled.flatMap(({ sales }) => sales);
    expect(told.map(({ symbol, profit, closed }) => [symbol, text(profit), closed])).toEqual([
      // For each, 110 less a hundredth, paid 101.
      [BTC, '31.6', false],
      [BTC, '7.9', false],
      [BTC, '89', true],
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
    expect(settled.map(({ memory }) => memory)).toEqual([undefined, 1, 2]);
    expect(seen.map(({ account }) => account.state)).toEqual([undefined, undefined, 2]);
  });

  it('can spend what a sale of the same moment brought', () => {
    const { report } = scripted({
      candles: new Map([BTC, ETH].map((symbol) => [symbol, candlesThrough([100, 100])])),
      decides: (tick) =>
        [{ entry: buy('1000') }, { exits: [sell('10')], entry: buy('1000', ETH) }][tick] ?? {},
      cash: '1000',
    });

    expect(report.entries).toBe(2);
  });

  it('can trade no market before its first candle', () => {
    const trading = () =>
      scripted({
        candles: new Map([
          [BTC, candlesThrough([100, 100])],
          [marketSymbol('SOL/USD'), candlesThrough([100])],
        ]),
        decides: () => ({ entry: buy('1000', marketSymbol('SOL/USD')) }),
      });

    expect(trading).toThrow('SOL/USD was to be traded before its first candle');
  });
});
