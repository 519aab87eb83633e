import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, quote } from '../../../shared/money/money.ts';
import { sizeAmount, sizeFraction } from '../../../shared/strategy/apex/size.ts';
import { config } from '../made.ts';

const facts = { adx: 45, score: 4, losingStreak: 0, volatility: 0.01 };

describe('the share of equity', () => {
  it.each([
    ['is 2 % at ADX 20', { adx: 20 }, '0.02'],
    ['is 2 % just below 25', { adx: 24.99 }, '0.02'],
    ['is 4 % at ADX 25', { adx: 25 }, '0.04'],
    ['is 6 % at ADX 30', { adx: 30 }, '0.06'],
    ['is 8 % at ADX 40', { adx: 40 }, '0.08'],
    ['is 10 % from ADX 50 on', { adx: 50 }, '0.1'],
    ['is whole at a score of 5', { score: 5 }, '0.08'],
    ['is nine tenths at a score of 3', { score: 3 }, '0.072'],
    ['is eight tenths at a lower score', { score: 2 }, '0.064'],
    ['shrinks after one loss', { losingStreak: 1 }, '0.068'],
    ['shrinks after two', { losingStreak: 2 }, '0.056'],
    ['shrinks after three', { losingStreak: 3 }, '0.04'],
    ['shrinks no further after more', { losingStreak: 9 }, '0.04'],
    ['shrinks in a calm market', { volatility: 0.0029 }, '0.056'],
    ['is whole at exactly 0.3 % of ATR', { volatility: 0.003 }, '0.08'],
    ['is whole at exactly 2 % of ATR', { volatility: 0.02 }, '0.08'],
    ['shrinks above 2 % of ATR', { volatility: 0.0201 }, '0.064'],
    ['shrinks to eight tenths at exactly 3 %', { volatility: 0.03 }, '0.064'],
    ['shrinks to six tenths above 3 %, not to both', { volatility: 0.0301 }, '0.048'],
    ['multiplies all of them', { score: 3, losingStreak: 1, volatility: 0.025 }, '0.04896'],
    ['is not below the minimum', { adx: 20, score: 2, losingStreak: 3, volatility: 0.05 }, '0.02'],
  ])('%s', (_, change, expected) => {
    expect(sizeFraction({ ...facts, ...change }, config.size)?.toFixed()).toBe(expected);
  });

  it('does not exist below the first line of the table', () => {
    expect(sizeFraction({ ...facts, adx: 19.9 }, config.size)).toBeUndefined();
  });
});

describe('the amount', () => {
  const fee = fraction('0.008');
  const account = { equity: quote('10000'), cash: quote('10000'), roundTripFee: fee };

  it.each([
    ['is the share of equity', '10000', '0', '0.05', '500'],
    ['is reduced to what exposure leaves', '10000', '7700', '0.05', '300'],
    ['is what exposure leaves, down to the minimum', '10000', '7800', '0.05', '200'],
    ['is reduced to the cash less the fee', '251', '0', '0.05', '250'],
  ])('%s', (_, cash, exposure, share, expected) => {
    const sized = sizeAmount(
      fraction(share),
      { ...account, cash: quote(cash) },
      quote(exposure),
      config.size,
    );

    expect('amount' in sized && sized.amount.toFixed()).toBe(expected);
  });

  it.each([
    ['exposure leaves less than the minimum', '10000', '7801', 'EXPOSURE'],
    ['the cash is less than the minimum and its fee', '200.79', '0', 'INSUFFICIENT_CASH'],
    ['the cash is below zero', '-1', '0', 'INSUFFICIENT_CASH'],
  ])('is refused where %s', (_, cash, exposure, refused) => {
    const sized = sizeAmount(
      fraction('0.05'),
      { ...account, cash: quote(cash) },
      quote(exposure),
      config.size,
    );

    expect(sized).toMatchObject({ refused });
  });

  it('is always within the clamp, the exposure and the cash', () => {
    const cents = (max: number) =>
      fc.integer({ min: 0, max }).map((value) => quote((value / 100).toFixed(2)));
    const anyFacts = fc.record({
      adx: fc.double({ min: 20, max: 100, noNaN: true }),
      score: fc.integer({ min: 0, max: 5 }),
      losingStreak: fc.integer({ min: 0, max: 20 }),
      volatility: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        anyFacts,
        cents(100_000_000),
        cents(100_000_000),
        cents(100_000_000),
        fc.integer({ min: 0, max: 500 }).map((points) => fraction((points / 10_000).toFixed(4))),
        (given, equity, cash, exposure, roundTripFee) => {
          const share = sizeFraction(given, config.size);
          if (share === undefined) throw new Error('an ADX from 20 on has a size');
          const sized = sizeAmount(share, { equity, cash, roundTripFee }, exposure, config.size);

          expect(share.gte('0.02') && share.lte('0.1')).toBe(true);
          if ('refused' in sized) return;
          expect(sized.amount.gte(equity.times('0.02'))).toBe(true);
          expect(sized.amount.lte(equity.times('0.1'))).toBe(true);
          expect(sized.amount.plus(exposure).lte(equity.times('0.8'))).toBe(true);
          expect(sized.amount.times(roundTripFee.div(2).plus(1)).lte(cash)).toBe(true);
        },
      ),
    );
  });
});
