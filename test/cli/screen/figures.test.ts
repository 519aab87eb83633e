import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  average,
  basisPoints,
  duration,
  exact,
  moment,
  money,
  percent,
} from '../../../cli/screen/figures.ts';

test('figures are shown as a person reads them', () => {
  expect([
    money('9958.9249'),
    money('-0.5'),
    money('0'),
    money('0.001'),
    money('12345678901234567890.555'),
  ]).toEqual(['9958.92', '-0.50', '0.00', '0.001', '12345678901234567890.56']);
  expect([exact('0.10000000'), exact('1e-8'), average('61231.66215')]).toEqual([
    '0.1',
    '0.00000001',
    '61231.662',
  ]);
  expect([percent('0.05'), basisPoints('-0.04'), basisPoints('12.34')]).toEqual(['5 %', '0.0', '12.3']);
  expect([duration(229), duration(1_234), moment(Date.UTC(2026, 0, 31, 10, 15, 7))]).toEqual([
    '229 ms',
    '1.2 s',
    '2026-01-31 10:15:07',
  ]);
});

test('money is rounded once, by at most half a cent, and never to nothing where there is something', () => {
  const digits = fc.tuple(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.integer({ min: 0, max: 12 }),
  );
  fc.assert(
    fc.property(digits, ([whole, places]) => {
      const amount = new Decimal(whole.toString()).div(new Decimal(10).pow(places)).toFixed();
      const shown = money(amount);

      expect(new Decimal(shown).minus(amount).abs().lte('0.005')).toBe(true);
      expect(new Decimal(shown).isZero()).toBe(new Decimal(amount).isZero());
    }),
  );
});
