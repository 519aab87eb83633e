import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notional, price, quantity, quote, text } from '../../shared/money/money.ts';
import { fitToMarket, minimumPriceOf } from '../../shared/order/fit.ts';
import { BTC, decimals, market, markets, prices, ticker } from '../copying/made.ts';

const rules = market('BTC/USD', {
  quantityStep: quantity('0.01'),
  minimumQuantity: quantity('0.05'),
  minimumCost: quote('10'),
});

describe('a size that is fitted to its market', () => {
  it.each([
    ['0.05', '200', '0.05'],
    ['0.0599', '200', '0.05'],
    ['1.239', '200', '1.23'],
  ])('of %s at %s becomes %s', (wanted, at, fitted) => {
    const fit = fitToMarket(quantity(wanted), rules, price(at));
    expect(fit).toMatchObject({ fits: true });
    expect(text(fit.quantity)).toBe(fitted);
  });

  it.each([
    ['0.0099', '200', '0.0099 BTC is less than one step of 0.01'],
    ['0', '200', '0 BTC is less than one step of 0.01'],
    ['0.0499', '200', '0.04 BTC is below the minimum of 0.05'],
    ['0.0599', '199.9', '0.05 BTC at 199.9 is below the minimum cost of 10 USD'],
  ])('of %s at %s is refused with the figures: %s', (wanted, at, why) => {
    expect(fitToMarket(quantity(wanted), rules, price(at))).toMatchObject({ fits: false, why });
  });

  it('is not held against the minimum cost where there is no price', () => {
    expect(fitToMarket(quantity('0.05'), rules, undefined).fits).toBe(true);
  });

  it('is a multiple of the step, not above what was wanted, and never below a minimum', () => {
    fc.assert(
      fc.property(decimals(0n, 10n ** 14n, 10), markets, prices, (wanted, of, at) => {
        const fit = fitToMarket(quantity(wanted), of, at);
        expect(fit.quantity.lte(wanted)).toBe(true);
        expect(fit.quantity.mod(of.quantityStep).isZero()).toBe(true);
        const meetsAll =
          fit.quantity.gt(0) &&
          fit.quantity.gte(of.minimumQuantity) &&
          notional(fit.quantity, at).gte(of.minimumCost);
        expect(fit.fits).toBe(meetsAll);
      }),
    );
  });
});

describe('the price that a minimum cost is judged by', () => {
  it.each([
    ['what is bid, where that is better than the last price', '90', '100', '100'],
    ['the last price, where the book is empty for a moment', '100', '1', '100'],
  ])('is %s', (_what, last, bid, expected) => {
    expect(minimumPriceOf(ticker(BTC, last, '110', bid))?.toFixed()).toBe(expected);
  });

  it('is none where the exchange has no price: then the exchange decides', () => {
    expect(minimumPriceOf(undefined)).toBeUndefined();
  });
});
