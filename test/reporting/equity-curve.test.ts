import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minus, plus, type QuoteAmount, quote, ZERO_QUOTE } from '../../shared/money/money.ts';
import { curveBuilder, thinned } from '../../shared/reporting/equity-curve.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';

/** What happens between two snapshots: growth in thousandths, then or before it money that comes or leaves. */
interface Step {
  readonly perMille: number;
  readonly flow: number;
}

const snapshot = (
  at: number,
  equity: QuoteAmount,
  flow: QuoteAmount,
  paidIn: QuoteAmount,
): EquitySnapshot => ({
  accountId: 'u-ann',
  at,
  cash: equity,
  held: ZERO_QUOTE,
  equity,
  holdings: [],
  flows: [],
  flow,
  paidIn,
  counted: [],
  countedFrom: 0,
});

/** A deposit comes before the growth of its time, a withdrawal leaves after it. */
const curve = (steps: readonly Step[]): readonly EquitySnapshot[] => {
  const snapshots = [snapshot(0, quote('1000'), ZERO_QUOTE, quote('1000'))];
  for (const [index, { perMille, flow }] of steps.entries()) {
    const before = snapshots.at(-1) ?? snapshot(0, ZERO_QUOTE, ZERO_QUOTE, ZERO_QUOTE);
    const amount = quote(String(flow));
    const start = amount.gt(0) ? plus(before.equity, amount) : before.equity;
    const grown = quote(start.times(1_000 + perMille).div(1_000));
    const equity = amount.gt(0) ? grown : plus(grown, amount);
    if (equity.lte(0)) break;
    snapshots.push(snapshot(index + 1, equity, amount, plus(before.paidIn, amount)));
  }
  return snapshots;
};

const curveOf = (snapshots: readonly EquitySnapshot[], spacingMs = 0) => {
  const builder = curveBuilder(spacingMs);
  for (const one of snapshots) builder.add(one);
  return builder.points();
};

const steps = fc.array(
  fc.record({ perMille: fc.integer({ min: -200, max: 200 }), flow: fc.integer({ min: -300, max: 3_000 }) }),
  { maxLength: 30 },
);

describe('a rebased curve', () => {
  it('grows by what was traded, whatever came and left in between', () => {
    fc.assert(
      fc.property(steps, (happened) => {
        const snapshots = curve(happened);
        const withoutFlows = happened
          .slice(0, snapshots.length - 1)
          .reduce((index, { perMille }) => quote(index.times(1_000 + perMille).div(1_000)), quote('1'));

        const last = curveOf(snapshots).at(-1);

        expect(
          minus(quote(last?.index ?? '0'), withoutFlows)
            .abs()
            .lte('0.0000001'),
        ).toBe(true);
      }),
    );
  });

  it('is the ratio of equities where nothing came or left, and begins at 1', () => {
    fc.assert(
      fc.property(steps, (happened) => {
        const snapshots = curve(happened.map(({ perMille }) => ({ perMille, flow: 0 })));

        const points = curveOf(snapshots);

        expect(points[0]?.index).toBe('1');
        for (const [at, point] of points.entries()) {
          const { equity } = snapshots[at] ?? { equity: ZERO_QUOTE };
          expect(equity.div(1_000).minus(point.index).abs().lte('0.0000001')).toBe(true);
        }
      }),
    );
  });

  it('shows what was measured to the last decimal', () => {
    const [first, second] = curve([{ perMille: 7, flow: 250 }]);

    const points = curveOf([first, second].filter((one) => one !== undefined));

    expect(points[1]).toMatchObject({ equity: '1258.75', cash: '1258.75', paidIn: '1250', index: '1.007' });
  });

  it('says from where on what came and left is not known', () => {
    const [first] = curve([]);

    expect(curveOf(first === undefined ? [] : [{ ...first, unknownSince: 5 }])[0]?.flowsKnown).toBe(false);
  });

  it('tells that what came and left is not known of some stretch, however few of its points are kept', () => {
    const snapshots = curve(Array.from({ length: 6 }, () => ({ perMille: 1, flow: 0 })));
    const builder = curveBuilder(100);

    for (const [at, one] of snapshots.entries()) builder.add(at === 3 ? { ...one, unknownSince: 2 } : one);

    expect(builder.points().every(({ flowsKnown }) => flowsKnown)).toBe(true);
    expect(builder.hasUnknownFlows()).toBe(true);
  });

  it('knows what came and left where only what was before its first point is not known', () => {
    const [first, ...rest] = curve(Array.from({ length: 3 }, () => ({ perMille: 1, flow: 0 })));
    const builder = curveBuilder(0);

    for (const one of [...(first === undefined ? [] : [{ ...first, unknownSince: 1 }]), ...rest])
      builder.add(one);

    expect(builder.hasUnknownFlows()).toBe(false);
  });

  it('ends the same however few of its points are kept, and these are those of the whole curve', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 10 }), (happened, spacing) => {
        const snapshots = curve(happened);
        const whole = curveOf(snapshots);

        const sparse = curveOf(snapshots, spacing);

        expect(sparse.at(-1)).toEqual(whole.at(-1));
        expect(sparse).toEqual(whole.filter(({ at }) => sparse.some((kept) => kept.at === at)));
        for (const [at, point] of sparse.slice(0, -1).entries())
          expect(point.at - (sparse[at - 1]?.at ?? -spacing)).toBeGreaterThanOrEqual(spacing);
      }),
    );
  });

  it('of an account that was emptied and filled again grows by nothing then', () => {
    const emptied = snapshot(1, ZERO_QUOTE, quote('-1000'), ZERO_QUOTE);
    const filled = snapshot(2, quote('500'), quote('500'), quote('500'));

    const points = curveOf([snapshot(0, quote('1000'), ZERO_QUOTE, quote('1000')), emptied, filled]);

    expect(points.map(({ index }) => index)).toEqual(['1', '1', '1']);
  });
});

describe('a curve of many points', () => {
  it('is thinned to as many as asked for, in order, the first and the last among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 2, max: 500 }), (count, most) => {
        const points = Array.from({ length: count }, (_, index) => index);

        const shown = thinned(points, most);

        expect(shown).toHaveLength(Math.min(count, most));
        expect(shown[0]).toBe(0);
        expect(shown.at(-1)).toBe(count - 1);
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
      }),
    );
  });
});
