import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spreadOf } from '../../shared/reporting/spread.ts';

const rising = (a: number, b: number): number => a - b;

it('names figures that occurred: so many of them are no larger, and no fewer', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300 }), (figures) => {
      const spread = spreadOf(figures, rising);
      const notLarger = (figure: number): number => figures.filter((one) => one <= figure).length;
      const smaller = (figure: number): number => figures.filter((one) => one < figure).length;

      expect(spread?.values).toEqual([...figures].sort(rising));
      expect(spread).toMatchObject({ min: Math.min(...figures), max: Math.max(...figures) });
      for (const [percent, figure] of [
        [50, spread?.median ?? 0],
        [95, spread?.p95 ?? 0],
      ] as const) {
        expect(figures).toContain(figure);
        expect(notLarger(figure) * 100).toBeGreaterThanOrEqual(percent * figures.length);
        expect(smaller(figure) * 100).toBeLessThan(percent * figures.length);
      }
    }),
  );
});

it('is none of nothing', () => {
  expect(spreadOf<number>([], rising)).toBeNull();
});
