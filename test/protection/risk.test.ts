import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fraction,
  minus,
  plus,
  price,
  type QuoteAmount,
  quantity,
  quote,
  scale,
  text,
} from '../../shared/money/money.ts';
import {
  countOrder,
  equityGuard,
  measureEquity,
  observeEquity,
  type RiskState,
  rateGuard,
  tradingEquity,
} from '../../shared/protection/risk.ts';
import { DAY, HOUR, MINUTE } from '../../shared/time/clock.ts';
import { decimals, limits, NOON } from '../copying/made.ts';

const seen = (equity: string, at = NOON, cash = equity) => ({
  accountId: 'u-ann',
  equity: quote(equity),
  cash: quote(cash),
  at,
});

const order = (clientOrderId: string, notional: string, at = NOON) => ({
  clientOrderId,
  notional: quote(notional),
  at,
});

const fresh: RiskState = observeEquity(undefined, seen('1000'));

describe('what is remembered of an account’s equity', () => {
  it('begins with the first equity seen: the day’s opening and the peak', () => {
    expect(fresh).toMatchObject({ accountId: 'u-ann', day: '2026-11-20', lastAt: NOON, version: 1 });
    expect([fresh.dayOpenEquity, fresh.peakEquity, fresh.lastEquity, fresh.lastCash].map(text)).toEqual([
      '1000',
      '1000',
      '1000',
      '1000',
    ]);
  });

  it('keeps the day’s opening until the UTC day is over, and opens the next with what is seen first', () => {
    const lastMoment = Date.parse('2026-11-20T23:59:59.999Z');

    const evening = observeEquity(fresh, seen('900', lastMoment));
    const midnight = observeEquity(evening, seen('880', lastMoment + 1));

    expect([evening.day, text(evening.dayOpenEquity)]).toEqual(['2026-11-20', '1000']);
    expect([midnight.day, text(midnight.dayOpenEquity)]).toEqual(['2026-11-21', '880']);
  });

  it('does not open a day again that lies behind: a clock that is late changes nothing of it', () => {
    const late = observeEquity(fresh, seen('500', NOON - DAY));
    expect([late.day, text(late.dayOpenEquity)]).toEqual(['2026-11-20', '1000']);
  });

  it('has a peak that never falls and is always the highest equity seen', () => {
    fc.assert(
      fc.property(fc.array(decimals(0n, 10n ** 9n, 2), { minLength: 1 }), (equities) => {
        let risk: RiskState | undefined;
        let before = quote('0');
        for (const [index, equity] of equities.entries()) {
          risk = observeEquity(risk, seen(equity, NOON + index * HOUR));
          expect(risk.peakEquity.gte(before) && risk.peakEquity.gte(equity)).toBe(true);
          before = risk.peakEquity;
        }
        expect(equities.some((equity) => before.eq(equity))).toBe(true);
        expect(risk?.version).toBe(equities.length);
      }),
    );
  });

  it('shows the last cash beside the last equity', () => {
    const later = observeEquity(fresh, seen('1100', NOON + HOUR, '40'));
    expect([text(later.lastEquity), text(later.lastCash), later.lastAt]).toEqual(['1100', '40', NOON + HOUR]);
  });

  it('forgets orders that are an hour old', () => {
    const counted = countOrder(fresh, order('a', '100'));
    expect(observeEquity(counted, seen('1000', NOON + HOUR - 1)).recentOrders).toHaveLength(1);
    expect(observeEquity(counted, seen('1000', NOON + HOUR)).recentOrders).toHaveLength(0);
  });
});

const snapshotOf = (equity: string, at = NOON) => ({
  ...seen(equity, at),
  holdings: [{ asset: 'USD', total: quantity(equity), price: price('1') }],
});
const figures = ({ day, dayOpenEquity, peakEquity }: RiskState) => [
  day,
  text(dayOpenEquity),
  text(peakEquity),
];

describe('what a snapshot makes of it', () => {
  const measured = measureEquity(undefined, snapshotOf('1000'), undefined);

  it('begins with the first: what was seen before may have been deposits and withdrawals', () => {
    const misled = { ...fresh, dayOpenEquity: quote('5000'), peakEquity: quote('7000') };
    const first = measureEquity(misled, snapshotOf('1000', NOON + HOUR), undefined);
    expect(figures(first)).toEqual(['2026-11-20', '1000', '1000']);
    expect(first).toMatchObject({ version: 2, measured: { at: NOON + HOUR } });
  });

  /** A flow, what was held before it, and what is there now. */
  const flowed = (risk: RiskState, flow: string, heldBefore: string, equity: string, at = NOON + MINUTE) =>
    measureEquity(risk, snapshotOf(equity, at), { flow: quote(flow), heldBefore: quote(heldBefore) });

  it.each([
    ['a deposit', '500', '1000', '1500', '1500', '1500'],
    ['a withdrawal', '-600', '1000', '400', '400', '400'],
    ['a deposit while prices fell', '600', '800', '1400', '1750', '1750'],
    ['a withdrawal while prices rose', '-550', '1100', '550', '500', '550'],
    ['a withdrawal after a loss of 10 %', '-800', '900', '100', '111.111111111111111111111111111112', null],
    ['a deposit after a loss of 10 %', '900', '900', '1800', '2000', '2000'],
    ['a deposit that trading then lost a part of', '1000', '1000', '1900', '2000', '2000'],
    ['a deposit that trading then made more of', '1000', '1000', '2200', '2000', '2200'],
    ['a withdrawal of what trading had left', '-450', '1000', '450', '500', '500'],
    ['more given than there was', '99000', '1000', '100000', '100000', '100000'],
    ['trading alone', '0', '1000', '900', '1000', '1000'],
    ['prices alone', '0', '900', '900', '1000', '1000'],
  ])('moves opening and peak in proportion by %s', (_, flow, held, equity, dayOpen, peak) => {
    expect(figures(flowed(measured, flow, held, equity))).toEqual(['2026-11-20', dayOpen, peak ?? dayOpen]);
  });

  it.each([
    ['emptied', '-900', '900', '0'],
    ['emptied but for what no order can be made of', '-899', '900', '1'],
    ['filled from nothing', '500', '0', '500'],
    ['filled from what no order can be made of', '500', '1', '501'],
  ])('opens both anew where an account is %s', (_, flow, held, equity) => {
    const lossy = flowed(measured, '0', '900', '900');
    expect(figures(flowed(lossy, flow, held, equity))).toEqual(['2026-11-20', equity, equity]);
  });

  it.each([
    ['emptied to a hair above that', '-898.99', '900', '1.01'],
    ['filled from a hair above that', '500', '1.01', '501.01'],
    ['left with nothing by trading, right after a deposit', '500', '900', '0'],
  ])('remembers a loss where an account is %s', (_, flow, held, equity) => {
    const lossy = flowed(measured, '0', '900', '900');
    expect(equityGuard(quote(equity), flowed(lossy, flow, held, equity), limits)?.reason).toBe('DAILY_LOSS');
  });

  it('forgets no loss that trading made by the time it has eaten all up', () => {
    const ruined = flowed(measured, '0', '1000', '0.5');
    expect(figures(ruined)).toEqual(['2026-11-20', '1000', '1000']);
  });

  it('leaves the loss of day and peak what it was over any flows, and never a hair smaller', () => {
    const equities = fc.array(decimals(10_001n, 10n ** 12n, 4), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(equities, decimals(1n, 10n ** 8n, 8), ([first = '2', ...others], keeps) => {
        const opened = measureEquity(undefined, snapshotOf(first), undefined);
        let held = quote(scale(quote(first), fraction(keeps)));
        fc.pre(held.gt(1));
        let risk = flowed(opened, '0', text(held), text(held));
        for (const equity of others.map(quote)) {
          const next = flowed(risk, text(minus(equity, held)), text(held), text(equity));
          for (const base of ['dayOpenEquity', 'peakEquity'] as const) {
            expect(next[base].times(held).gte(risk[base].times(equity))).toBe(true);
            const share = equity.div(next[base]);
            expect(share.minus(keeps).abs().lt('1e-20')).toBe(true);
          }
          risk = next;
          held = equity;
        }
      }),
    );
  });

  it.each([
    '0.05',
    '0.25',
  ])('refuses at a hair more than a loss of %s, whatever flowed before and after', (limit) => {
    const amounts = fc.array(decimals(100_000n, 10n ** 10n, 4), { maxLength: 10 });
    const most = { maxDailyLoss: fraction(limit), maxDrawdown: fraction(limit) };
    const kept = fraction(quote('1').minus(limit));
    fc.assert(
      fc.property(decimals(100_000n, 10n ** 10n, 4), amounts, amounts, (first, earlier, later) => {
        const refusedWith = (hair: string) => {
          let risk = measureEquity(undefined, snapshotOf(first), undefined);
          let held = quote(first);
          const flow = (equity: QuoteAmount) => {
            risk = flowed(risk, text(minus(equity, held)), text(held), text(equity));
            held = equity;
          };
          for (const equity of earlier) flow(quote(equity));
          held = plus(scale(held, kept), quote(hair));
          risk = flowed(risk, '0', text(held), text(held));
          const atOnce = equityGuard(held, risk, most)?.reason;
          for (const equity of later) flow(quote(equity));
          return [atOnce, equityGuard(held, risk, most)?.reason];
        };

        expect(refusedWith('0')[0]).toBeUndefined();
        expect(refusedWith('0.00000001')).toEqual([undefined, undefined]);
        expect(refusedWith('-0.00000001')).toEqual(['DAILY_LOSS', 'DAILY_LOSS']);
      }),
    );
  });

  it('opens a new day with what is there, flow and all, and moves the peak alone', () => {
    const next = flowed(measured, '500', '900', '1400', NOON + DAY);
    expect(figures(next)).toEqual(['2026-11-21', '1400', '1555.555555555555555555555555555556']);
  });

  it('is not touched by what is seen between snapshots, be it a new day or a new height', () => {
    const later = observeEquity(measured, seen('9000', NOON + DAY, '70'));
    expect(figures(later)).toEqual(figures(measured));
    expect([text(later.lastEquity), text(later.lastCash), later.lastAt, later.version]).toEqual([
      '9000',
      '70',
      NOON + DAY,
      2,
    ]);
    expect(later.measured).toEqual(measured.measured);
  });

  it('keeps the orders of the last hour', () => {
    const counted = countOrder(measured, order('a', '100'));
    const next = flowed(counted, '0', '1000', '1000');
    expect(next.recentOrders).toEqual([order('a', '100')]);
  });
});

describe('the equity that is judged between snapshots', () => {
  const holdings = [
    { asset: 'USD', total: quantity('100'), price: price('1') },
    { asset: 'BTC', total: quantity('2'), price: price('50') },
    { asset: 'ETH', total: quantity('1'), price: price('10') },
    { asset: 'KFEE', total: quantity('5') },
  ];
  const measured = measureEquity(undefined, { ...seen('210'), holdings }, undefined);
  const prices = new Map([
    ['USD', price('1')],
    ['BTC', price('40')],
  ]);
  const judged = (risk: RiskState, equity: string, at = NOON) =>
    text(tradingEquity(risk, { equity: quote(equity), at }, (asset) => prices.get(asset)));

  it('is what was held at the last one, at the prices of now, else of then', () => {
    expect(judged(measured, '9999')).toBe('190');
    expect(judged(measured, '1')).toBe('190');
  });

  it('is the lower of that and what is seen, where the last one is old', () => {
    expect(judged(measured, '1', NOON + 30 * MINUTE)).toBe('190');
    expect(judged(measured, '1', NOON + 30 * MINUTE + 1)).toBe('1');
    expect(judged(measured, '9999', NOON + DAY)).toBe('190');
  });

  it.each([
    [15, 30],
    [5, 30],
    [20, 40],
    [60, 120],
  ])('serves for two checks, at least half an hour: checked every %i minutes, %i', (every, serves) => {
    const next = {
      ...seen('190'),
      holdings: measured.measured?.holdings ?? [],
      checkEveryMs: every * MINUTE,
    };
    const risk = measureEquity(measured, next, undefined);

    expect(judged(risk, '1', NOON + serves * MINUTE)).toBe('190');
    expect(judged(risk, '1', NOON + serves * MINUTE + 1)).toBe('1');
  });

  it('serves for half an hour where an older version did not note how long', () => {
    const old = { ...fresh, measured: { at: NOON, holdings } };

    expect(judged(old, '1', NOON + 30 * MINUTE)).toBe('190');
    expect(judged(old, '1', NOON + 30 * MINUTE + 1)).toBe('1');
  });

  it('is what is seen, where there never was one', () => {
    expect(judged(fresh, '1234')).toBe('1234');
    expect(text(tradingEquity(undefined, { equity: quote('1234'), at: NOON }, () => undefined))).toBe('1234');
  });
});

describe('the loss guards', () => {
  it.each([
    ['at the floor of the day', '950', '1000', '1000', undefined],
    ['a hair below the floor of the day', '949.99999999', '1000', '1000', 'DAILY_LOSS'],
    ['at the floor of the drawdown', '850', '850', '1000', undefined],
    ['a hair below the floor of the drawdown', '849.99999999', '850', '1000', 'MAX_DRAWDOWN'],
    ['below both floors', '500', '1000', '1000', 'DAILY_LOSS'],
    ['above all it was before', '2000', '1000', '1000', undefined],
  ])('see to an equity %s', (_, equity, dayOpen, peak, reason) => {
    const risk = { dayOpenEquity: quote(dayOpen), peakEquity: quote(peak) };
    expect(equityGuard(quote(equity), risk, limits)?.reason).toBe(reason);
  });

  it('with a limit of 100 % never refuse, with one of 0 % refuse any loss', () => {
    const all = { maxDailyLoss: fraction('1'), maxDrawdown: fraction('1') };
    const none = { maxDailyLoss: fraction('0'), maxDrawdown: fraction('0') };
    expect(equityGuard(quote('0'), fresh, all)).toBeUndefined();
    expect(equityGuard(quote('1000'), fresh, none)).toBeUndefined();
    expect(equityGuard(quote('999.99'), fresh, none)?.reason).toBe('DAILY_LOSS');
  });

  it('let an account buy again on the day after a loss', () => {
    const lossy = observeEquity(fresh, seen('900', NOON + HOUR));
    expect(equityGuard(quote('900'), lossy, limits)?.reason).toBe('DAILY_LOSS');
    const nextDay = observeEquity(lossy, seen('900', NOON + DAY));
    expect(equityGuard(quote('900'), nextDay, limits)).toBeUndefined();
  });
});

describe('the runaway breaker', () => {
  const three = { maxOrdersPerHour: 3, maxHourlyTurnover: fraction('4') };
  const having = (...orders: readonly ReturnType<typeof order>[]): RiskState =>
    orders.reduce(countOrder, fresh);

  it('takes as many BUYs as are allowed in an hour, and not one more', () => {
    const two = having(order('a', '1'), order('b', '1'));
    expect(rateGuard(order('c', '1'), two, quote('1000'), three)).toBeUndefined();
    const full = countOrder(two, order('c', '1'));
    expect(rateGuard(order('d', '1'), full, quote('1000'), three)).toEqual({
      reason: 'ORDER_RATE',
      detail: '3 BUYs within an hour; at most 3',
    });
  });

  it('takes a turnover of exactly the limit, this BUY included, and not a hair more', () => {
    const before = having(order('a', '3000'));
    expect(rateGuard(order('b', '1000'), before, quote('1000'), three)).toBeUndefined();
    expect(rateGuard(order('b', '1000.00000001'), before, quote('1000'), three)?.reason).toBe('ORDER_RATE');
  });

  it('does not hold an order’s own earlier attempt against it, by count or by turnover', () => {
    const full = having(order('a', '1000'), order('b', '1000'), order('c', '2000'));
    expect(rateGuard(order('c', '2000'), full, quote('1000'), three)).toBeUndefined();
  });

  it('counts an order once however often it is tried, at its last size and time', () => {
    const twice = having(order('a', '100'), order('a', '70', NOON + MINUTE));
    expect(twice.recentOrders).toEqual([order('a', '70', NOON + MINUTE)]);
  });

  it('slides: what is an hour old counts no more', () => {
    const full = having(order('a', '1', NOON - HOUR + 1), order('b', '1'), order('c', '1'));
    expect(rateGuard(order('d', '1', NOON), full, quote('1000'), three)?.reason).toBe('ORDER_RATE');
    expect(rateGuard(order('d', '1', NOON + 1), full, quote('1000'), three)).toBeUndefined();
  });

  it('refuses all BUYs where none are allowed, and all of a size where there is no equity', () => {
    expect(rateGuard(order('a', '0'), fresh, quote('1000'), { ...three, maxOrdersPerHour: 0 })?.reason).toBe(
      'ORDER_RATE',
    );
    expect(rateGuard(order('a', '1'), fresh, quote('-5'), three)?.reason).toBe('ORDER_RATE');
  });

  it('never lets the counted BUYs of an hour exceed either limit', () => {
    const attempts = fc.array(
      fc.record({ id: fc.nat(8), notional: decimals(0n, 300_000n, 2), wait: fc.nat(30 * MINUTE) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(attempts, (tries) => {
        let risk = fresh;
        let at = NOON;
        for (const { id, notional, wait } of tries) {
          at += wait;
          const next = order(`order-${id}`, notional, at);
          if (rateGuard(next, risk, quote('1000'), three) === undefined) risk = countOrder(risk, next);
          const window = risk.recentOrders.filter((recent) => at - recent.at < HOUR);
          const turnover = window.reduce((sum, recent) => sum.plus(recent.notional), quote('0').plus(0));
          expect(window.length).toBeLessThanOrEqual(3);
          expect(turnover.lte(4000)).toBe(true);
        }
      }),
    );
  });
});
