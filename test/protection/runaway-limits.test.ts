import { describe, expect, it } from 'vitest';
import { quote, text } from '../../shared/money/money.ts';
import {
  type Bought,
  DEFAULT_RUNAWAY_LIMITS,
  judgeRunaway,
  overLimits,
  type RunawayBreaker,
  type RunawayTrip,
  whyTripped,
  zRunawayLimitChanges,
  zRunawayLimits,
} from '../../shared/protection/runaway.ts';
import type { LogFields } from '../../shared/telemetry/telemetry.ts';
import { NOON } from '../copying/made.ts';
import { unasked } from '../order/at-the-exchange.ts';

const limits = zRunawayLimits.parse({ maxOrders: 10, maxNotional: '1000', windowMinutes: 5 });
const breaker: RunawayBreaker = { countsSince: 0, limits };
const buy = { accountId: 'u-ann', clientOrderId: 'c-1', notional: quote('100'), at: NOON };
const bought = (orders: number, notional: string): Bought => ({ orders, notional: quote(notional) });

/** What is said to a BUY where all have bought so much, and what came of it. */
const judged = async (seen: Bought | Error, trips: boolean | Error = true) => {
  const trip: RunawayTrip[] = [];
  const told: (readonly [string, LogFields | undefined])[] = [];
  const log = { info: () => {}, warn: () => {}, error: () => {}, with: () => log };
  const why = await judgeRunaway(buy, breaker, {
    runaway: {
      breaker: unasked,
      count: unasked,
      bought: async () => {
        if (seen instanceof Error) throw seen;
        return seen;
      },
      trip: async (tripped) => {
        trip.push(tripped);
        if (trips instanceof Error) throw trips;
        return trips;
      },
    },
    log,
    meter: {
      count: (name: string, fields?: LogFields) => {
        told.push([name, fields]);
      },
      milliseconds: () => {},
      basisPoints: () => {},
      quoteUnits: () => {},
    },
  });
  return { why, trip, told };
};

describe('the breaker over all accounts', () => {
  it.each([
    [10, '1000', undefined],
    [11, '1', '11 BUYs of all accounts within 5 minutes; at most 10'],
    [1, '1000.01', 'BUYs of all accounts within 5 minutes come to 1000.01; at most 1000'],
  ])('judges %i BUYs for %s: %s', (orders, notional, expected) => {
    expect(overLimits(bought(orders, notional), limits)).toBe(expected);
  });

  it('lets a BUY go out at the limits, and trips nothing', async () => {
    expect(await judged(bought(10, '1000'))).toEqual({ why: undefined, trip: [], told: [] });
  });

  it('trips above them, by whose BUY it was, with the figures', async () => {
    const { why, trip, told } = await judged(bought(11, '500'));

    const over = '11 BUYs of all accounts within 5 minutes; at most 10 (the last by u-ann)';
    expect(why).toBe(`the breaker over all accounts has tripped: ${over}`);
    expect(trip).toEqual([{ by: 'u-ann', at: NOON, why: over, orders: 11, notional: quote('500') }]);
    expect(told).toEqual([['RunawayTripped', { account: 'u-ann', why: over }]]);
  });

  it('is told once where another BUY tripped it first, and stops this one all the same', async () => {
    const { why, told } = await judged(bought(11, '500'), false);

    expect(why).toContain('has tripped');
    expect(told).toEqual([]);
  });

  it('stops the BUY and is told, also where that it tripped could not be written', async () => {
    const { why, told } = await judged(bought(11, '500'), new Error('no ledger'));

    expect(why).toContain('has tripped');
    expect(told).toHaveLength(1);
  });

  it('stops a BUY where what was bought cannot be read, and trips nothing', async () => {
    expect(await judged(new Error('no ledger'))).toEqual({
      why: 'what all accounts bought could not be read: no ledger',
      trip: [],
      told: [],
    });
  });

  it('says why nobody may buy, where it has tripped or cannot be read', () => {
    const trip = { by: 'u-ann', at: NOON, why: 'too many', orders: 11, notional: quote('1') };

    expect(whyTripped({ readable: true, value: breaker })).toBeUndefined();
    expect(whyTripped({ readable: true, value: { ...breaker, trip } })).toMatch(/has tripped: too many$/);
    expect(whyTripped({ readable: false, why: 'no ledger' })).toMatch(/could not be read: no ledger$/);
  });
});

describe('its limits', () => {
  it('are, unless set, 2,000 BUYs or a million within five minutes', () => {
    const { maxOrders, maxNotional, windowMinutes } = DEFAULT_RUNAWAY_LIMITS;

    expect([maxOrders, text(maxNotional), windowMinutes]).toEqual([2_000, '1000000', 5]);
  });

  it.each([
    [{ maxOrders: 1, maxNotional: '0.01', windowMinutes: 1 }, true],
    [{ maxOrders: 1_000_000, maxNotional: '1000000000000', windowMinutes: 15 }, true],
    [{ maxOrders: 0 }, false],
    [{ maxOrders: 1_000_001 }, false],
    [{ maxNotional: '0' }, false],
    [{ maxNotional: '1000000000000.01' }, false],
    [{ windowMinutes: 0 }, false],
    [{ windowMinutes: 16 }, false],
    [{ maxorders: 1 }, false],
  ])('may be %j: %s', (given, expected) => {
    expect(zRunawayLimits.safeParse(given).success).toBe(expected);
    expect(zRunawayLimitChanges.safeParse(given).success).toBe(expected);
  });

  it('stay as they are where a change does not name them', () => {
    expect(zRunawayLimitChanges.parse({ maxOrders: 5 })).toEqual({ maxOrders: 5 });
  });
});
