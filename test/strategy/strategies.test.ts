import { describe, expect, it } from 'vitest';
import { quantity, quote } from '../../shared/money/money.ts';
import { loadStrategy, strategies } from '../../shared/strategy/strategies.ts';
import { BTC, climbToEntry, strategyInput } from './made.ts';

describe('the strategies', () => {
  it('are found by name', () => {
    expect([...strategies.keys()]).toEqual(['apex', 'manual']);
    expect(loadStrategy('apex', {}).name).toBe('apex');
  });

  it('refuse an unknown name with those to choose from', () => {
    expect(() => loadStrategy('apexx', {})).toThrow(/choose one of apex, manual \(given 'apexx'\)/);
  });

  it.each([
    ['an unknown setting', { candels: 300 }, /the settings: .*candels/],
    ['a setting of the wrong kind', { entry: { rsiAbove: 'low' } }, /entry\.rsiAbove: .*\(given "low"\)/],
    ['a percentage', { stop: { farthest: '2' } }, /stop\.farthest: .*0\.05 is five percent \(given "2"\)/],
    ['a binary float for money', { stop: { nearest: 0.005 } }, /stop\.nearest: .*\(given 0\.005\)/],
    ['a text that is no decimal', { size: { maximum: 'all' } }, /size\.maximum: .*decimal number/],
    ['bounds the wrong way round', { size: { minimum: '0.2' } }, /size: minimum must not be above maximum/],
    ['EMAs out of order', { indicators: { emaFast: 30 } }, /indicators: emaFast < emaMiddle/],
    ['targets out of order', { targets: { first: '2' } }, /targets: first < second < third/],
    [
      'a size table out of order',
      {
        size: {
          byAdx: [
            { from: 30, fraction: '0.02' },
            { from: 20, fraction: '0.04' },
          ],
        },
      },
      /size\.byAdx: each `from`/,
    ],
    ['sales of more than all', { exit: { sellAtFirst: '0.8' } }, /exit: sellAtFirst \+ sellAtSecond/],
    ['no settings at all', undefined, /the settings: .*\(given nothing\)/],
  ])('refuse %s, naming it', (_, config, message) => {
    expect(() => loadStrategy('apex', config)).toThrow(message);
  });

  it('name every field that is wrong', () => {
    const load = () => loadStrategy('apex', { candles: 3, entry: { conditions: 9 } });

    expect(load).toThrow(/candles: .*; entry\.conditions: /);
  });
});

describe('the version of a strategy', () => {
  const versionOf = (config: unknown) => loadStrategy('apex', config).version;

  it('is the same for settings that mean the same', () => {
    const spelled = { size: { maximum: '0.100', minimum: '0.02' }, candles: 720 };

    expect(versionOf({})).toMatch(/^apex\/2-[0-9a-f]{12}$/);
    expect(versionOf(spelled)).toBe(versionOf({}));
    expect(versionOf({ candles: 720, size: { minimum: '0.02', maximum: '0.1' } })).toBe(versionOf(spelled));
  });

  it('differs with any setting', () => {
    const versions = [{}, { candles: 719 }, { stop: { farthest: '0.021' } }, { entry: { rsiBelow: 71 } }];

    expect(new Set(versions.map(versionOf)).size).toBe(versions.length);
  });
});

describe('the manual strategy', () => {
  const manual = loadStrategy('manual', {});

  it('decides nothing, whatever the market does', () => {
    const position = { quantity: quantity('5'), costBasis: quote('5000'), openedAt: 0, state: undefined };
    const decision = manual.decide(
      strategyInput({
        candles: new Map([[BTC, climbToEntry]]),
        newCandles: new Set([BTC]),
        positions: new Map([[BTC, position]]),
      }),
    );

    expect(decision).toEqual({ exits: [], rejections: [], states: new Map() });
    expect(manual.candlesNeeded).toBe(0);
  });

  it('remembers nothing, and takes no settings', () => {
    expect(manual.settle('as it was', [])).toBe('as it was');
    expect(() => loadStrategy('manual', { speed: 1 })).toThrow(/speed/);
  });
});
