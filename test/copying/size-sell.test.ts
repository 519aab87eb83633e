import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeSell as sizeShown } from '../../shared/copying/size.ts';
import {
  floorTo,
  fraction,
  least,
  ONE,
  price,
  type Quantity,
  quantity,
  quote,
  scale,
  text,
  ZERO_QUANTITY,
} from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
import { decimals, market, markets, prices } from './made.ts';

type SellInput = Omit<Parameters<typeof sizeShown>[0], 'shown'> & {
  readonly free: Quantity;
  /** As much as is free, where not given. */
  readonly total?: Quantity;
};
const sizeSell = ({ free, total = free, ...facts }: SellInput) =>
  sizeShown({ ...facts, shown: { free, total } });

const input = (facts: Partial<SellInput> = {}): SellInput => ({
  position: quantity('0.4'),
  reach: facts.position ?? quantity('0.4'),
  soldFraction: fraction('0.5'),
  free: quantity('0.4'),
  market: market('BTC/USD', {
    quantityStep: quantity('0.01'),
    minimumQuantity: quantity('0.05'),
    minimumCost: quote('10'),
  }),
  price: price('1000'),
  ...facts,
});

const sold = (facts: Partial<SellInput>): string => {
  const size = sizeSell(input(facts));
  return size.ok ? text(size.quantity) : size.reason;
};

const amounts = decimals(0n, 10n ** 14n, 10).map(quantity);
const inputs: fc.Arbitrary<SellInput> = fc
  .record({
    position: amounts,
    soldFraction: decimals(0n, 15_000n, 4).map(fraction),
    free: amounts,
    market: markets,
    price: fc.option(prices, { nil: undefined }),
  })
  .map((facts) => ({ ...facts, reach: facts.position }));
/** Of a sale that comes late: a part of the position came after its trade. */
const lateInputs = fc
  .tuple(inputs, fc.integer({ min: 0, max: 1000 }))
  .map(([facts, part]) => ({ ...facts, reach: quantity(facts.position.times(part).div(1000)) }));

describe('the size of a copied SELL', () => {
  it('never exceeds the managed position, nor what is free at the exchange', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeSell(facts);
        if (!size.ok) return;
        expect(size.quantity.lte(facts.position) && size.quantity.lte(facts.free)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is something that the market takes', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeSell(facts);
        if (!size.ok) return;
        expect(fitToMarket(size.quantity, facts.market, facts.price)).toEqual({
          fits: true,
          quantity: size.quantity,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is not above the share that the master sold, unless the rest could not be sold later', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeSell(facts);
        if (!size.ok || !size.quantity.gt(facts.position.times(facts.soldFraction))) return;
        const share = facts.position.times(facts.soldFraction).div(facts.market.quantityStep).floor();
        const rest = quantity(facts.position.minus(share.times(facts.market.quantityStep)));
        expect(fitToMarket(rest, facts.market, facts.price).fits).toBe(false);
        expect(size.all).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves either nothing that is sold later, or enough to be sold later, where all is free', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeSell({ ...facts, free: facts.position });
        if (!size.ok) return;
        const rest = quantity(facts.position.minus(size.quantity));
        if (size.all) expect(rest.lt(facts.market.quantityStep)).toBe(true);
        else expect(fitToMarket(rest, facts.market, facts.price).fits).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is all of the position, down to the step, where the master sold all', () => {
    fc.assert(
      fc.property(inputs, fc.constantFrom('1', '1.5', '7'), (facts, soldFraction) => {
        const { market: of } = facts;
        const size = sizeSell({ ...facts, soldFraction: fraction(soldFraction), free: facts.position });
        const sellable = fitToMarket(facts.position, of, facts.price);
        expect(size.ok).toBe(sellable.fits);
        if (size.ok) expect(text(size.quantity)).toBe(text(sellable.quantity));
      }),
    );
  });

  it('is refused by physics alone: no position, nothing shown of it, or less than the market takes', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeSell(facts);
        if (size.ok) return;
        const { position, free, market: of } = facts;
        if (size.reason === 'NO_POSITION') expect(position.isZero()).toBe(true);
        if (size.reason === 'NOTHING_HELD_YET') {
          expect(fitToMarket(size.asked, of, facts.price).fits).toBe(true);
          expect(fitToMarket(least(size.asked, free), of, facts.price).fits).toBe(false);
        }
        if (size.reason === 'BELOW_MINIMUM') {
          const share = floorTo(scale(position, least(facts.soldFraction, ONE)), of.quantityStep);
          expect(fitToMarket(share, of, facts.price).fits).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never exceeds what is within reach, and its share of that only where the rest could not be sold later', () => {
    fc.assert(
      fc.property(lateInputs, (facts) => {
        const size = sizeSell(facts);
        if (!size.ok) return;
        const share = floorTo(scale(facts.reach, least(facts.soldFraction, ONE)), facts.market.quantityStep);
        expect(size.asked.lte(facts.reach)).toBe(true);
        if (!size.asked.gt(share)) return;
        const rest = quantity(facts.position.minus(share));
        expect(fitToMarket(rest, facts.market, facts.price).fits).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('says of a position that came after the trade that it did', () => {
    expect(sizeSell(input({ reach: ZERO_QUANTITY }))).toMatchObject({
      ok: false,
      reason: 'NO_POSITION',
      detail: expect.stringContaining('came after this trade'),
    });
  });

  it.each([
    ['its share of what is within reach', { reach: quantity('0.2') }, '0.1'],
    [
      'all within reach where the master sold all',
      { reach: quantity('0.2'), soldFraction: fraction('1') },
      '0.2',
    ],
    [
      'its share alone where what is left can be sold with what came later',
      { reach: quantity('0.1'), soldFraction: fraction('0.9') },
      '0.09',
    ],
    [
      'all within reach, and no more, where both rests together could not be sold',
      { position: quantity('0.13'), reach: quantity('0.11'), soldFraction: fraction('0.9') },
      '0.11',
    ],
    [
      'nothing where what is within reach is dust',
      { reach: quantity('0.04'), soldFraction: fraction('1') },
      'BELOW_MINIMUM',
    ],
    ['half of the position where the master sold half', {}, '0.2'],
    ['rounded down to the step', { soldFraction: fraction('0.333') }, '0.13'],
    ['all where the master sold all', { soldFraction: fraction('1') }, '0.4'],
    ['all where the master sold more than its position', { soldFraction: fraction('2') }, '0.4'],
    ['what is free where less is free than asked', { free: quantity('0.1') }, '0.1'],
    [
      'what is free where the master sold all and less is free',
      { soldFraction: fraction('1'), free: quantity('0.1') },
      '0.1',
    ],
    ['never the owner’s other holdings', { soldFraction: fraction('1'), free: quantity('9') }, '0.4'],
    ['a part where the rest is just the minimum', { soldFraction: fraction('0.875') }, '0.35'],
    ['all where the rest would be one step below the minimum', { soldFraction: fraction('0.9') }, '0.4'],
    [
      'all where the rest would be worth less than the minimum cost',
      { price: price('60'), soldFraction: fraction('0.625') },
      '0.4',
    ],
    [
      'a part where there is no price to judge the rest by',
      { price: undefined, soldFraction: fraction('0.625') },
      '0.25',
    ],
    [
      'all where neither part could be sold but the whole can',
      { position: quantity('0.08'), free: quantity('0.08') },
      '0.08',
    ],
    [
      'nothing where the part is too small and the rest is not',
      { soldFraction: fraction('0.1') },
      'BELOW_MINIMUM',
    ],
    ['nothing where the part is less than a step', { soldFraction: fraction('0.01') }, 'BELOW_MINIMUM'],
    ['nothing where the master sold nothing', { soldFraction: fraction('0') }, 'BELOW_MINIMUM'],
    [
      'nothing where the whole position is dust',
      { position: quantity('0.04'), soldFraction: fraction('1') },
      'BELOW_MINIMUM',
    ],
    ['nothing yet where what is shown is dust', { free: quantity('0.04') }, 'NOTHING_HELD_YET'],
    ['nothing yet where nothing is shown', { free: ZERO_QUANTITY }, 'NOTHING_HELD_YET'],
    [
      'nothing where too little is free of what is shown',
      { free: quantity('0.04'), total: quantity('0.4') },
      'LOCKED',
    ],
    ['nothing without a position', { position: ZERO_QUANTITY }, 'NO_POSITION'],
    [
      'nothing without a position, though the account holds the asset',
      { position: ZERO_QUANTITY, free: quantity('5') },
      'NO_POSITION',
    ],
  ] as const)('is %s', (_, facts, expected) => {
    expect(sold(facts)).toBe(expected);
  });
});
