import { expect, test } from 'vitest';
import { stepsOf } from '../../../simulation/kernel/steps.ts';

test('of a thousand seeds most histories are short, some are long, and each seed keeps its own length', () => {
  const seeds = Array.from({ length: 1_000 }, (_, index) => index + 1);

  const lengths = seeds.map(stepsOf);

  expect(lengths).toEqual(seeds.map(stepsOf));
  expect(Math.min(...lengths)).toBe(2);
  expect(Math.max(...lengths)).toBe(40);
  expect(lengths.filter((steps) => steps <= 5).length).toBeGreaterThan(500);
  expect(lengths.filter((steps) => steps > 12).length).toBeGreaterThan(60);
});
