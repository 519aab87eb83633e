import { describe, expect, it } from 'vitest';
import { judgeMarket } from '../../../shared/strategy/apex/market-filter.ts';
import { config, goodReadings } from '../made.ts';

const nothingElse = { vwap: 101, emaFast: 99, emaMiddle: 100, histogram: -0.1 };

describe('the market filter', () => {
  it.each([
    ['passes when all five conditions hold', {}, true, 5],
    ['passes at exactly the minimum ADX, which is not yet a trend', { adx: 20 }, true, 4],
    ['refuses an ADX just below the minimum, whatever else holds', { adx: 19.99 }, false, 4],
    ['passes at exactly half of the mean volume', { volumeToShortMean: 0.5 }, true, 5],
    ['refuses less volume, whatever else holds', { volumeToShortMean: 0.499 }, false, 4],
    ['refuses with ADX and volume alone', nothingElse, false, 2],
    ['passes with one more', { ...nothingElse, histogram: 0.1 }, true, 3],
    ['refuses at the minimum ADX with one more', { ...nothingElse, histogram: 0.1, adx: 20 }, false, 2],
    ['counts a close at the VWAP as not above it', { ...nothingElse, vwap: 100 }, false, 2],
    ['counts equal EMAs as not rising', { ...nothingElse, emaFast: 100 }, false, 2],
    [
      'counts EMAs as not rising where the slow one is at the middle',
      { ...nothingElse, emaFast: 101, emaSlow: 100 },
      false,
      2,
    ],
    [
      'counts EMAs as not rising where the slow one is above',
      { ...nothingElse, emaFast: 101, emaSlow: 102 },
      false,
      2,
    ],
    ['counts a histogram of zero as not positive', { ...nothingElse, histogram: 0 }, false, 2],
    ['counts an absent VWAP as not passed', { ...nothingElse, vwap: undefined }, false, 2],
  ])('%s', (_, change, passes, held) => {
    const verdict = judgeMarket({ ...goodReadings, ...change }, config);

    expect(verdict.passes).toBe(passes);
    expect(verdict.held).toHaveLength(held);
  });
});
