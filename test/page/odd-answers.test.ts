import fc from 'fast-check';
import { expect, test } from 'vitest';
import { content } from '../../page/content.ts';
import type { PageData } from '../../page/data/page-data.ts';
import { html } from '../../page/markup/html.ts';
import { VIEW_ANSWERS, type ViewQueryName } from '../../shared/reporting/view-contract.ts';
import { sampleData } from './sample.ts';

const HOST = { exit: () => html``, more: () => html``, linksWithin: true };
const LEAST_MOMENT = 1e11;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const oddDecimal = fc
  .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{1,400}$/), fc.stringMatching(/^(\.\d{1,80})?$/))
  .map((parts) => parts.join(''));
const oddNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 8.64e15, 1e300),
);

/** The sample with every figure another one, as far as the contract lets it be. */
const odd = (figure: () => string, number: () => number): PageData => {
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(changed);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, changed(inner)]));
    // Counts and durations stay whole; moments are anything.
    if (typeof value === 'number') return value < LEAST_MOMENT ? value : number();
    return typeof value === 'string' && DECIMAL.test(value) ? figure() : value;
  };
  const data = sampleData();
  const parts = Object.entries(data).map(([part, read]) => {
    if (typeof read !== 'object' || !read.readable) return [part, read];
    const name: ViewQueryName = read.answer.query;
    const parsed = VIEW_ANSWERS[name].safeParse(changed(read.answer));
    if (!parsed.success) throw parsed.error;
    return [part, { readable: true, answer: parsed.data }];
  });
  return Object.fromEntries(parts) as PageData;
};

test('figures and moments of any size that the contract allows make a page, and no coordinate that is none', () => {
  fc.assert(
    fc.property(fc.infiniteStream(oddDecimal), fc.infiniteStream(oddNumber), (figures, numbers) => {
      const next = <T>(stream: Iterator<T>, otherwise: T): T => {
        const { value, done } = stream.next();
        return done === true ? otherwise : value;
      };
      const { text } = content(
        odd(
          () => next(figures, '0'),
          () => next(numbers, 0),
        ),
        HOST,
      );

      expect(text).toContain('Latest trades');
      for (const [, path = ''] of text.matchAll(/ d="([^"]*)"/g)) expect(path).not.toMatch(/NaN|Infinity/);
      for (const [rect] of text.matchAll(/<rect [^>]*>/g)) expect(rect).not.toMatch(/NaN|Infinity|="-/);
    }),
    { numRuns: 60 },
  );
});
