import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binned, histogram } from '../../../page/plot/histogram.ts';
import { linePlot } from '../../../page/plot/line-plot.ts';
import { type Point, thinned } from '../../../page/plot/thinned.ts';
import { ticksOver } from '../../../page/plot/ticks.ts';

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => Number(value.toPrecision(9)));
const curve = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 2e12 }), value: finite }), {
    minLength: 1,
    maxLength: 600,
  })
  .map((points) => points.sort((one, other) => one.at - other.at));

describe('ticks', () => {
  test('are evenly spaced, rise, and hold all that is plotted', () => {
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 1, max: 12 }), (one, other, intervals) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const ticks = ticksOver(low, high, intervals);

        const tolerance = (ticks.high - ticks.low) * 1e-3;
        expect(ticks.low).toBeLessThanOrEqual(low + tolerance);
        expect(ticks.high).toBeGreaterThanOrEqual(high - tolerance);
        expect(ticks.at.length).toBeGreaterThanOrEqual(2);
        expect(ticks.at.length).toBeLessThanOrEqual(intervals + 3);
        const steps = ticks.at.slice(1).map((value, index) => value - (ticks.at[index] ?? 0));
        for (const step of steps) expect(step / (steps[0] ?? 1)).toBeCloseTo(1, 2);
      }),
    );
  });

  test('are round numbers', () => {
    expect(ticksOver(9_254, 10_140, 3).at).toEqual([9_000, 9_500, 10_000, 10_500]);
    expect(ticksOver(0, 3, 3).at).toEqual([0, 1, 2, 3]);
    expect(ticksOver(10, 10, 2).at).toEqual([9.9, 10, 10.1]);
  });
});

describe('a thinned curve', () => {
  test('keeps both ends, the lowest and the highest point, and nothing that was not there', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 1, max: 40 }), (points, slots) => {
        const kept = thinned(points, slots);

        const values = (of: readonly Point[]) => of.map(({ value }) => value);
        expect(kept.length).toBeLessThanOrEqual(Math.max(slots * 4, 1));
        expect(kept[0]).toBe(points[0]);
        expect(kept.at(-1)).toBe(points.at(-1));
        expect(Math.min(...values(kept))).toBe(Math.min(...values(points)));
        expect(Math.max(...values(kept))).toBe(Math.max(...values(points)));
        expect(kept.every((point) => points.includes(point))).toBe(true);
      }),
    );
  });
});

describe('a line plot', () => {
  const plotted = (points: readonly Point[]): string =>
    linePlot({
      description: 'Equity of u-ann',
      lines: [{ name: 'u-ann', look: 0, points }],
      label: String,
      moment: String,
      size: 'large',
    }).text;

  test('stays inside its box, whatever it draws', () => {
    fc.assert(
      fc.property(curve, (points) => {
        const path = /d="([^"]*)"/.exec(plotted(points))?.[1] ?? '';

        const numbers = (path.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
        expect(numbers.length).toBeGreaterThan(0);
        expect(path).not.toMatch(/NaN|Infinity/);
        for (const number of numbers) {
          expect(number).toBeGreaterThanOrEqual(-0.1);
          expect(number).toBeLessThanOrEqual(1_000.1);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('draws one reading alone as a stroke that can be seen', () => {
    expect(plotted([{ at: 5, value: 10 }])).toContain('d="M492 150H508"');
  });

  test('says what it shows to who cannot see it', () => {
    expect(plotted([{ at: 5, value: 10 }])).toContain('role="img" aria-label="Equity of u-ann"');
  });
});

describe('a histogram', () => {
  test('counts every value once, in ranges without gaps', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 300 }), (values) => {
        const bins = binned(values);

        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        for (const [index, bin] of bins.slice(1).entries()) expect(bin.from).toBe(bins[index]?.to);
      }),
    );
  });

  test('does not let one late copy press all others into one bar', () => {
    const values = [...Array.from({ length: 99 }, (_, index) => 300 + index), 60_000];

    const bins = binned(values);

    expect(bins.at(-1)?.to).toBe(400);
    expect(bins.filter(({ count }) => count > 0).length).toBeGreaterThan(5);
  });

  test('names each bar, and the last one as holding all that is beyond it', () => {
    const values = [...Array.from({ length: 99 }, () => 300), 60_000];

    const { text } = histogram({
      description: 'Latency',
      values,
      label: (value) => `${value} ms`,
      counted: 'copies',
    });

    expect(text).toContain('or more: ');
    expect(text).toMatch(/<title>[^<]* ms to [^<]* ms: 99 copies<\/title>/);
  });
});
