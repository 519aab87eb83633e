import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Drift } from '../../shared/ledger/drift.ts';
import { quantity, text, ZERO_QUANTITY } from '../../shared/money/money.ts';
import {
  closedDrift,
  followDrift,
  goneBefore,
  isResting,
  needsJudging,
} from '../../shared/reconciliation/follow-drift.ts';
import { type Holding, holdingsOf } from '../../shared/reconciliation/holdings.ts';
import { judgeShortfall } from '../../shared/reconciliation/judge-shortfall.ts';
import { flowOf } from '../../shared/reconciliation/own-trades.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { aFill, aMarket, aPosition, START } from '../ledger/examples.ts';

const BTC = marketSymbol('BTC/USD');
const BTC_USDT = marketSymbol('BTC/USDT');
const MARKETS = [
  aMarket(),
  aMarket({ symbol: BTC_USDT, quote: 'USDT', minimumQuantity: quantity('0.0001') }),
];
const STEP = '0.00000001';

const held = (total: string) => ({
  asset: 'BTC',
  total: quantity(total),
  free: quantity(total),
  held: ZERO_QUANTITY,
});

/** What is held of BTC against these positions. */
const holding = (total: string, ...managed: readonly string[]): Holding => {
  const positions = managed.map((amount, index) =>
    aPosition({ symbol: index === 0 ? BTC : BTC_USDT, quantity: quantity(amount) }),
  );
  const [found] = holdingsOf(positions, [held(total)], MARKETS);
  if (found === undefined) throw new Error('nothing is held');
  return found;
};

describe('what is held', () => {
  it.each([
    ['1', '1', '0', '0'],
    ['0.99999999', '1', '0', '0'],
    ['0.99999998', '1', '0.00000002', '0'],
    ['1.5', '1', '0', '0.5'],
    ['0', '1', '1', '0'],
  ])('of %s where %s is managed: %s is missing, %s is the owner’s', (total, managed, missing, own) => {
    const found = holding(total, managed);

    expect([text(found.missing), text(found.unmanaged)]).toEqual([missing, own]);
  });

  it('is compared with all positions in an asset together', () => {
    expect(text(holding('1.2', '1', '0.5').missing)).toBe('0.3');
  });

  it.each([
    ['0', true],
    ['0.00004999', true],
    ['0.00005', false],
  ])('of %s is gone: %s; the smallest minimum of its markets decides', (total, gone) => {
    expect(holding(total, '1', '1').gone).toBe(gone);
  });

  it('in a market that the exchange does not list any more is gone only where it is nothing', () => {
    const positions = [aPosition()];

    expect(holdingsOf(positions, [held(STEP)], [])[0]?.gone).toBe(false);
    expect(holdingsOf(positions, [], [])[0]).toMatchObject({ gone: true, missing: quantity('1') });
  });

  it('of other assets is the owner’s own, told beside the positions and sorted by asset', () => {
    const found = holdingsOf([aPosition()], [held('1'), { ...held('3'), asset: 'ADA' }], MARKETS);

    expect(found.map(({ asset, managed, unmanaged }) => [asset, text(managed), text(unmanaged)])).toEqual([
      ['ADA', '0', '3'],
      ['BTC', '1', '0'],
    ]);
    expect(found[0]?.positions).toEqual([]);
  });

  it('is judged by the rules of its own markets, not by those of other coins', () => {
    const ada = aMarket({
      symbol: marketSymbol('ADA/USD'),
      base: 'ADA',
      quantityStep: quantity('1'),
      minimumQuantity: quantity('0.00000001'),
    });

    const [found] = holdingsOf([aPosition()], [held('0.00004999')], [ada, ...MARKETS]);

    expect([found?.step.toFixed(), found?.gone]).toEqual([STEP, true]);
  });

  it('as cash is nobody’s position', () => {
    expect(holdingsOf([], [{ ...held('5'), asset: 'USDC' }], MARKETS)).toEqual([]);
  });
});

describe('own trades', () => {
  it('move an asset as base, as quote and as fee', () => {
    const fills = [
      aFill({ side: 'SELL', quantity: quantity('1'), fee: { asset: 'BTC', amount: quantity('0.01') } }),
      aFill({ side: 'BUY', quantity: quantity('0.3') }),
      aFill({ symbol: marketSymbol('ETH/BTC'), side: 'BUY', cost: aFill().cost }),
    ];

    const flow = flowOf('BTC', fills);

    expect(text(flow.out)).toBe('1.010641231');
    expect(text(flow.in)).toBe('0.3');
  });

  it('bring it where something was sold for it', () => {
    const flow = flowOf('BTC', [
      aFill({ symbol: marketSymbol('ETH/BTC'), side: 'SELL', cost: aFill().cost }),
    ]);

    expect([text(flow.in), text(flow.out)]).toEqual(['0.000641231', '0']);
  });
});

describe('a shortfall', () => {
  const sold = (amount: string) => ({ known: true, sold: quantity(amount) }) as const;

  it.each([
    { total: '0', own: '1', before: false, kind: 'CLOSE', because: 'OWN_SALE' },
    { total: '0', own: '0.99999999', before: false, kind: 'CLOSE', because: 'OWN_SALE' },
    { total: '0', own: '0.99999998', before: false, kind: 'DRIFT', because: undefined },
    { total: '0', own: '0', before: false, kind: 'DRIFT', because: undefined },
    { total: '0', own: '0', before: true, kind: 'CLOSE', because: 'PHANTOM' },
    { total: '0.00004999', own: '0.4', before: true, kind: 'CLOSE', because: 'PHANTOM' },
    { total: '0.4', own: '0.6', before: false, kind: 'REDUCE', because: undefined },
    { total: '0.4', own: '0.60000001', before: false, kind: 'REDUCE', because: undefined },
    { total: '0.4', own: '0.59999999', before: false, kind: 'REDUCE', because: undefined },
    { total: '0.4', own: '0.59999998', before: true, kind: 'DRIFT', because: undefined },
    { total: '0.4', own: '0.9', before: false, kind: 'REDUCE', because: undefined },
    { total: '0', own: '1.7', before: false, kind: 'CLOSE', because: 'OWN_SALE' },
    { total: '0.4', own: '0', before: true, kind: 'DRIFT', because: undefined },
  ])('down to $total of 1 with $own sold by the owner, gone before: $before, is $kind', (example) => {
    const verdict = judgeShortfall(holding(example.total, '1'), sold(example.own), example.before);

    expect(verdict).toMatchObject({
      kind: example.kind,
      ...(example.because === undefined ? {} : { because: example.because }),
    });
  });

  it('that is total waits for a second look, and says what is not known about it', () => {
    const unknown = { known: false, why: 'asked too often' } as const;
    const first = 'nothing to sell is left: closed if the next checks find it so, too';

    expect(judgeShortfall(holding('0', '1'), sold('0'), false)).toEqual({ kind: 'DRIFT', why: first });
    expect(judgeShortfall(holding('0', '1'), unknown, false)).toEqual({
      kind: 'DRIFT',
      why: `${first}; whether the owner sold it is not known: asked too often`,
    });
  });

  it('of several positions is not laid to one of them', () => {
    expect(judgeShortfall(holding('1.2', '1', '0.5'), sold('0.3'), false).kind).toBe('DRIFT');
  });

  it('is closed, too, where the owner’s trades cannot be read, once it was found twice', () => {
    const unknown = { known: false, why: 'asked too often' } as const;

    expect(judgeShortfall(holding('0', '1'), unknown, false).kind).toBe('DRIFT');
    expect(judgeShortfall(holding('0', '1'), unknown, true)).toEqual({
      kind: 'CLOSE',
      because: 'PHANTOM',
      why: '0 BTC is left, and whether the owner sold it is not known: asked too often',
    });
    expect(judgeShortfall(holding('0.4', '1'), unknown, true).kind).toBe('DRIFT');
  });

  it('takes a position to what is held where the owner sold that much or more, and only there', () => {
    const amount = fc.integer({ min: 0, max: 300_000_000 }).map((units) => `${units}e-8`);
    fc.assert(
      fc.property(amount, amount, amount, fc.boolean(), (total, managed, own, before) => {
        const found = holding(total, managed);
        fc.pre(!found.missing.isZero());

        const verdict = judgeShortfall(found, sold(own), before);

        const explained = found.missing.minus(own).lte(found.step);
        if (found.gone) {
          expect(verdict.kind).toBe(explained || before ? 'CLOSE' : 'DRIFT');
          if (verdict.kind === 'CLOSE') expect(verdict.because).toBe(explained ? 'OWN_SALE' : 'PHANTOM');
        } else {
          expect(verdict.kind).toBe(explained ? 'REDUCE' : 'DRIFT');
          if (verdict.kind === 'REDUCE')
            expect(verdict.to.eq(found.held) && verdict.to.lt(found.managed)).toBe(true);
        }
      }),
    );
  });
});

describe('a drift', () => {
  const seen = (total: string, before: Drift | undefined, at: number) =>
    followDrift('u-ann', holding(total, '1'), before, { why: 'moved', reading: 'JUDGED', at });

  it('is told when it appears, when it has grown by more than a step, and when it comes again', () => {
    const first = seen('0.9', undefined, START);
    const same = seen('0.9', first.drift, START + MINUTE);
    const byAStep = seen('0.89999999', same.drift, START + 2 * MINUTE);
    const byTwo = seen('0.89999998', byAStep.drift, START + 3 * MINUTE);
    const less = seen('0.95', byTwo.drift, START + 4 * MINUTE);
    const more = seen('0.9', less.drift, START + 5 * MINUTE);
    const anew = seen('0.9', { ...more.drift, closedAt: START + 6 * MINUTE }, START + 7 * MINUTE);

    expect([first, same, byAStep, byTwo, less, more, anew].map(({ tell }) => tell)).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
    expect(more.drift).toMatchObject({ firstSeen: START, figuresSince: START + 5 * MINUTE, version: 6 });
    expect(anew.drift).toMatchObject({ firstSeen: START + 7 * MINUTE, version: 7 });
  });

  it('seen again at the same moment is not written again', () => {
    const { drift } = seen('0.9', undefined, START);

    expect(seen('0.9', drift, START)).toEqual({ drift, tell: false });
  });

  it('counts coins as gone after ten minutes without any', () => {
    const { drift } = seen('0', undefined, START);
    const back = seen('0.5', drift, START + 5 * MINUTE);

    expect(goneBefore(drift, START + 10 * MINUTE - 1)).toBe(false);
    expect(goneBefore(drift, START + 10 * MINUTE)).toBe(true);
    expect(goneBefore(back.drift, START + HOUR)).toBe(false);
    expect(goneBefore({ ...drift, closedAt: START + MINUTE }, START + HOUR)).toBe(false);
  });

  it('has the owner’s trades read for an hour, then only where its figures change', () => {
    const { drift } = seen('0.9', undefined, START);
    const old = { ...drift, judgedAt: START + HOUR };

    expect(needsJudging(holding('0.9', '1'), undefined, START)).toBe(true);
    expect(needsJudging(holding('0.9', '1'), drift, START + HOUR)).toBe(true);
    expect(needsJudging(holding('0.9', '1'), old, START + 2 * HOUR)).toBe(false);
    expect(needsJudging(holding('0.8', '1'), old, START + 2 * HOUR)).toBe(true);
  });

  it('rests after its owner’s trades could not be read: 15 minutes, then twice as long each time, at most 6 hours', () => {
    const failed = (before: Drift | undefined, at: number): Drift =>
      followDrift('u-ann', holding('0.9', '1'), before, { why: 'no answer', reading: 'FAILED', at }).drift;
    const first = failed(undefined, START);
    const second = failed(first, START + 15 * MINUTE);
    const many = { ...second, failures: 30 };

    expect(isResting(first, START + 15 * MINUTE - 1)).toBe(true);
    expect(isResting(first, START + 15 * MINUTE)).toBe(false);
    expect(isResting(second, START + 45 * MINUTE - 1)).toBe(true);
    expect(isResting(second, START + 45 * MINUTE)).toBe(false);
    expect(isResting(many, START + 15 * MINUTE + 6 * HOUR)).toBe(false);
    expect(isResting(seen('0.9', second, START + 16 * MINUTE).drift, START + 16 * MINUTE)).toBe(false);
    expect(isResting({ ...many, closedAt: START }, START)).toBe(false);
  });

  const followed = (
    total: string,
    before: Drift | undefined,
    at: number,
    reading: 'JUDGED' | 'FAILED' | 'LEFT',
    why = 'moved',
  ) => followDrift('u-ann', holding(total, '1', '0.5'), before, { why, reading, at }).drift;

  it('names all positions in its asset, in their order', () => {
    const positions = [aPosition({ symbol: BTC_USDT }), aPosition()];
    const [found] = holdingsOf(positions, [], MARKETS);
    if (found === undefined) throw new Error('nothing is held');

    const { drift } = followDrift('u-ann', found, undefined, { why: 'moved', reading: 'LEFT', at: START });

    expect(drift).toMatchObject({ asset: 'BTC', symbols: [BTC, BTC_USDT], version: 1 });
  });

  it('remembers when its owner’s trades were read last, and that of another time', () => {
    const left = followed('1.2', undefined, START, 'LEFT');
    const judged = followed('1.2', left, START + MINUTE, 'JUDGED');
    const later = followed('1.2', judged, START + 2 * MINUTE, 'LEFT');

    expect(left).not.toHaveProperty('judgedAt');
    expect(judged).toMatchObject({ judgedAt: START + MINUTE, figuresSince: START });
    expect(later).toMatchObject({ judgedAt: START + MINUTE, figuresSince: START });
    expect(needsJudging(holding('1.2', '1', '0.5'), left, START)).toBe(true);
  });

  it('counts failed readings in a row, which a reading that was left out does not end', () => {
    const failed = followed('1.2', undefined, START, 'FAILED');
    const left = followed('1.2', failed, START + MINUTE, 'LEFT');
    const again = followed('1.2', left, START + 2 * MINUTE, 'FAILED');
    const read = followed('1.2', again, START + 3 * MINUTE, 'JUDGED');

    expect([failed.failures, left.failures, again.failures]).toEqual([1, 1, 2]);
    expect(left.failedAt).toBe(START);
    expect(read).not.toHaveProperty('failures');
    expect(read).not.toHaveProperty('failedAt');
  });

  it('that has had no failure has none after a reading that was left out', () => {
    const first = followed('1.2', undefined, START, 'LEFT');

    for (const drift of [first, followed('1.2', first, START + MINUTE, 'LEFT')]) {
      expect(drift).not.toHaveProperty('failedAt');
      expect(drift).not.toHaveProperty('failures');
    }
    expect(isResting(first, START)).toBe(false);
    expect(isResting(undefined, START)).toBe(false);
  });

  it('is written again at the same moment where there is more to say of it', () => {
    const first = followed('1.2', undefined, START, 'LEFT');

    expect(followed('1.2', first, START, 'LEFT', 'sold')).toMatchObject({ why: 'sold', version: 2 });
  });

  it('has new figures where less is held and managed alike, though as much is missing', () => {
    const first = seen('0.9', undefined, START).drift;
    const less = followDrift('u-ann', holding('0.4', '0.5'), first, {
      why: 'moved',
      reading: 'LEFT',
      at: START + HOUR,
    });

    expect(less).toMatchObject({ tell: false, drift: { figuresSince: START + HOUR } });
    expect(needsJudging(holding('0.4', '0.5'), { ...first, judgedAt: START + HOUR }, START + HOUR)).toBe(
      true,
    );
  });

  it('of coins that are gone has trades read once more when that is certain', () => {
    const none = seen('0', undefined, START).drift;
    const old = { ...none, judgedAt: START + 2 * HOUR };

    expect(needsJudging(holding('0', '1'), { ...old, goneSince: START + 3 * HOUR }, START + 3 * HOUR)).toBe(
      false,
    );
    expect(needsJudging(holding('0', '1'), old, START + 3 * HOUR)).toBe(true);
    expect(
      needsJudging(
        holding('0.9', '1'),
        { ...seen('0.9', undefined, START).drift, judgedAt: START + 2 * HOUR, goneSince: START },
        START + 3 * HOUR,
      ),
    ).toBe(false);
    expect(goneBefore(undefined, START)).toBe(false);
  });

  it('that is over says when, and is one version later', () => {
    const { drift } = seen('0.9', undefined, START);

    expect(closedDrift(drift, START + MINUTE)).toEqual({
      ...drift,
      lastSeen: START + MINUTE,
      closedAt: START + MINUTE,
      version: 2,
    });
  });
});
