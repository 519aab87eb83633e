import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sizing } from '../../shared/account/sizing.ts';
import { type BuySizeInput, sizeBuy } from '../../shared/copying/size.ts';
import {
  fraction,
  greatest,
  notional,
  ONE,
  price,
  quantity,
  quote,
  scale,
  text,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { decimals, limits, market, markets, prices, trade } from './made.ts';

/** 1,000 of equity, all in cash; a master that spends 5 % of its own. No fee, no reserve. */
const input = (facts: Partial<BuySizeInput> = {}): BuySizeInput => ({
  trade: trade(),
  sizing: { mode: 'proportional', multiplier: fraction('1') },
  limits: { maxTradeFraction: fraction('0.10'), cashReserve: fraction('0') },
  equity: quote('1000'),
  freeQuote: quote('1000'),
  limitPrice: price('50000'),
  takerFee: fraction('0'),
  market: market('BTC/USD'),
  ...facts,
});

const bought = (facts: Partial<BuySizeInput>): string => {
  const size = sizeBuy(input(facts));
  return size.ok ? text(size.quantity) : size.reason;
};

const amounts = decimals(0n, 10n ** 12n, 5).map(quote);
const shares = decimals(0n, 10_000n, 4).map(fraction);

const sizings: fc.Arbitrary<Sizing> = fc.oneof(
  decimals(0n, 50_000n, 4).map((multiplier) => ({
    mode: 'proportional' as const,
    multiplier: fraction(multiplier),
  })),
  decimals(1n, 10n ** 11n, 5).map((amount) => ({ mode: 'fixed-amount' as const, amount: quote(amount) })),
  decimals(0n, 50_000n, 4).map((ratio) => ({ mode: 'fixed-ratio' as const, ratio: fraction(ratio) })),
);

const trades = fc
  .record({
    quantity: decimals(1n, 10n ** 13n, 8).map(quantity),
    price: prices,
    masterEquityBefore: decimals(0n, 10n ** 13n, 5).map(quote),
  })
  .map((facts) => trade({ ...facts, notional: notional(facts.quantity, facts.price) }));

const inputs: fc.Arbitrary<BuySizeInput> = fc.record({
  trade: trades,
  sizing: sizings,
  limits: fc.record({ maxTradeFraction: shares, cashReserve: shares }),
  equity: amounts,
  freeQuote: amounts,
  limitPrice: prices,
  takerFee: decimals(0n, 100n, 4).map(fraction),
  market: markets,
});

describe('the size of a copied BUY', () => {
  it('never costs more at its limit price than the largest share of equity for one trade', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeBuy(facts);
        if (!size.ok) return;
        const most = scale(facts.equity, facts.limits.maxTradeFraction);
        expect(notional(size.quantity, facts.limitPrice).lte(most)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never costs more, fee included, than the free cash less the reserve', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeBuy(facts);
        if (!size.ok) return;
        const paid = size.quantity.times(facts.limitPrice).times(ONE.plus(facts.takerFee));
        const spendable = facts.freeQuote.minus(facts.equity.times(facts.limits.cashReserve));
        expect(paid.lte(spendable)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is a multiple of the step and meets both minimums wherever there is one', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeBuy(facts);
        if (!size.ok) return;
        expect(size.quantity.mod(facts.market.quantityStep).isZero()).toBe(true);
        expect(size.quantity.gt(0) && size.quantity.gte(facts.market.minimumQuantity)).toBe(true);
        expect(size.notional.gte(facts.market.minimumCost)).toBe(true);
        expect(text(size.notional)).toBe(text(notional(size.quantity, facts.limitPrice)));
      }),
      { numRuns: 500 },
    );
  });

  it('is never above what the sizing mode calls for', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeBuy(facts);
        if (!size.ok) return;
        const { sizing } = facts;
        // A quotient has 60 digits; this is far below any step.
        const tolerance = 1e-40;
        if (sizing.mode === 'fixed-ratio') {
          expect(size.quantity.minus(facts.trade.quantity.times(sizing.ratio)).lte(tolerance)).toBe(true);
        } else if (sizing.mode === 'fixed-amount') {
          expect(size.notional.minus(sizing.amount).lte(tolerance)).toBe(true);
        } else {
          const wanted = facts.equity
            .times(facts.trade.notional)
            .times(sizing.multiplier)
            .div(facts.trade.masterEquityBefore);
          expect(size.notional.minus(wanted).lte(tolerance)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is refused for cash only where cash cannot pay the minimum, and before it is refused for size', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeBuy(facts);
        const spendable = greatest(
          ZERO_QUOTE,
          quote(facts.freeQuote.minus(facts.equity.times(facts.limits.cashReserve))),
        );
        const minimum = greatest(
          facts.market.minimumCost,
          notional(facts.market.minimumQuantity, facts.limitPrice),
        );
        const tooLittleCash = spendable.lt(minimum.times(ONE.plus(facts.takerFee)));
        expect(!size.ok && size.reason === 'INSUFFICIENT_CASH').toBe(tooLittleCash);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['5 % of equity as the master', {}, '0.001'],
    [
      'twice that with a multiplier of 2',
      { sizing: { mode: 'proportional', multiplier: fraction('2') } },
      '0.002',
    ],
    [
      '10 % of equity where a multiplier of 3 calls for 15 %',
      { sizing: { mode: 'proportional', multiplier: fraction('3') } },
      '0.002',
    ],
    [
      'nothing with a multiplier of 0',
      { sizing: { mode: 'proportional', multiplier: fraction('0') } },
      'BELOW_MINIMUM',
    ],
    [
      'a fixed amount, whatever the master spends',
      { sizing: { mode: 'fixed-amount', amount: quote('25') } },
      '0.0005',
    ],
    [
      'a fixed amount, cut to 10 % of equity',
      { sizing: { mode: 'fixed-amount', amount: quote('250') } },
      '0.002',
    ],
    [
      'a fixed ratio of the quantity that the master bought',
      { sizing: { mode: 'fixed-ratio', ratio: fraction('0.015') } },
      '0.0015',
    ],
    [
      'a fixed ratio, cut to 10 % of equity',
      { sizing: { mode: 'fixed-ratio', ratio: fraction('1') } },
      '0.002',
    ],
    [
      'nothing of a master without equity, proportionally',
      { trade: trade({ masterEquityBefore: quote('0') }) },
      'BELOW_MINIMUM',
    ],
    [
      'nothing of a master with negative equity, proportionally',
      { trade: trade({ masterEquityBefore: quote('-5') }) },
      'BELOW_MINIMUM',
    ],
    [
      'a fixed amount of a master without equity too',
      {
        trade: trade({ masterEquityBefore: quote('0') }),
        sizing: { mode: 'fixed-amount', amount: quote('25') },
      },
      '0.0005',
    ],
    ['nothing with an equity below zero', { equity: quote('-1') }, 'BELOW_MINIMUM'],
    [
      'nothing where the largest trade is 0 % of equity',
      { limits: { maxTradeFraction: fraction('0'), cashReserve: fraction('0') } },
      'BELOW_MINIMUM',
    ],
    ['what the free cash pays', { freeQuote: quote('20') }, '0.0004'],
    [
      'what the free cash pays beside the fee',
      { freeQuote: quote('20.08'), takerFee: fraction('0.004') },
      '0.0004',
    ],
    [
      'one step less where the fee is a cent short',
      { freeQuote: quote('20.07'), takerFee: fraction('0.004') },
      '0.0003998',
    ],
    [
      'what the free cash pays beside the reserve',
      { freeQuote: quote('30'), limits: { ...limits, cashReserve: fraction('0.01') } },
      '0.0004',
    ],
    [
      'nothing where the reserve takes all cash',
      { freeQuote: quote('10'), limits: { ...limits, cashReserve: fraction('0.01') } },
      'INSUFFICIENT_CASH',
    ],
    ['nothing without cash', { freeQuote: quote('0') }, 'INSUFFICIENT_CASH'],
    ['the minimum where cash just pays it', { freeQuote: quote('5') }, '0.0001'],
    [
      'nothing where cash is short of the minimum by a cent',
      { freeQuote: quote('4.99') },
      'INSUFFICIENT_CASH',
    ],
    [
      'the minimum where the trade calls for just that',
      { sizing: { mode: 'fixed-amount', amount: quote('5') } },
      '0.0001',
    ],
    [
      'nothing where the trade calls for a cent less',
      { sizing: { mode: 'fixed-amount', amount: quote('4.99') } },
      'BELOW_MINIMUM',
    ],
    [
      'nothing for lack of cash first, where the trade calls for too little as well',
      { sizing: { mode: 'fixed-amount', amount: quote('1') }, freeQuote: quote('1') },
      'INSUFFICIENT_CASH',
    ],
  ] as const)('is %s', (_, facts, expected) => {
    expect(bought({ ...facts, market: market('BTC/USD', { quantityStep: quantity('0.0000001') }) })).toBe(
      expected,
    );
  });

  it('keeps to the minimum cost where that is above the minimum quantity', () => {
    const dear = market('BTC/USD', { minimumCost: quote('50') });
    expect(bought({ market: dear })).toBe('0.001');
    expect(
      bought({ market: dear, limits: { maxTradeFraction: fraction('0.04'), cashReserve: fraction('0') } }),
    ).toBe('BELOW_MINIMUM');
    expect(bought({ market: dear, freeQuote: quote('49.99') })).toBe('INSUFFICIENT_CASH');
  });

  it('says in the refusal what could be spent and what the trade called for', () => {
    expect(sizeBuy(input({ freeQuote: quote('4.999') }))).toMatchObject({
      detail: "4.99 USD can be spent after reserve and fee; the market's minimum is 5",
    });
    expect(sizeBuy(input({ sizing: { mode: 'fixed-amount', amount: quote('2.5') } }))).toMatchObject({
      detail: '0.00005 BTC is below the minimum of 0.0001 (the trade calls for 2.5 USD, master quantity 0.1)',
    });
  });
});
