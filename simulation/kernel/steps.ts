import { Random } from './random.ts';

const SHORT = { from: 2, to: 5 };
const MIDDLE = { from: 6, to: 12 };
const LONG = { from: 13, to: 40 };
const SHORT_SHARE = 0.6;
const LONG_SHARE = 0.1;

/**
 * How much happens in a seed, where nobody says: mostly little, since many short histories see more beginnings than
 * few long ones do, and sometimes much, since some things take that long to come about.
 */
export const stepsOf = (seed: number): number => {
  const random = Random.of(seed).split('steps');
  const drawn = random.fraction();
  const { from, to } = drawn < SHORT_SHARE ? SHORT : drawn < 1 - LONG_SHARE ? MIDDLE : LONG;
  return random.whole(from, to);
};
