import { describe, expect, it } from 'vitest';
import type { Candle } from '../../../shared/exchange/exchange.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { fraction, price, quote } from '../../../shared/money/money.ts';
import { zApexConfig } from '../../../shared/strategy/apex/config.ts';
import { CANDLE_MS } from '../../../shared/strategy/apex/indicators.ts';
import { loadStrategy } from '../../../shared/strategy/strategies.ts';
import type { StrategyInput } from '../../../shared/strategy/strategy.ts';
import {
  atCloseOf,
  BTC,
  candlesThrough,
  climb,
  climbToEntry,
  ETH,
  held,
  market,
  NOON,
  strategyInput,
} from '../made.ts';

const apex = loadStrategy('apex', {});
const MINUTE = 60_000;

const account = (change: Partial<StrategyInput['account']>): Pick<StrategyInput, 'account'> => ({
  account: { ...strategyInput().account, ...change },
});
const marketOf = (status: 'limit_only' | 'cancel_only') => ({
  markets: new Map([[BTC, { ...market(), status }]]),
});
const aged = (minutes: number) => ({ now: atCloseOf(climbToEntry).now + minutes * MINUTE });

/** What the last candle of the climb to the entry says, to eight digits. */
const READ = {
  close: 104.39292,
  vwap: 104.28106,
  emaFast: 104.26232,
  emaMiddle: 104.24428,
  emaSlow: 103.52267,
  rsi: 60.858617,
  histogram: -0.12238372,
  atr: 0.49973574,
  adx: 34.476718,
  volumeToShortMean: 1,
  volumeToLongMean: 1,
  volumeToPreviousMean: 1,
};
const HELD = [
  ...['close above VWAP', 'EMAs in rising order', 'ADX trending', 'volume present'],
  ...['close near EMA or VWAP', 'RSI rising within its band', 'MACD histogram rising', 'volume above recent'],
];
const JUDGED = { ...READ, score: 4, held: HELD.join(', ') };

describe('what an entry was decided from', () => {
  it('is told in full: each indicator to eight digits, the levels, the share and the streak', () => {
    const { entry } = apex.decide(atCloseOf(climbToEntry));

    expect(entry?.numbers).toEqual({
      ...JUDGED,
      entry: '104.39292',
      stop: '103.60600412935631778',
      first: '105.64563504',
      second: '105.96675174128736444',
      third: '106.75366761193104666',
      share: '0.06',
      losingStreak: 0,
    });
    expect(entry?.reasons).toEqual(HELD);
    expect(entry?.state).toMatchObject({ reasons: HELD, reached: 0, highest: '104.39292' });
  });

  it('has the VWAP of the whole UTC day, however few candles the indicators see', () => {
    const midnight = Date.UTC(2026, 0, 6);
    const halves = Array.from({ length: 288 }, (_, i) => (i < 144 ? 90 : 100));
    const day = candlesThrough(halves, midnight, 0);
    const strategies = [100, 720].map((candles) => loadStrategy('apex', { candles }));

    const readBy = strategies.map(({ candlesNeeded, decide }) => {
      const [rejection] = decide(atCloseOf(day.slice(-candlesNeeded))).rejections;
      return rejection?.numbers;
    });

    // The candle of the rise has its high at 100, its low at 90.
    const vwap = Number(((144 * 90 + 290 / 3 + 143 * 100) / 288).toPrecision(8));
    expect(readBy).toMatchObject([{ vwap, emaSlow: 100 }, { vwap }]);
    expect(readBy[1]?.['emaSlow']).toBeLessThan(100);
  });

  it('has no VWAP where nothing was traded', () => {
    const untraded = climbToEntry.map((it) => ({ ...it, volume: it.volume.times(0) }) as Candle);

    const [rejection] = apex.decide(atCloseOf(untraded)).rejections;

    expect(rejection).toMatchObject({ reason: 'MARKET_FILTER', numbers: { close: READ.close } });
    expect(rejection?.numbers).not.toHaveProperty('vwap');
  });
});

describe('what speaks against an entry', () => {
  it.each<[string, Partial<StrategyInput>, string, object]>([
    [
      'too few candles',
      { candles: new Map([[BTC, climb.slice(0, 50)]]) },
      'NOT_ENOUGH_CANDLES',
      { candles: 50 },
    ],
    ['no candles', { candles: new Map() }, 'NOT_ENOUGH_CANDLES', { candles: 0 }],
    ['old candles', aged(10.5), 'CANDLES_OLD', { ageMinutes: 10.5 }],
    ['an unknown market', { markets: new Map() }, 'MARKET_RESTRICTED', { status: 'unknown' }],
    ['a closed market', marketOf('cancel_only'), 'MARKET_RESTRICTED', { status: 'cancel_only' }],
    [
      'fees',
      account({ roundTripFee: fraction('0.03') }),
      'FEES_ABOVE_TARGET',
      { ...JUDGED, roundTripFee: '0.03', first: '109.0906014' },
    ],
    ['no cash', account({ cash: quote('0') }), 'INSUFFICIENT_CASH', { ...JUDGED, room: '0' }],
  ])('is told with its figures: %s', (_, change, reason, numbers) => {
    const { entry, rejections } = apex.decide(atCloseOf(climbToEntry, change));

    expect(entry).toBeUndefined();
    expect(rejections).toEqual([{ symbol: BTC, reason, numbers }]);
  });

  it('is an entry score that is too low, whatever the market', () => {
    const [rejection] = apex.decide(atCloseOf(climb.slice(0, 80))).rejections;

    expect(rejection).toMatchObject({ symbol: BTC, reason: 'ENTRY_SCORE', numbers: { score: 2 } });
  });

  it('is an ADX below every line of the sizes', () => {
    const strict = loadStrategy('apex', { size: { byAdx: [{ from: 35, fraction: '0.05' }] } });

    const { entry, rejections } = strict.decide(atCloseOf(climbToEntry));

    expect(entry).toBeUndefined();
    expect(rejections).toEqual([{ symbol: BTC, reason: 'ADX_BELOW_SIZES', numbers: JUDGED }]);
  });

  it('is a size that the exchange does not take, told with amount and quantity', () => {
    const small = account({ equity: quote('50'), cash: quote('50') });

    const [rejection] = apex.decide(atCloseOf(climbToEntry, small)).rejections;

    expect(rejection).toMatchObject({ reason: 'BELOW_MINIMUM', numbers: { ...JUDGED, amount: '3' } });
    expect(String(rejection?.numbers['quantity'])).toMatch(/^0\.02873758/);
  });

  it('is the number of positions, told with it', () => {
    const others = new Map(
      Array.from({ length: 8 }, (_, i) => [`X${i}/USD` as MarketSymbol, held('1', '1', NOON)] as const),
    );

    const { rejections } = apex.decide(atCloseOf(climbToEntry, { positions: others }));

    expect(rejections.find(({ symbol }) => symbol === BTC)).toEqual({
      symbol: BTC,
      reason: 'MAXIMUM_POSITIONS',
      numbers: { ...JUDGED, positions: 8 },
    });
  });

  it('is the exposure at the bid, not at cost, where there is a bid', () => {
    const positions = new Map([[ETH, held('79', '100', NOON)]]);
    const input = atCloseOf(climbToEntry, { positions });
    const room = (prices: StrategyInput['prices']) =>
      apex.decide({ ...input, prices }).rejections.find(({ symbol }) => symbol === BTC)?.numbers;
    const ethAt = (bid: string) => new Map([...input.prices, [ETH, { bid: price(bid), ask: price(bid) }]]);

    expect(room(input.prices)).toMatchObject({ room: '68.4' });
    expect(room(ethAt('100.5'))).toMatchObject({ room: '60.5' });
    expect(apex.decide({ ...input, prices: ethAt('95') }).entry).toBeDefined();
  });
});

describe('an entry is made all the same', () => {
  it.each<[string, Partial<StrategyInput>]>([
    ['at exactly the longest age of the candles', aged(10)],
    ['in a market that takes limit orders only', marketOf('limit_only')],
  ])('%s', (_, change) => {
    expect(apex.decide(atCloseOf(climbToEntry, change)).entry?.symbol).toBe(BTC);
  });

  it('whatever candles lie before those that the configuration asks for', () => {
    const first = climb[0]?.at ?? 0;
    const wild = climb.slice(0, 100).map((it, i) => ({
      ...it,
      at: first - (100 - i) * CANDLE_MS,
      close: price(i % 2 === 0 ? '900' : '20'),
      high: price('1000'),
      low: price('10'),
    }));
    const short = loadStrategy('apex', { candles: 100 });
    const upTo = (candles: readonly Candle[]) => atCloseOf([...candles, ...climb.slice(0, 106)]);

    const alone = short.decide(upTo([]));
    const behind = short.decide(upTo(wild));

    expect(alone.entry?.symbol).toBe(BTC);
    expect(behind).toEqual(alone);
  });
});

describe('of several entries', () => {
  /** These candles of the climb, moved to where the longest of them ends. */
  const together = (btc: number, eth: number): StrategyInput => {
    const end = Math.max(btc, eth);
    const moved = (count: number): readonly Candle[] =>
      climb.slice(0, count).map((it) => ({ ...it, at: it.at + (end - count) * CANDLE_MS }));
    const input = atCloseOf(climb.slice(0, end), {}, [BTC, ETH]);
    return {
      ...input,
      candles: new Map([
        [BTC, moved(btc)],
        [ETH, moved(eth)],
      ]),
    };
  };

  it.each([
    ['the higher score is made, whatever the ADX', 69, 74, BTC],
    ['the higher ADX is made where the scores are equal', 70, 68, ETH],
    ['the higher ADX is made, also where it is the first', 68, 70, BTC],
    ['the first by name is made where all is equal', 69, 69, BTC],
  ])('%s', (_, btc, eth, chosen) => {
    const { entry, rejections } = apex.decide(together(btc, eth));

    expect(entry?.symbol).toBe(chosen);
    expect(rejections).toMatchObject([{ symbol: chosen === BTC ? ETH : BTC, reason: 'ANOTHER_ENTRY' }]);
  });
});

describe('the candles that are asked for', () => {
  it('are those that the configuration says, a whole day at least', () => {
    expect(loadStrategy('apex', { candles: 400 }).candlesNeeded).toBe(400);
    expect(loadStrategy('apex', { candles: 240 }).candlesNeeded).toBe(288);
    expect(apex.candlesNeeded).toBe(zApexConfig.parse({}).candles);
  });
});
