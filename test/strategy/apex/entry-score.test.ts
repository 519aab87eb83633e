import { describe, expect, it } from 'vitest';
import { isBullishEngulfing, isHammer, judgeEntry } from '../../../shared/strategy/apex/entry-score.ts';
import { bar, config, goodReadings } from '../made.ts';

const far = { emaMiddle: 90, vwap: 90 };
const weakRsi = { rsi: 50, previousRsi: 50 };

describe('the entry score', () => {
  it.each([
    ['is five when all hold', {}, true, 5],
    ['loses one far from EMA and VWAP', far, true, 4],
    ['keeps it at exactly one percent of the EMA', { emaMiddle: 100, close: 101, vwap: 90 }, true, 5],
    ['keeps it near the VWAP alone', { ...far, vwap: 100.5 }, true, 5],
    ['loses one beyond one percent', { emaMiddle: 100, close: 101.01, vwap: undefined }, true, 4],
    ['loses one for an RSI that does not rise', weakRsi, true, 4],
    ['loses one at RSI 30', { rsi: 30, previousRsi: 20 }, true, 4],
    ['loses one at RSI 70', { rsi: 70, previousRsi: 60 }, true, 4],
    ['loses one for a histogram that does not rise', { histogram: 0.1 }, true, 4],
    ['keeps one at exactly 60 % of recent volume', { volumeToPreviousMean: 0.6 }, true, 5],
    ['loses one below 60 % of recent volume', { volumeToPreviousMean: 0.59 }, true, 4],
    ['passes with three', { ...far, ...weakRsi }, true, 3],
    ['refuses with two', { ...far, ...weakRsi, histogram: 0 }, false, 2],
    ['passes at exactly a quarter of the long mean volume', { volumeToLongMean: 0.25 }, true, 5],
    ['refuses less than that, whatever the score', { volumeToLongMean: 0.249 }, false, 5],
  ])('%s', (_, change, passes, score) => {
    const verdict = judgeEntry({ ...goodReadings, ...change }, config);

    expect(verdict.passes).toBe(passes);
    expect(verdict.score).toBe(score);
  });
});

describe('a bullish engulfing', () => {
  const fallen = bar({ open: 101, close: 100 });
  it.each([
    ['covers the body before', fallen, bar({ open: 99.9, close: 101.1 }), true],
    ['may touch both ends', fallen, bar({ open: 100, close: 101 }), true],
    ['must reach the open before', fallen, bar({ open: 100, close: 100.9 }), false],
    ['must start at or below the close before', fallen, bar({ open: 100.1, close: 102 }), false],
    ['needs a falling candle before', bar({ open: 100, close: 101 }), bar({ open: 99, close: 102 }), false],
    [
      'needs more than a standing candle before',
      bar({ open: 100, close: 100 }),
      bar({ open: 99, close: 102 }),
      false,
    ],
    ['is not a falling candle', fallen, bar({ open: 102, close: 99 }), false],
    ['is not a standing one', bar({ open: 100, close: 99.5 }), bar({ open: 100, close: 100 }), false],
  ])('%s', (_, previous, now, expected) => {
    expect(isBullishEngulfing(previous, now)).toBe(expected);
  });
});

describe('a hammer', () => {
  it.each([
    ['has a long lower wick', { open: 100, close: 100.5, high: 100.6, low: 98 }, true],
    ['may fall', { open: 100.5, close: 100, high: 100.6, low: 98 }, true],
    ['may have no body', { open: 100, close: 100, high: 100, low: 99 }, true],
    ['has more than two bodies of wick', { open: 100, close: 101, high: 101, low: 98 }, false],
    ['has more than 60 % of its range below', { open: 100, close: 100, high: 102, low: 97 }, false],
    ['is not a candle that did not move', { open: 100, close: 100, high: 100, low: 100 }, false],
  ])('%s', (_, figures, expected) => {
    expect(isHammer(bar(figures), 2, 0.6)).toBe(expected);
  });
});
