import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, price, quantity, quote } from '../../../shared/money/money.ts';
import {
  breakEven,
  initialStop,
  priceWithoutFee,
  targetsFor,
  targetsPay,
} from '../../../shared/strategy/apex/levels.ts';
import { candle, config, NOON } from '../made.ts';

const withLows = (...lows: readonly number[]) =>
  lows.map((low, i) => candle(NOON - (lows.length - i) * 300_000, { open: 100, close: 100, low, high: 101 }));

describe('the first stop', () => {
  it.each([
    ['lies half an ATR below the lowest low', withLows(99.5, 99, 99.8), 0.4, '98.8'],
    ['lies at most 2 % below the entry', withLows(97), 0.4, '98'],
    ['lies at least 0.5 % below the entry', withLows(99.9), 0.1, '99.5'],
    [
      'regards the last ten candles only',
      withLows(98.5, ...Array.from({ length: 10 }, () => 99)),
      0.4,
      '98.8',
    ],
    ['lies 2 % below where the ATR is larger than the price', withLows(99), 250, '98'],
    ['lies 2 % below without candles', [], 1, '98'],
  ])('%s', (_, candles, atr, expected) => {
    expect(initialStop(price('100'), candles, atr, config.stop).toFixed()).toBe(expected);
  });

  it('is always between 0.5 % and 2 % below the entry', () => {
    const level = fc.integer({ min: 1, max: 1_000_000_000 }).map((value) => value / 1000);
    fc.assert(
      fc.property(
        level,
        level,
        level,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (entry, low, up, atr) => {
          const paid = price(entry.toFixed(3));
          const candles = [candle(NOON, { open: low + up, close: low + up, low })];

          const stop = initialStop(paid, candles, atr, config.stop);

          expect(stop.gte(paid.times('0.98')) && stop.lte(paid.times('0.995'))).toBe(true);
        },
      ),
    );
  });
});

describe('the targets', () => {
  const of = (stop: string, fee: string) =>
    targetsFor(price('100'), price(stop), fraction(fee), config.targets);

  it('are one, two and three times the risk above the entry', () => {
    const { first, second, third } = of('98', '0.008');

    expect([first, second, third].map((target) => target.toFixed())).toEqual(['102', '104', '106']);
  });

  it('begin no lower than one and a half round-trip fees', () => {
    const targets = of('99.2', '0.008');

    expect(targets.first.toFixed()).toBe('101.2');
    expect(targets.second.toFixed()).toBe('101.6');
    expect(targetsPay(targets)).toBe(true);
  });

  it.each([
    ['do not pay where the fees push the first up to the second', '99.4', false],
    ['pay where it stays just below', '99.399', true],
    ['do not pay where it would be above, and stay in order', '99.5', false],
  ])('%s', (_, stop, pays) => {
    const targets = of(stop, '0.008');

    expect(targetsPay(targets)).toBe(pays);
    expect(targets.first.lte(targets.second) && targets.second.lte(targets.third)).toBe(true);
  });
});

describe('break-even', () => {
  it('returns what was paid, both fees included', () => {
    // 10 units at 100 with 0.4 %: 1004. Sold at the break-even, less 0.4 %, 1004 come back.
    const even = breakEven(quote('1004'), quantity('10'), fraction('0.008'));

    expect(even.times(10).times('0.996').toDecimalPlaces(12).toFixed()).toBe('1004');
    expect(priceWithoutFee(quote('1004'), quantity('10'), fraction('0.008')).toFixed()).toBe('100');
  });
});
