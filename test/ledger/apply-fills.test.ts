import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { applyFills } from '../../shared/ledger/apply-fills.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { notional, price, quantity, quote, text } from '../../shared/money/money.ts';
import { BTC, decimals, market, NOON } from '../copying/made.ts';

const rules = market('BTC/USD');

const fill = (side: Fill['side'], amount: string, at: string, fee = '0 USD', time = NOON): Fill => {
  const [feeAmount = '0', feeAsset = 'USD'] = fee.split(' ');
  return {
    fillId: `T${time}-${side}-${amount}`,
    exchangeOrderId: 'O-1',
    symbol: BTC,
    side,
    quantity: quantity(amount),
    price: price(at),
    cost: notional(quantity(amount), price(at)),
    fee: { asset: feeAsset, amount: quantity(feeAmount) },
    at: time,
  };
};

const positionAfter = (before: Position | undefined, ...fills: readonly Fill[]) =>
  applyFills(before, fills, rules, 'u-ann');

const shown = (position: Position | undefined) =>
  position === undefined
    ? undefined
    : { quantity: text(position.quantity), cost: text(position.costBasis), version: position.version };

/** 2 BTC for 100 USD, in its third version. */
const held: Position = {
  accountId: 'u-ann',
  symbol: BTC,
  quantity: quantity('2'),
  costBasis: quote('100'),
  openedAt: NOON - 5,
  version: 3,
};

describe('a position that fills lead to', () => {
  it('holds what was bought, for what it cost with the fee in cash', () => {
    const position = positionAfter(undefined, fill('BUY', '2', '50', '0.4 USD'));
    expect(shown(position)).toEqual({ quantity: '2', cost: '100.4', version: 1 });
    expect(position).toMatchObject({ accountId: 'u-ann', symbol: BTC, openedAt: NOON });
  });

  it('holds less than was bought where the fee was taken from it, for the same cost', () => {
    expect(shown(positionAfter(undefined, fill('BUY', '2', '50', '0.008 BTC')))).toEqual({
      quantity: '1.992',
      cost: '100',
      version: 1,
    });
  });

  it('takes a fee in any cash at par', () => {
    expect(shown(positionAfter(undefined, fill('BUY', '2', '50', '0.4 USDT')))?.cost).toBe('100.4');
  });

  it('leaves out a fee in something else, whose value it does not know', () => {
    expect(shown(positionAfter(undefined, fill('BUY', '2', '50', '40 KFEE')))).toMatchObject({
      quantity: '2',
      cost: '100',
    });
  });

  it('gives its share of the cost away with a part that is sold', () => {
    expect(shown(positionAfter(held, fill('SELL', '0.5', '80', '0.1 USD')))).toEqual({
      quantity: '1.5',
      cost: '75',
      version: 4,
    });
  });

  it('loses the base fee of a sale as well', () => {
    expect(shown(positionAfter(held, fill('SELL', '0.5', '80', '0.1 BTC')))).toEqual({
      quantity: '1.4',
      cost: '70',
      version: 4,
    });
  });

  it.each(['2', '2.5', '1000'])('ends at zero, with no cost left, when %s of 2 are sold', (sold) => {
    expect(shown(positionAfter(held, fill('SELL', sold, '80')))).toEqual({
      quantity: '0',
      cost: '0',
      version: 4,
    });
  });

  it('begins anew, at a new time, when bought again after zero', () => {
    const flat = positionAfter(held, fill('SELL', '2', '80', '0 USD', NOON));
    const again = positionAfter(flat, fill('BUY', '1', '70', '0 USD', NOON + 9));
    expect(shown(again)).toEqual({ quantity: '1', cost: '70', version: 5 });
    expect(again?.openedAt).toBe(NOON + 9);
  });

  it('keeps the time it was opened at while more is bought', () => {
    expect(positionAfter(held, fill('BUY', '1', '60', '0 USD', NOON))?.openedAt).toBe(NOON - 5);
  });

  it('does not come to be by a sale of what was never bought', () => {
    expect(positionAfter(undefined, fill('SELL', '1', '50'))).toBeUndefined();
  });

  it('does not come to be by a purchase whose fee takes all of it', () => {
    expect(positionAfter(undefined, fill('BUY', '0.001', '50', '0.002 BTC'))).toBeUndefined();
  });

  it('stays the very same without fills', () => {
    expect(positionAfter(held)).toBe(held);
    expect(positionAfter(undefined)).toBeUndefined();
  });

  it('remembers its last purchase, whatever is recorded later of an earlier one or of a sale', () => {
    const bought = positionAfter(held, fill('BUY', '1', '60', '0 USD', NOON + 5));
    const sold = fill('SELL', '1', '60', '0 USD', NOON + 9);

    expect(held.grewAt).toBeUndefined();
    expect(positionAfter(held, sold)?.grewAt).toBeUndefined();
    expect(bought?.grewAt).toBe(NOON + 5);
    expect(positionAfter(bought, sold)?.grewAt).toBe(NOON + 5);
    expect(positionAfter(bought, fill('BUY', '1', '60', '0 USD', NOON))?.grewAt).toBe(NOON + 5);
  });

  it('rises by one version, however many fills there are', () => {
    const many = Array.from({ length: 90 }, (_, i) => fill('BUY', '0.1', '50', '0 USD', NOON + i));
    expect(positionAfter(held, ...many)?.version).toBe(4);
    expect(positionAfter(undefined, ...many)?.version).toBe(1);
  });
});

const fills: fc.Arbitrary<readonly Fill[]> = fc
  .array(
    fc.record({
      side: fc.constantFrom('BUY' as const, 'BUY' as const, 'SELL' as const),
      amount: fc.oneof(decimals(1n, 20n, 8), decimals(1n, 10n ** 11n, 8)),
      at: decimals(1n, 10n ** 10n, 4),
      feeAsset: fc.constantFrom('USD', 'BTC', 'KFEE'),
      fee: decimals(0n, 30n, 8),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) =>
    all.map(({ side, amount, at, feeAsset, fee }, index) =>
      fill(side, amount, at, `${fee} ${feeAsset}`, NOON + index),
    ),
  );

describe('any sequence of fills', () => {
  it('never leaves a quantity or a cost below zero, nor a cost of nothing', () => {
    fc.assert(
      fc.property(fills, (all) => {
        const position = positionAfter(undefined, ...all);
        if (position === undefined) return;
        expect(position.quantity.gte(0) && position.costBasis.gte(0)).toBe(true);
        if (position.quantity.isZero()) expect(position.costBasis.isZero()).toBe(true);
      }),
    );
  });

  it('gives the same position in parts as at once, but for the version', () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: 1, max: 29 }), (all, size) => {
        const whole = positionAfter(undefined, ...all);
        let inParts: Position | undefined;
        for (let from = 0; from < all.length; from += size)
          inParts = positionAfter(inParts, ...all.slice(from, from + size));

        const { version: _, ...facts } = inParts ?? { version: 0 };
        const { version: __, ...expected } = whole ?? { version: 0 };
        // A position that parts have closed stays as a closed one; at once it never was.
        if (whole === undefined) expect(inParts?.quantity.isZero() ?? true).toBe(true);
        else expect(facts).toEqual(expected);
      }),
    );
  });

  it('loses no cost: the parts that were sold and what remains add up to what was paid', () => {
    fc.assert(
      fc.property(fills, (all) => {
        let position: Position | undefined;
        let paid = quote('0').plus(0);
        let costOfSold = quote('0').plus(0);
        for (const next of all) {
          const before = position?.costBasis ?? quote('0');
          position = positionAfter(position, next);
          const now = position?.costBasis ?? quote('0');
          if (next.side === 'SELL') {
            costOfSold = costOfSold.plus(before.minus(now));
            continue;
          }
          // A purchase that its own base fee eats leaves no position that could carry its cost.
          if (position === undefined || position.quantity.isZero()) continue;
          paid = paid.plus(next.cost).plus(next.fee.asset === 'USD' ? next.fee.amount : 0);
        }
        const remaining = position?.costBasis ?? quote('0');
        expect(paid.minus(costOfSold).minus(remaining).abs().lte('1e-9')).toBe(true);
      }),
    );
  });

  it('gives away at most the share of cost that belongs to what was sold', () => {
    fc.assert(
      fc.property(
        decimals(1n, 10n ** 12n, 8),
        decimals(1n, 10n ** 12n, 4),
        decimals(1n, 10n ** 12n, 8),
        (has, cost, sold) => {
          const before: Position = { ...held, quantity: quantity(has), costBasis: quote(cost) };
          const position = positionAfter(before, fill('SELL', sold, '50'));
          const left = before.quantity.gt(sold) ? before.quantity.minus(sold) : before.quantity.times(0);
          const expected = before.costBasis.times(left).div(before.quantity);
          expect(position?.quantity.eq(left)).toBe(true);
          expect(
            expected
              .minus(position?.costBasis ?? 0)
              .abs()
              .lte('1e-12'),
          ).toBe(true);
        },
      ),
    );
  });
});
