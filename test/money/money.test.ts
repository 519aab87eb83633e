import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  averagePrice,
  bps,
  bpsOfFraction,
  type DecimalText,
  floorTo,
  fraction,
  fractionOfBps,
  greatest,
  least,
  lessAtMost,
  MoneyError,
  minus,
  notional,
  type Price,
  plus,
  price,
  type Quantity,
  type QuoteAmount,
  quantity,
  quantityFor,
  quote,
  ratio,
  scale,
  slippageBps,
  text,
  units,
  unitsOf,
} from '../../shared/money/money.ts';
import { zBps, zFraction, zPrice, zQuantity, zQuote } from '../../shared/money/schema.ts';
import { decimals } from '../copying/made.ts';

const quantities = decimals(0n, 10n ** 18n, 10).map(quantity);
const steps = fc
  .constantFrom('1', '0.5', '0.1', '0.025', '0.001', '0.00000001')
  .map((step) => quantity(step));

describe('a figure of money', () => {
  it.each([
    ['0.00000001', '0.00000001'],
    ['1e-7', '0.0000001'],
    ['1E+3', '1000'],
    ['  12.50 ', '12.5'],
    ['.5', '0.5'],
    ['-.25', '-0.25'],
    ['1e60', `1${'0'.repeat(60)}`],
    ['1e-60', `0.${'0'.repeat(59)}1`],
    ['0e-12', '0'],
    ['100000000000000000000000001', '100000000000000000000000001'],
    ['0.1234567890123456789012345678901234567890', '0.123456789012345678901234567890123456789'],
  ])('read from %s is written as %s, exactly and without an exponent', (given, written) => {
    expect(text(quote(given))).toBe(written);
  });

  it.each([
    '',
    ' ',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '1_000',
    '1,5',
    '1.2.3',
    'one',
    '--1',
    '1e',
    'e5',
  ])('is refused where it is no decimal: %j', (given) => {
    expect(() => quote(given)).toThrow(MoneyError);
  });

  it.each([
    '1e9999999999999999999',
    '1e-9999999999999999999',
    '1e9000000',
    '1e-61',
    '1e61',
    '-1e61',
  ])('is refused where it would become an infinity, a zero or megabytes of digits: %s', (given) => {
    expect(() => quote(given)).toThrow(/size that money has \(given '/);
  });

  it('cannot be read from a binary float', () => {
    expectTypeOf<number>().not.toExtend<DecimalText>();
    for (const schema of [zQuantity, zPrice, zQuote, zFraction, zBps]) {
      const read = schema.safeParse(0.1);
      expect(read.success).toBe(false);
      expect(read.error?.issues[0]?.message).toBe('decimals are written as texts, in quotes: "0.05"');
    }
  });

  it('keeps its unit from being taken for another', () => {
    expectTypeOf<Quantity>().not.toExtend<Price>();
    expectTypeOf<QuoteAmount>().not.toExtend<Quantity>();
    expectTypeOf<Decimal>().not.toExtend<QuoteAmount>();
  });

  it('echoes at most 40 characters of what it refuses', () => {
    expect(() => quantity('x'.repeat(500))).toThrow(`(given '${'x'.repeat(40)}')`);
  });

  it.each([
    ['a quantity', quantity],
    ['a price', price],
    ['a fraction', fraction],
  ] as const)('below zero is no %s', (what, read) => {
    expect(() => read('-0.01')).toThrow(`${what} must not be negative (given '-0.01')`);
  });

  it('below zero may be a quote amount or basis points: a loss, an improvement', () => {
    expect(text(quote('-3.5'))).toBe('-3.5');
    expect(text(bps('-12'))).toBe('-12');
  });

  it('below zero may be a difference of units, which an amount of them is, too', () => {
    expect(text(units('-0.5'))).toBe('-0.5');
    expect(text(unitsOf(quantity('0.5')))).toBe('0.5');
  });

  it('of zero is no price', () => {
    expect(() => price('0')).toThrow(MoneyError);
    expect(() => price('0.000')).toThrow(MoneyError);
  });

  it('of minus zero is written as zero', () => {
    expect(text(quantity('-0'))).toBe('0');
    expect(text(fraction('-0.0'))).toBe('0');
    expect(text(quote('-0.00'))).toBe('0');
  });

  it('read from a decimal of another precision keeps all its digits', () => {
    const tiny = new Decimal('0.0000000123456789012345678');
    expect(text(quantity(tiny))).toBe('0.0000000123456789012345678');
  });

  it('read back from its own text is the same', () => {
    fc.assert(
      fc.property(decimals(0n, 10n ** 30n, 12), (given) => {
        const amount = quote(given);
        expect(text(quote(text(amount)))).toBe(text(amount));
        expect(text(amount)).not.toMatch(/e/i);
      }),
    );
  });
});

describe('arithmetic of money', () => {
  it('does not know the errors of binary floats', () => {
    expect(text(plus(quote('0.1'), quote('0.2')))).toBe('0.3');
    expect(text(minus(quote('0.3'), quote('0.1')))).toBe('0.2');
    expect(text(notional(quantity('1.1'), price('1.1')))).toBe('1.21');
  });

  it('adds in any order', () => {
    fc.assert(
      fc.property(quantities, quantities, quantities, (a, b, c) => {
        expect(text(plus(a, b))).toBe(text(plus(b, a)));
        expect(text(plus(plus(a, b), c))).toBe(text(plus(a, plus(b, c))));
      }),
    );
  });

  it('leaves what was not taken, and never less than nothing', () => {
    fc.assert(
      fc.property(quantities, quantities, (a, b) => {
        const left = lessAtMost(a, b);
        expect(left.gte(0)).toBe(true);
        expect(text(plus(left, least(a, b)))).toBe(text(a));
      }),
    );
  });

  it('rounds down to the next multiple of a step, by less than one step', () => {
    fc.assert(
      fc.property(quantities, steps, (amount, step) => {
        const floored = floorTo(amount, step);
        expect(floored.lte(amount)).toBe(true);
        expect(amount.minus(floored).lt(step)).toBe(true);
        expect(floored.mod(step).isZero()).toBe(true);
        expect(text(floorTo(floored, step))).toBe(text(floored));
      }),
    );
  });

  it('leaves a multiple of a step as it is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), steps, (count, step) => {
        const multiple = quantity(step.times(count.toString()));
        expect(text(floorTo(multiple, step))).toBe(text(multiple));
      }),
    );
  });

  it('never rounds up, however near the next step is', () => {
    expect(text(floorTo(quantity('0.99999999999999999999'), quantity('1')))).toBe('0');
    expect(text(floorTo(price('50000.19'), price('0.1')))).toBe('50000.1');
  });

  it('refuses a step of zero, which has no multiples', () => {
    expect(() => floorTo(quantity('1'), quantity('0'))).toThrow("a step must be positive (given '0')");
  });

  it('finds the least and the greatest', () => {
    const amounts = [quote('2'), quote('-1'), quote('10')] as const;
    expect(text(least(...amounts))).toBe('-1');
    expect(text(greatest(...amounts))).toBe('10');
  });

  it('takes a share', () => {
    expect(text(scale(quote('200'), fraction('0.05')))).toBe('10');
  });

  it('finds which part of a whole something is', () => {
    expect(text(ratio(quote('50'), quote('200')))).toBe('0.25');
    expect(text(ratio(quantity('0'), quantity('3')))).toBe('0');
  });

  it('loses no digit of a product of figures as long as exchanges give them', () => {
    expect(text(notional(quantity('1234567890.12345678'), price('98765.4321098765')))).toBe(
      '121932631137021.74098917895888767',
    );
  });

  it('shares in thirds to far below any step', () => {
    expect(text(ratio(quote('1'), quote('3')))).toMatch(/^0\.3{60}$/);
  });

  it('refuses ratios and averages that have no value', () => {
    expect(() => ratio(quote('1'), quote('0'))).toThrow('a ratio to zero has no value');
    expect(() => ratio(quote('0'), quote('0'))).toThrow('a ratio to zero has no value');
    expect(() => ratio(quote('-1'), quote('2'))).toThrow(MoneyError);
    expect(() => averagePrice(quote('1'), quantity('0'))).toThrow('an average price of nothing has no value');
    expect(() => quantityFor(quote('-1'), price('2'))).toThrow(MoneyError);
  });

  it('finds the average price of what was paid', () => {
    expect(text(averagePrice(quote('150'), quantity('0.003')))).toBe('50000');
  });

  it('turns basis points into a fraction and back', () => {
    expect(text(fractionOfBps(bps('50')))).toBe('0.005');
    expect(text(bpsOfFraction(fraction('0.005')))).toBe('50');
    expect(() => fractionOfBps(bps('-1'))).toThrow(MoneyError);
  });
});

describe('slippage', () => {
  it.each([
    ['BUY', '100', '101', '100'],
    ['BUY', '100', '99', '-100'],
    ['SELL', '100', '99', '100'],
    ['SELL', '100', '101', '-100'],
  ] as const)('of a %s at a reference of %s and an actual price of %s is %s bp', (side, reference, actual, points) => {
    expect(text(slippageBps(price(reference), price(actual), side))).toBe(points);
  });

  it('at the reference itself is none, on either side', () => {
    expect(slippageBps(price('3'), price('3'), 'BUY').isZero()).toBe(true);
    expect(slippageBps(price('3'), price('3'), 'SELL').isZero()).toBe(true);
  });

  it('of a sale is that of a purchase with the sign turned', () => {
    const positive = decimals(1n, 10n ** 12n, 5).map(price);
    fc.assert(
      fc.property(positive, positive, (reference, actual) => {
        expect(
          slippageBps(reference, actual, 'BUY')
            .plus(slippageBps(reference, actual, 'SELL'))
            .isZero(),
        ).toBe(true);
      }),
    );
  });
});
