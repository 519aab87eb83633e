import { describe, expect, it } from 'vitest';
import { MoneyError, text } from '../../../shared/money/money.ts';
import { fractionFromStatistic } from '../../../shared/strategy/apex/statistic.ts';

describe('a statistic that becomes a fraction', () => {
  it.each([
    [0, '0'],
    [0.1 + 0.2, '0.3'],
    [1e-13, '0'],
    [1e300, '1000'],
    [Number.POSITIVE_INFINITY, '1000'],
  ])('%s is exact to twelve places, and bounded', (statistic, expected) => {
    expect(text(fractionFromStatistic(statistic))).toBe(expected);
  });

  it('is refused where it has no value, or lies below zero', () => {
    expect(() => fractionFromStatistic(Number.NaN)).toThrow('a statistic without a value');
    expect(() => fractionFromStatistic(-0.1)).toThrow(MoneyError);
  });
});
