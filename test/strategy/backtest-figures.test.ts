import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { price, quantity, quote, text } from '../../shared/money/money.ts';
import { BacktestError } from '../../shared/strategy/backtest-wallet.ts';
import type { Decision, StrategyInput } from '../../shared/strategy/strategy.ts';
import { BTC, candlesThrough, ETH } from './made.ts';
import { buy, type Setting, scripted, sell } from './scripted.ts';

/** Buys and sells as listed, one decision at each close; nothing after the last one. */
const script =
  (...decisions: readonly Partial<Decision>[]): NonNullable<Setting['decides']> =>
  (tick) =>
    decisions[tick] ?? {};

const through = (...closes: readonly number[]): Setting['candles'] =>
  new Map([[BTC, candlesThrough(closes)]]);

describe('the figures of a backtest', () => {
  it('buy at the ask and sell at the bid', () => {
    const { report } = scripted({
      candles: through(100, 200),
      decides: script({ entry: buy('1010') }, { exits: [sell('10')] }),
      spread: '0.02',
    });

    expect(report.trades.map(({ spent, profit }) => [text(spent), text(profit)])).toEqual([['1010', '970']]);
    expect(text(report.equity)).toBe('10970');
  });

  it('have one trade from the purchase to the last of its sales', () => {
    const { report, seen } = scripted({
      candles: through(100, 110, 130, 130),
      decides: script(
        { entry: buy('1000') },
        { exits: [sell('5', 'FIRST')] },
        { exits: [sell('5', 'REST')] },
      ),
      fee: '0.01',
    });

    const [{ spent, fees, profit, ...trade } = {}, ...others] = report.trades;
    expect(others).toEqual([]);
    // 550 − 5.50 and 650 − 6.50, less 1,000 + 10.
    expect([spent, fees, profit].map((figure) => figure?.toFixed())).toEqual(['1000', '22', '178']);
    expect(trade).toEqual({
      symbol: BTC,
      openedAt: seen[0]?.now,
      closedAt: seen[2]?.now,
      exits: ['FIRST', 'REST'],
    });
    expect(report.exitReasons).toEqual({ FIRST: 1, REST: 1 });
  });

  it('have one position and one trade where more is bought of what is held', () => {
    const { report, seen } = scripted({
      candles: through(100, 200, 200, 200),
      decides: script(
        { entry: buy('1000', BTC, 'first') },
        { entry: buy('1000', BTC, 'second') },
        { exits: [sell('15', 'ALL')] },
      ),
      fee: '0.01',
    });

    const held = seen[2]?.positions.get(BTC);
    expect([held?.quantity, held?.costBasis].map((figure) => figure?.toFixed())).toEqual(['15', '2020']);
    expect(held).toMatchObject({ openedAt: seen[0]?.now, state: 'second' });
    // 3,000 less 30, for 2,000 and 20.
    expect(report.trades.map(({ spent, fees, profit }) => [spent, fees, profit].map(text))).toEqual([
      ['2000', '50', '950'],
    ]);
    expect(text(report.equity)).toBe('10950');
    expect(report.entries).toBe(2);
  });

  it('count a trade as won where it has a profit, and weigh all trades alike', () => {
    const trade = (amount: string, bought: string) => [{ entry: buy(amount) }, { exits: [sell(bought)] }];

    const { report } = scripted({
      // Up by a tenth, down by two tenths, then as it was.
      candles: through(100, 110, 100, 80, 100, 100),
      decides: script(...trade('1000', '10'), ...trade('3000', '30'), ...trade('1000', '10')),
    });

    expect(report.trades.map(({ profit }) => text(profit))).toEqual(['100', '-600', '0']);
    expect(report.winRate).toBeCloseTo(1 / 3, 12);
    expect(report.meanTradeAfterFees).toBeCloseTo(-0.1 / 3, 12);
    expect(report.returnAfterFees).toBeCloseTo(-0.05, 12);
  });

  it('have a mean before fees and one after them', () => {
    const { report } = scripted({
      candles: through(100, 110),
      decides: script({ entry: buy('1000') }, { exits: [sell('10')] }),
      fee: '0.01',
    });

    expect(report.meanTradeBeforeFees).toBeCloseTo(0.1, 12);
    expect(report.meanTradeAfterFees).toBeCloseTo(0.079, 12);
  });

  it('are zero where nothing was traded', () => {
    const { report } = scripted({ candles: through(100, 110) });

    expect({ ...report, equity: text(report.equity) }).toEqual({
      version: 'scripted/1',
      candles: 2,
      entries: 0,
      trades: [],
      winRate: 0,
      equity: '10000',
      returnAfterFees: 0,
      returnBeforeFees: 0,
      meanTradeAfterFees: 0,
      meanTradeBeforeFees: 0,
      exitReasons: {},
      rejectionReasons: {},
    });
  });

  it('have what is still held at the end in the equity alone, at the bid', () => {
    const { report } = scripted({
      candles: through(100, 150),
      decides: script({ entry: buy('1010') }),
      fee: '0.01',
      spread: '0.02',
    });

    // 10 for 101 each and 10.10 of fee, worth 148.50 each.
    expect(text(report.equity)).toBe('10464.9');
    expect(report.trades).toEqual([]);
  });

  it('count the candles of all markets, and each reason of what was not done', () => {
    const rejected = (...reasons: readonly string[]): Partial<Decision> => ({
      rejections: reasons.map((reason) => ({ symbol: BTC, reason, numbers: {} })),
    });

    const { report } = scripted({
      candles: new Map([
        [BTC, candlesThrough([100, 100, 100])],
        [ETH, candlesThrough([10, 10])],
      ]),
      decides: script(rejected('MARKET_FILTER', 'EXPOSURE'), rejected('MARKET_FILTER')),
    });

    expect(report.candles).toBe(5);
    expect(report.rejectionReasons).toEqual({ MARKET_FILTER: 2, EXPOSURE: 1 });
  });

  it('buy whole steps of the market, for no more than was decided', () => {
    const { report } = scripted({
      candles: through(300, 300),
      decides: script({ entry: buy('1000') }, { exits: [sell('3')] }),
      rules: { quantityStep: quantity('1') },
    });

    expect(report.trades.map(({ spent }) => text(spent))).toEqual(['900']);
  });

  it.each([
    ['with less than a step left', '9.9995', 1],
    ['with a step left', '9.999', 0],
  ])('close a position %s', (_, sold, trades) => {
    const { report, seen } = scripted({
      candles: through(100, 100, 100),
      decides: script({ entry: buy('1000') }, { exits: [sell(sold)] }),
      rules: { quantityStep: quantity('0.001') },
    });

    expect(report.trades).toHaveLength(trades);
    expect(seen[2]?.positions.size).toBe(1 - trades);
  });

  it('spend the last cash on the fee', () => {
    const { seen } = scripted({
      candles: through(100, 100),
      decides: script({ entry: buy('1000') }),
      fee: '0.01',
      cash: '1010',
    });

    expect(seen.map(({ account }) => text(account.cash))).toEqual(['1010', '0']);
  });

  it.each<[string, Partial<Setting>, string]>([
    [
      'a purchase whose fee the cash does not cover',
      { decides: script({ entry: buy('1000') }), fee: '0.01', cash: '1009.99' },
      'an entry must buy something and fit the cash (given 1000 of 1009.99)',
    ],
    [
      'a purchase of less than a step',
      { decides: script({ entry: buy('99') }), rules: { quantityStep: quantity('1') } },
      'an entry must buy something and fit the cash (given 99 of 10000)',
    ],
    [
      'a sale of what is not held',
      { decides: script({ exits: [sell('1')] }) },
      'BTC/USD: an exit must not exceed the position (given 1 of nothing)',
    ],
  ])('refuse %s', (_, setting, why) => {
    const run = () => scripted({ candles: through(100), ...setting });

    expect(run).toThrow(BacktestError);
    expect(run).toThrow(why);
  });

  it('add up: what came in less what went out is the profit of all trades', () => {
    const prices = fc.array(fc.integer({ min: 50, max: 200 }), { minLength: 3, maxLength: 12 });
    const shares = fc.array(fc.constantFrom('0.1', '0.37', '0.5', '1'), { minLength: 12, maxLength: 12 });
    const costs = fc.record({
      fee: fc.constantFrom('0', '0.0026', '0.004'),
      spread: fc.constantFrom('0', '0.001', '0.02'),
    });
    fc.assert(
      fc.property(prices, shares, costs, (closes, sold, { fee, spread }) => {
        let [cash, feesPaid] = [quote('10000'), quote('0')];
        const pay = (amount: ReturnType<typeof quote>): void => {
          const cost = amount.abs().times(fee);
          feesPaid = quote(feesPaid.plus(cost));
          cash = quote(cash.minus(amount).minus(cost));
        };
        const decides = (tick: number, { positions, prices: known }: StrategyInput): Partial<Decision> => {
          const { bid = price('1'), ask = price('1') } = known.get(BTC) ?? {};
          const held = positions.get(BTC);
          const isLast = tick === closes.length - 1;
          if (held === undefined) {
            if (isLast) return {};
            pay(quote(quantity('1000').div(ask).toDecimalPlaces(8, 1).times(ask)));
            return { entry: buy('1000') };
          }
          const share = isLast ? '1' : (sold[tick] ?? '1');
          const amount = quantity(held.quantity.times(share));
          pay(quote(amount.times(bid).negated()));
          return { exits: [sell(text(amount))] };
        };

        const { report } = scripted({ candles: through(...closes), decides, fee, spread });

        const profits = report.trades.reduce((sum, { profit }) => quote(sum.plus(profit)), quote('0'));
        const fees = report.trades.reduce((sum, trade) => quote(sum.plus(trade.fees)), quote('0'));
        const precise = (amount: ReturnType<typeof quote>) => amount.toDecimalPlaces(20).toFixed();
        expect(precise(report.equity)).toBe(precise(cash));
        expect(precise(quote(profits.plus('10000')))).toBe(precise(cash));
        expect(precise(fees)).toBe(precise(feesPaid));
        expect(report.returnAfterFees).toBeCloseTo(profits.div(10_000).toNumber(), 12);
        expect(report.returnBeforeFees).toBeCloseTo(profits.plus(fees).div(10_000).toNumber(), 12);
      }),
    );
  });
});
