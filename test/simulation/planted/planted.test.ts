import { describe, expect, test } from 'vitest';
import { BUGS } from '../../../simulation/planted/bugs.ts';
import { hunt } from '../../../simulation/planted/hunt.ts';

/** One of each kind; `npm run planted` looks for all. */
const LOOKED_FOR: readonly string[] = [
  'send-before-intent',
  'ambiguous-answer-taken-for-a-no',
  'stale-buy-executed',
  'share-of-the-whole-balance-sold',
  'key-of-whoever-came-first',
  'percent-taken-for-a-fraction',
  'lease-not-asked',
  'key-in-a-log-line',
];
/** As many as the slowest of them takes. */
const SOUND_SEEDS = 15;

describe('the simulation', () => {
  test.each(
    BUGS.filter(({ name }) => LOOKED_FOR.includes(name)),
  )('finds the planted bug $name by guarantee $guarantee within $withinSeeds seeds', async (bug) => {
    const { caught } = await hunt(bug, bug.withinSeeds);

    expect(caught?.seeds).toBeLessThanOrEqual(bug.withinSeeds);
  });

  test('finds nothing in the same seeds without a bug', async () => {
    expect(await hunt(undefined, SOUND_SEEDS)).toEqual({ others: [] });
  });
});
