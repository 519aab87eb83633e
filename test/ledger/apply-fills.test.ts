import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { applyFills } from '../../shared/ledger/apply-fills.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { lessAtMost, notional, plus, price, quantity, quote, text } from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
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

  it('takes a fee in the currency of a market that is priced in a coin', () => {
    const rulesInCoin = market('ETH/BTC');
    const paid = fill('BUY', '2', '0.05', '0.0004 BTC');

    expect(shown(applyFills(undefined, [paid], rulesInCoin, 'u-ann'))).toMatchObject({
      quantity: '2',
      cost: '0.1004',
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

  it.each([
    ['below the minimum quantity', '0.00009', '50000'],
    ['below the minimum cost at the price of the purchase', '0.009', '50'],
    ['less than a step', '0.000000001', '50'],
  ])('begins anew over what cannot be sold, %s, and keeps its cost', (_why, dust, at) => {
    const rest = { ...held, quantity: quantity(dust), costBasis: quote('3') };

    const again = positionAfter(rest, fill('BUY', '1', at, '0 USD', NOON + 9));

    expect(again?.openedAt).toBe(NOON + 9);
    expect(again?.costBasis.minus(at).toFixed()).toBe('3');
  });

  it('does not begin anew over what just can be sold', () => {
    const rest = { ...held, quantity: quantity('0.01') };

    expect(positionAfter(rest, fill('BUY', '1', '50', '0 USD', NOON + 9))?.openedAt).toBe(NOON - 5);
  });

  it('keeps the time it was opened at while more is bought', () => {
    expect(positionAfter(held, fill('BUY', '1', '60', '0 USD', NOON))?.openedAt).toBe(NOON - 5);
  });

  it('holds nothing after a sale of what was never bought, and remembers how much that was', () => {
    const position = positionAfter(undefined, fill('SELL', '1', '50'));

    expect(shown(position)).toEqual({ quantity: '0', cost: '0', version: 1 });
    expect(position?.oversold).toEqual([{ quantity: quantity('1'), at: NOON }]);
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

/** One execution as several smaller ones, in these proportions. */
const split = (one: Fill, weights: readonly number[]): readonly Fill[] => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let [left, feeLeft] = [one.quantity, one.fee.amount];
  return weights.map((weight, index) => {
    const last = index === weights.length - 1;
    const part = last ? left : quantity(one.quantity.times(weight).div(sum).toDecimalPlaces(20, 1));
    const fee = last ? feeLeft : quantity(one.fee.amount.times(weight).div(sum).toDecimalPlaces(20, 1));
    left = lessAtMost(left, part);
    feeLeft = lessAtMost(feeLeft, fee);
    const cost = notional(part, one.price);
    return {
      ...one,
      fillId: `${one.fillId}-${index}`,
      quantity: part,
      cost,
      fee: { ...one.fee, amount: fee },
    };
  });
};

describe('a purchase that is recorded after the sale of its coins', () => {
  const MINUTES = 60_000;
  const buy = (amount: string, time: number) => fill('BUY', amount, '50', '0 USD', time);
  const sell = (amount: string, time: number) => fill('SELL', amount, '80', '0 USD', time);

  it('brings nothing where the sale took all of it', () => {
    const sold = positionAfter(undefined, sell('11', NOON + 5));

    const position = positionAfter(sold, buy('1', NOON));

    expect(shown(position)).toEqual({ quantity: '0', cost: '0', version: 2 });
    expect(position?.oversold).toEqual([{ quantity: quantity('10'), at: NOON + 5 }]);
  });

  it('leaves what was bought after the sale as it is', () => {
    const again = positionAfter(undefined, sell('1', NOON + 5), buy('2', NOON + 9));

    const position = positionAfter(again, buy('1', NOON));

    expect(shown(position)).toEqual({ quantity: '2', cost: '100', version: 2 });
    expect(position).toMatchObject({ openedAt: NOON + 9, grewAt: NOON + 9 });
    expect(position).not.toHaveProperty('oversold');
  });

  it('brings what the sale left of it, at its cost', () => {
    const sold = positionAfter(held, sell('2.5', NOON + 5));

    expect(shown(positionAfter(sold, buy('2', NOON)))).toEqual({ quantity: '1.5', cost: '75', version: 5 });
  });

  it('is taken from once, in however many parts both come', () => {
    const sold = positionAfter(undefined, sell('0.5', NOON + 4), sell('0.5', NOON + 5));

    const position = positionAfter(sold, buy('0.2', NOON), buy('1', NOON + 1));

    expect(shown(position)).toMatchObject({ quantity: '0.2', cost: '10' });
  });

  it('is taken whole where it was made with the sale or after it', () => {
    const sold = positionAfter(undefined, sell('1', NOON));

    expect(shown(positionAfter(sold, buy('1', NOON)))?.quantity).toBe('1');
    expect(shown(positionAfter(sold, buy('1', NOON + 1)))?.quantity).toBe('1');
  });

  it('loses nothing to what was oversold before it', () => {
    const sold = positionAfter(undefined, sell('1.9', NOON), sell('0.1', NOON + 20_000));

    const position = positionAfter(sold, buy('1', NOON + 10_000));

    expect(shown(position)).toMatchObject({ quantity: '0.9', cost: '45' });
  });

  it.each([
    { sales: [sell('1', NOON), sell('2', NOON + 999)], remembered: { '3': NOON } },
    { sales: [sell('1', NOON), sell('2', NOON + 1_000)], remembered: { '1': NOON, '2': NOON + 1_000 } },
    { sales: [sell('2', NOON + 1_000), sell('1', NOON)], remembered: { '1': NOON, '2': NOON + 1_000 } },
    {
      sales: [sell('1', NOON), sell('2', NOON + 10 * MINUTES)],
      remembered: { '1': NOON, '2': NOON + 10 * MINUTES },
    },
    {
      sales: [sell('1', NOON), sell('2', NOON + 10 * MINUTES + 1)],
      remembered: { '2': NOON + 10 * MINUTES + 1 },
    },
    {
      sales: [sell('2', NOON + 10 * MINUTES + 1), sell('1', NOON)],
      remembered: { '2': NOON + 10 * MINUTES + 1 },
    },
  ])('goes by the sales of the last ten minutes that took too much: %#', ({ sales, remembered }) => {
    const oversold = positionAfter(undefined, ...sales)?.oversold ?? [];

    expect(Object.fromEntries(oversold.map((one) => [text(one.quantity), one.at]))).toEqual(remembered);
  });

  it('leads to the position of the right order, wherever in it late purchases belong', () => {
    // A position is right to the second.
    const apart = fills.map((all) => all.map((one, index) => ({ ...one, at: NOON + index * 1_000 })));
    const isLate = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(apart, isLate, (all, choices) => {
        const late = new Set(all.filter(({ side }) => side === 'BUY' && choices.next().value));
        const inTime = all.filter((one) => !late.has(one));

        const recordedLate = positionAfter(undefined, ...inTime, ...[...late].reverse());

        const expected = positionAfter(undefined, ...all);
        expect(text(recordedLate?.quantity ?? quantity('0'))).toBe(text(expected?.quantity ?? quantity('0')));
      }),
      { numRuns: 500 },
    );
  });
});

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

  it('gives the same position where each fill comes in pieces, at its price and time', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fills, pieces, (all, weights) => {
        const whole = positionAfter(undefined, ...all);
        const inPieces = positionAfter(undefined, ...all.flatMap((one) => split(one, weights)));

        // A cent of a cent of cost may be rounded differently; what is held and since when may not.
        expect(inPieces?.openedAt).toBe(whole?.openedAt);
        expect(inPieces?.grewAt).toBe(whole?.grewAt);
        expect(inPieces && text(inPieces.quantity)).toBe(whole && text(whole.quantity));
        const apart = quote(inPieces?.costBasis ?? '0').minus(whole?.costBasis ?? '0');
        expect(apart.abs().lte('1e-8')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('was opened by the last purchase that found nothing that could be sold', () => {
    fc.assert(
      fc.property(fills, (all) => {
        let heldBefore = quantity('0');
        let opened: number | undefined;
        for (const next of all) {
          const found = fitToMarket(heldBefore, rules, next.price).fits;
          if (next.side === 'BUY' && !found) opened = next.at;
          const fee = next.fee.asset === 'BTC' ? next.fee.amount : quantity('0');
          const after = next.side === 'BUY' ? heldBefore.plus(lessAtMost(next.quantity, fee)) : undefined;
          heldBefore =
            after === undefined ? lessAtMost(heldBefore, plus(next.quantity, fee)) : quantity(after);
        }

        const position = positionAfter(undefined, ...all);
        if (position?.quantity.gt(0)) expect(position.openedAt).toBe(opened);
      }),
      { numRuns: 300 },
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
