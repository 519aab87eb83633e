import { describe, expect, it } from 'vitest';
import { fraction, quote } from '../../shared/money/money.ts';
import { asksForEquity, judgeEquity } from '../../shared/protection/equity-losses.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { limits, NOON } from '../copying/made.ts';
import { settingsOf } from './made-protection.ts';

const risk = (facts: Partial<RiskState> = {}): RiskState => ({
  accountId: 'u-ann',
  day: '2026-11-20',
  dayOpenEquity: quote('900'),
  peakEquity: quote('1000'),
  lastEquity: quote('900'),
  lastCash: quote('0'),
  lastAt: NOON,
  recentOrders: [],
  version: 1,
  measured: { at: NOON, holdings: [] },
  ...facts,
});

const facts = (equity: string, complete = true) => ({
  at: NOON,
  account: { limits: { ...limits, maxDrawdown: fraction('0.2'), maxDailyLoss: fraction('0.1') } },
  valuation: {
    equity: quote(equity),
    cash: quote('0'),
    held: quote('0'),
    assets: [],
    unpriced: complete ? [] : ['LTC'],
    owed: [],
    priced: complete,
    complete,
  },
});

const both = { onMaxDrawdown: 'exit', onDailyLoss: 'exit' } as const;

describe('an account whose owner wants positions sold for a loss', () => {
  it.each([
    ['at the drawdown', { onMaxDrawdown: 'exit' }, true],
    ['on a day', { onDailyLoss: 'exit' }, true],
    ['of either kind', both, true],
    ['of no kind', {}, false],
    ['while protection is off', { ...both, enabled: false }, false],
  ])('%s is asked about: %s', (_when, settings, expected) => {
    expect(asksForEquity(settingsOf(settings))).toBe(expected);
  });
});

describe('a loss of equity', () => {
  const rules = (equity: string, settings: Parameters<typeof judgeEquity>[2] = both) => {
    const verdict = judgeEquity(facts(equity), risk(), settings);
    return verdict.state === 'JUDGED' ? verdict.losses.map(({ rule }) => rule) : verdict.why;
  };

  it.each([
    ['900', []],
    ['810', []],
    ['809.99', ['daily-loss']],
    ['800', ['daily-loss']],
    ['799.99', ['max-drawdown', 'daily-loss']],
  ])('to %s, with a peak of 1000 and 900 in the morning, passes %j', (equity, expected) => {
    expect(rules(equity)).toEqual(expected);
  });

  it.each([
    [{ onMaxDrawdown: 'exit', onDailyLoss: 'stop-buying' }, ['max-drawdown']],
    [{ onMaxDrawdown: 'stop-buying', onDailyLoss: 'exit' }, ['daily-loss']],
    [{ onMaxDrawdown: 'stop-buying', onDailyLoss: 'stop-buying' }, []],
  ] as const)('is answered by an exit only where its owner says so: %j', (settings, expected) => {
    expect(rules('700', settings)).toEqual(expected);
  });

  it('is judged by one limit alone, where the other is what would have been passed', () => {
    const opened = risk({ dayOpenEquity: quote('2000') });

    const verdict = judgeEquity(facts('900'), opened, both);

    expect(verdict).toMatchObject({ losses: [{ rule: 'daily-loss' }] });
  });

  it('is told with the figures that were compared', () => {
    expect(judgeEquity(facts('700'), risk(), both)).toMatchObject({
      losses: [
        { numbers: { equity: '700', peakEquity: '1000', limit: '0.2' } },
        { numbers: { equity: '700', dayOpenEquity: '900', limit: '0.1' } },
      ],
    });
  });

  it.each([
    ['an asset has no price', facts('1', false), risk(), 'LTC has no price now'],
    ['there was no snapshot ever', facts('1'), undefined, 'there is none'],
    ['there was never a measured one', facts('1'), { ...risk(), measured: undefined }, 'there is none'],
    [
      'the last snapshot is of an earlier check',
      facts('1'),
      risk({ measured: { at: NOON - MINUTE, holdings: [] } }),
      'the last is of 2026-11-20T11:59:00.000Z',
    ],
  ])('is not judged, and nothing sold, where %s', (_where, now, known, why) => {
    const { measured, ...never } = known ?? risk();
    const state = known === undefined ? undefined : measured === undefined ? never : { ...never, measured };

    expect(judgeEquity(now, state, both)).toEqual({
      state: 'NOT_JUDGED',
      why: expect.stringContaining(why),
    });
  });
});
