import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CopyOutcome } from '../../shared/copying/copy.ts';
import {
  afterOrder,
  GONE_FOR_MS,
  isGone,
  laterThan,
  type OwedSale,
  owedAfter,
  owesSale,
  stillOwed,
} from '../../shared/copying/owed-sale.ts';
import { sizeOwed as sizeShown } from '../../shared/copying/size-owed.ts';
import {
  bps,
  floorTo,
  fraction,
  least,
  lessAtMost,
  plus,
  price,
  type Quantity,
  quantity,
  quote,
  text,
  ZERO_QUANTITY,
  ZERO_QUOTE,
} from '../../shared/money/money.ts';
import { fitToMarket } from '../../shared/order/fit.ts';
import { BTC, decimals, market, markets, NOON, prices, trade } from './made.ts';

const sale = trade({ side: 'SELL', soldFraction: fraction('0.5') });
const failed = (asked?: string): CopyOutcome => ({
  state: 'FAILED',
  reason: 'REJECTED',
  detail: 'no',
  ...(asked === undefined ? {} : { asked: quantity(asked) }),
});
const filled = (short?: string): Extract<CopyOutcome, { state: 'FILLED' }> => ({
  state: 'FILLED',
  quantity: quantity('1'),
  price: price('1'),
  fees: ZERO_QUOTE,
  orderLatencyMs: 0,
  fillLatencyMs: 0,
  slippageBps: bps('0'),
  clientOrderId: 'c',
  ...(short === undefined ? {} : { short: quantity(short) }),
});
const skipped: CopyOutcome = { state: 'SKIPPED', reason: 'NO_POSITION', detail: 'none' };
const owed = (facts: Partial<OwedSale> = {}): OwedSale => ({
  since: NOON,
  sold: ZERO_QUANTITY,
  rounds: 0,
  tries: 0,
  lastReason: 'REJECTED: no',
  version: 1,
  ...facts,
});

describe('what a copy owes at its end', () => {
  it.each([
    ['a SELL that failed: what was asked', 'SELL', failed('0.3'), '0.3'],
    [
      'a SELL that failed where what is held was not known: whatever it comes to',
      'SELL',
      failed(),
      'unknown',
    ],
    ['a SELL that sold a part: the rest', 'SELL', filled('0.2'), '0.2'],
    ['a SELL that sold all: nothing', 'SELL', filled(), 'nothing'],
    ['a SELL that failed with nothing to sell: nothing', 'SELL', failed('0'), 'nothing'],
    ['a SELL that had nothing to do: nothing', 'SELL', skipped, 'nothing'],
    ['a BUY that failed: nothing', 'BUY', failed('0.3'), 'nothing'],
    ['a BUY that bought a part: nothing', 'BUY', filled('0.2'), 'nothing'],
  ] as const)('is, of %s', (_name, side, outcome, expected) => {
    const owes = owedAfter({ trade: { ...sale, side } }, outcome, NOON);

    expect(owes === undefined ? 'nothing' : owes.remaining?.toFixed()).toBe(
      expected === 'unknown' ? undefined : expected,
    );
    expect(owes?.since ?? NOON).toBe(NOON);
  });
});

describe('a copy', () => {
  const copy = { accountId: 'u-ann', trade: sale, state: 'FAILED', createdAt: NOON } as const;

  it('that ended without a debt owes nothing', () => {
    expect(owesSale(copy)).toBe(false);
  });

  it('owes its sale until that is made good, and not after', () => {
    const madeGood = { at: NOON, by: 'SOLD', detail: 'sold' } as const;

    expect(owesSale({ ...copy, owed: owed() })).toBe(true);
    expect(owesSale({ ...copy, owed: owed({ madeGood }) })).toBe(false);
  });

  it.each([
    ['failed', failed('0.3')],
    ['sold a part', filled('0.2')],
  ])('that %s begins with nothing sold to make it good, in its first version', (_how, outcome) => {
    expect(owedAfter({ trade: sale }, outcome, NOON)).toMatchObject({
      since: NOON,
      sold: ZERO_QUANTITY,
      rounds: 0,
      tries: 0,
      version: 1,
    });
  });

  it('that failed before what is held was known says nothing of how much remains', () => {
    expect(owedAfter({ trade: sale }, failed(), NOON)).not.toHaveProperty('remaining');
  });
});

describe('a change of an owed sale', () => {
  it('makes it one version later, so that of two writers one loses', () => {
    expect(laterThan(owed({ rounds: 3, version: 7 }))).toEqual(owed({ rounds: 3, version: 8 }));
  });

  it('by an order counts its round, which gives the next order a cause of its own', () => {
    const after = afterOrder(owed({ remaining: quantity('3'), rounds: 3, version: 7 }), {
      asked: quantity('2'),
      filled: quantity('0.5'),
      at: NOON,
    });

    expect(after).toMatchObject({ rounds: 4, version: 8 });
    expect(after.remaining?.toFixed()).toBe('1.5');
  });

  it('by an order asks for no more than was owed before, though more was asked', () => {
    const after = afterOrder(owed({ remaining: quantity('1') }), {
      asked: quantity('2'),
      filled: quantity('0.5'),
      at: NOON,
    });

    expect(after.remaining?.toFixed()).toBe('0.5');
  });
});

type OwedInput = Omit<Parameters<typeof sizeShown>[0], 'shown'> & {
  readonly total: Quantity;
  readonly free: Quantity;
};
const sizeOwed = ({ total, free, ...facts }: OwedInput) => sizeShown({ ...facts, shown: { total, free } });

describe('what an owed sale remembers of orders that sold nothing', () => {
  const nothing = { asked: quantity('1'), filled: ZERO_QUANTITY, unsold: 'REJECTED: no' };

  it('is forgotten with the first order that sells', () => {
    const refused = afterOrder(owed(), { ...nothing, at: NOON });
    const after = afterOrder(refused, { asked: quantity('1'), filled: quantity('0.1'), at: NOON + 1 });

    expect(refused.backOff).toMatchObject({ refusals: 1 });
    expect(after).not.toHaveProperty('backOff');
  });

  it.each(['REJECTED', 'NOT_SOLD'] as const)('begins with a copy that failed as %s', (reason) => {
    const owes = owedAfter({ trade: sale }, { state: 'FAILED', reason, detail: 'no' }, NOON);

    expect(owes?.backOff).toEqual({ refusals: 1, nextTryAt: NOON, why: `${reason}: no` });
  });
});

describe('what an owed sale remembers of a balance that showed nothing', () => {
  it('is since when, from the copy on', () => {
    const outcome = { state: 'FAILED', reason: 'NOTHING_HELD_YET', detail: 'none' } as const;

    const owes = owedAfter({ trade: sale }, outcome, NOON);

    expect(owes).toMatchObject({ missingSince: NOON });
    expect(owes && isGone(owes, NOON + GONE_FOR_MS - 1)).toBe(false);
    expect(owes && isGone(owes, NOON + GONE_FOR_MS)).toBe(true);
  });

  it('is ten minutes until it counts, and nothing where something was always shown', () => {
    const tenMinutes = 600_000;

    expect(isGone(owed({ missingSince: NOON }), NOON + tenMinutes - 1)).toBe(false);
    expect(isGone(owed({ missingSince: NOON }), NOON + tenMinutes)).toBe(true);
    expect(isGone(owed(), NOON + tenMinutes)).toBe(false);
  });

  it('is forgotten with the first order that was taken', () => {
    const after = afterOrder(owed({ missingSince: NOON }), {
      asked: quantity('1'),
      filled: quantity('0.1'),
      at: NOON + 1,
    });

    expect(after).not.toHaveProperty('missingSince');
  });
});

const amounts = decimals(0n, 10n ** 14n, 10).map(quantity);
const positions = decimals(1n, 10n ** 14n, 10).map(quantity);
const shares = decimals(1n, 10_000n, 4).map(fraction);

describe('what is still owed', () => {
  it("is never more than was, and never more than the master's share of what is held", () => {
    fc.assert(
      fc.property(
        fc.option(amounts, { nil: undefined }),
        amounts,
        shares,
        (remaining, held, soldFraction) => {
          const still = stillOwed(remaining === undefined ? {} : { remaining }, held, { soldFraction });

          expect(still.lte(held.times(soldFraction))).toBe(true);
          if (remaining !== undefined) expect(still.lte(remaining)).toBe(true);
        },
      ),
    );
  });

  it('is not made less by what was sold of it already', () => {
    fc.assert(
      fc.property(positions, shares, fc.integer({ min: 0, max: 1000 }), (held, soldFraction, part) => {
        const asked = stillOwed({}, held, { soldFraction });
        const sold = quantity(asked.times(part).div(1000));
        const after = afterOrder(owed({ remaining: asked }), { asked, filled: sold, at: NOON });

        const still = stillOwed(after, lessAtMost(held, sold), { soldFraction });

        expect(text(still)).toBe(text(lessAtMost(asked, sold)));
      }),
    );
  });
});

describe('two sales that are owed of one position', () => {
  it("leave of it what the master's sales would have left, in either order", () => {
    fc.assert(
      fc.property(positions, shares, shares, (held, first, second) => {
        // Both were refused, so both were asked of the whole position.
        const [one, two] = [first, second].map((soldFraction) => ({
          soldFraction,
          asked: stillOwed({}, held, { soldFraction }),
        }));
        if (one === undefined || two === undefined) return;
        const leftAfter = (order: readonly (typeof one)[]): Quantity =>
          order.reduce(
            (left, { soldFraction, asked }) =>
              lessAtMost(left, stillOwed({ remaining: asked }, left, { soldFraction })),
            held,
          );

        const difference = leftAfter([one, two])
          .minus(leftAfter([two, one]))
          .abs();
        const exact = held.times(first.minus(1).times(second.minus(1)));

        expect(difference.lte('1e-40')).toBe(true);
        expect(leftAfter([one, two]).minus(exact).abs().lte('1e-40')).toBe(true);
      }),
    );
  });

  it('leave as much where the first had sold a part before the second was made', () => {
    fc.assert(
      fc.property(
        positions,
        shares,
        shares,
        fc.integer({ min: 0, max: 1000 }),
        (held, first, second, part) => {
          const one = { ...sale, soldFraction: first };
          const asked = stillOwed({}, held, one);
          const sold = quantity(asked.times(part).div(1000));
          const short = lessAtMost(asked, sold);
          const outcome: CopyOutcome = { ...filled(), quantity: sold, short };
          const owes = owedAfter({ trade: one }, short.isZero() ? failed('0') : outcome, NOON);
          const before = lessAtMost(held, sold);
          const between = lessAtMost(before, stillOwed({}, before, { soldFraction: second }));
          const last = owes === undefined ? ZERO_QUANTITY : stillOwed(owes, between, one);

          const left = lessAtMost(between, last);

          const exact = held.times(first.minus(1).times(second.minus(1)));
          expect(left.minus(exact).abs().lte('1e-30')).toBe(true);
        },
      ),
    );
  });

  it('leave as much where parts of both are sold in turn', () => {
    fc.assert(
      fc.property(
        positions,
        shares,
        shares,
        fc.array(fc.integer({ min: 0, max: 1000 })),
        (held, first, second, parts) => {
          const begin = (soldFraction: typeof first) => ({
            terms: { soldFraction },
            owes: owed({ share: soldFraction, remaining: stillOwed({}, held, { soldFraction }) }),
          });
          let left = held;
          const sellPart = (one: ReturnType<typeof begin>, part: number): typeof one => {
            const asked = stillOwed(one.owes, left, one.terms);
            const taken = quantity(asked.times(part).div(1000));
            left = lessAtMost(left, taken);
            return { ...one, owes: afterOrder(one.owes, { asked, filled: taken, at: NOON }) };
          };
          let [one, two] = [begin(first), begin(second)];
          for (const part of parts) [one, two] = [two, sellPart(one, part)];
          for (const each of [one, two]) sellPart(each, 1000);

          const exact = held.times(first.minus(1).times(second.minus(1)));
          expect(left.minus(exact).abs().lte('1e-30')).toBe(true);
        },
      ),
    );
  });
});

describe('the size of an owed sale', () => {
  const inputs = fc
    .record({
      position: positions,
      part: fc.integer({ min: 0, max: 1000 }),
      total: amounts,
      locked: fc.integer({ min: 0, max: 10 }),
      market: markets,
      price: fc.option(prices, { nil: undefined }),
    })
    .map(({ part, locked, ...facts }) => ({
      ...facts,
      reach: facts.position,
      owed: quantity(facts.position.times(part).div(1000)),
      free: quantity(facts.total.times(10 - locked).div(10)),
    }));

  it('is what the market takes, never more than is free, and more than is owed only by what could not be sold', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeOwed(facts);
        if (!size.ok) return;

        expect(fitToMarket(size.quantity, facts.market, facts.price)).toMatchObject({ fits: true });
        expect(text(floorTo(size.quantity, facts.market.quantityStep))).toBe(text(size.quantity));
        expect(size.quantity.lte(least(facts.free, facts.position))).toBe(true);
        const rest = lessAtMost(facts.position, floorTo(facts.owed, facts.market.quantityStep));
        if (size.quantity.gt(facts.owed))
          expect(fitToMarket(rest, facts.market, facts.price).fits).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is named LOCKED only where it could be sold if all were free', () => {
    fc.assert(
      fc.property(inputs, (facts) => {
        const size = sizeOwed(facts);
        const unlocked = sizeOwed({ ...facts, free: facts.total });

        if (!size.ok) expect(size.reason === 'LOCKED').toBe(unlocked.ok);
      }),
      { numRuns: 500 },
    );
  });

  const rules = {
    quantityStep: quantity('0.01'),
    minimumQuantity: quantity('0.05'),
    minimumCost: quote('10'),
  };
  const sized = (facts: Partial<OwedInput>): string => {
    const size = sizeOwed({
      owed: quantity('0.2'),
      position: quantity('0.4'),
      reach: facts.position ?? quantity('0.4'),
      total: quantity('0.4'),
      free: quantity('0.4'),
      market: market(BTC, rules),
      price: price('1000'),
      ...facts,
    });
    return size.ok ? text(size.quantity) : size.reason;
  };
  const one = { position: quantity('1'), total: quantity('1'), free: quantity('1') };
  const late = { reach: quantity('0.16'), owed: quantity('0.15') };
  it.each([
    ['what is owed', {}, '0.2'],
    ['all, where the rest is below the minimum', { owed: quantity('0.36') }, '0.4'],
    ['what is free, where that is less', { free: quantity('0.1') }, '0.1'],
    ['LOCKED where what is free is below the minimum', { free: quantity('0.04') }, 'LOCKED'],
    ['TOO_LITTLE where what is owed is below the minimum', { owed: quantity('0.04') }, 'TOO_LITTLE'],
    ['TOO_LITTLE where it costs less than the minimum', { ...one, price: price('40') }, 'TOO_LITTLE'],
    [
      'TOO_LITTLE, too, where the exchange shows nothing',
      { owed: quantity('0.04'), total: quantity('0'), free: quantity('0') },
      'TOO_LITTLE',
    ],
    ['all, where neither part would reach the minimum cost', { price: price('40') }, '0.4'],
    ['what is owed alone, where the rest goes with what came later', late, '0.15'],
    [
      'all within reach, and no more, where the rest is below the minimum',
      { ...late, position: quantity('0.19') },
      '0.16',
    ],
    [
      'NOTHING_HELD_YET where the exchange shows none',
      { total: quantity('0'), free: quantity('0') },
      'NOTHING_HELD_YET',
    ],
    [
      'NOTHING_HELD_YET where it shows too little',
      { total: quantity('0.04'), free: quantity('0.04') },
      'NOTHING_HELD_YET',
    ],
  ] as const)('is %s', (_name, facts, expected) => {
    expect(sized(facts)).toBe(expected);
  });

  it('adds up over several orders to no more than was owed', () => {
    fc.assert(
      fc.property(
        positions,
        shares,
        fc.array(fc.integer({ min: 0, max: 100 })),
        (held, soldFraction, parts) => {
          let now = owed({ remaining: stillOwed({}, held, { soldFraction }) });
          const begun = now.remaining ?? ZERO_QUANTITY;
          let left = held;
          for (const part of parts) {
            const asked = stillOwed(now, left, { soldFraction });
            const taken = quantity(asked.times(part).div(100));
            now = afterOrder(now, { asked, filled: taken, at: NOON });
            left = lessAtMost(left, taken);
          }

          expect(now.sold.lte(begun)).toBe(true);
          expect(text(plus(now.sold, now.remaining ?? ZERO_QUANTITY))).toBe(text(begun));
        },
      ),
    );
  });
});

describe('an owed sale that cannot be made now', () => {
  const asked = {
    owed: quantity('1'),
    position: quantity('2'),
    reach: quantity('2'),
    market: market(BTC),
    price: price('1000'),
  };

  it('tells what is locked in orders, what is staked, and what to do about each', () => {
    const shown = { total: quantity('2'), free: ZERO_QUANTITY, bonded: quantity('0.5') };

    expect(sizeShown({ ...asked, shown })).toMatchObject({
      reason: 'LOCKED',
      detail: expect.stringMatching(/^0 of 1 BTC is free; 1.5 is locked in open orders.*; 0.5 is staked/),
    });
  });

  it.each([
    ['staked', { bonded: quantity('2') }, /^0 of 1 BTC is free; 2 is staked: it is sold when [^;]*$/],
    [
      'locked',
      {},
      /^0 of 1 BTC is free; 2 is locked in open orders [^;]*; cancel them, or exit BTC\/USD, [^;]*$/,
    ],
  ])('names nothing else where all is %s', (_how, bonded, detail) => {
    const shown = { total: quantity('2'), free: ZERO_QUANTITY, ...bonded };

    expect(sizeShown({ ...asked, shown })).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it('has nothing to sell where the exchange does not even list the asset', () => {
    expect(sizeShown({ ...asked, shown: undefined })).toMatchObject({ reason: 'NOTHING_HELD_YET' });
  });
});
