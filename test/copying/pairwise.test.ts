import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pairwise, productOf } from './pairwise.ts';

const factors = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 })
  .map((sizes) =>
    sizes.map((size, factor) => Array.from({ length: size }, (_, choice) => `${factor}/${choice}`)),
  );

it('lets each value of a factor meet each value of every other one, in no more rows than there are', () => {
  fc.assert(
    fc.property(factors, (all) => {
      const rows = pairwise(all);

      const unmet = all.flatMap((values, factor) =>
        values.flatMap((value) =>
          all
            .slice(factor + 1)
            .flat()
            .filter((other) => !rows.some((row) => row.includes(value) && row.includes(other))),
        ),
      );
      expect(unmet).toEqual([]);
      expect(rows.every((row) => row.length === all.length)).toBe(true);
      expect(rows.length).toBeLessThanOrEqual(productOf(all));
    }),
  );
});
