import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fraction, type Price, price, quantity, quote, text } from '../../shared/money/money.ts';
import { trailingThreshold, usableBid } from '../../shared/protection/decide.ts';
import { HOUR } from '../../shared/time/clock.ts';
import { market, NOON } from '../copying/made.ts';
import { check, fired, only, position, seen, settingsOf } from './made-protection.ts';

const first = (bid: string, settings: Record<string, unknown>) =>
  check(undefined, seen(bid), only(settings)).decision;

/** What follows checks at these prices, one after the other; nothing is sold in between. */
const path = (bids: readonly string[], settings: Record<string, unknown>) => {
  let last = check(undefined, seen(bids[0] ?? '1'), only(settings));
  for (const bid of bids.slice(1)) last = check(last.watch, seen(bid), only(settings));
  return last;
};

const LOSSES = [{ rule: 'max-drawdown' as const, because: 'equity fell', numbers: { equity: '80' } }];

describe('the stop loss', () => {
  it('fires at exactly its edge, and not one tick above', () => {
    expect(first('45000', { stopLoss: '0.1' })).toMatchObject({ action: 'SELL', rule: 'stop-loss' });
    expect(first('45000.1', { stopLoss: '0.1' })).toEqual({ action: 'HOLD', reason: 'NO_RULE_FIRES' });
  });

  it('says in words and in figures why it fires', () => {
    expect(first('44000', { stopLoss: '0.1' })).toEqual({
      action: 'SELL',
      rule: 'stop-loss',
      because: 'the bid 44000 is at or below 45000, average cost less 0.1 of it',
      numbers: {
        price: '44000',
        threshold: '45000',
        averageCost: '50000',
        costBasis: '50000',
        position: '1',
        held: '1',
        stopLoss: '0.1',
      },
    });
  });

  it('is the default, ten percent below cost', () => {
    expect(check(undefined, seen('45000'), settingsOf()).decision).toMatchObject({ rule: 'stop-loss' });
    expect(check(undefined, seen('45000.1'), settingsOf()).decision).toMatchObject({ action: 'HOLD' });
  });

  it('fires for any position, cost and stop at or below the edge, and never above', () => {
    const figures = fc.record({
      units: fc.integer({ min: 1, max: 10 ** 9 }),
      cost: fc.integer({ min: 1, max: 10 ** 9 }),
      stop: fc.integer({ min: 1, max: 99 }),
      ticks: fc.integer({ min: -50, max: 50 }),
    });
    fc.assert(
      fc.property(figures, ({ units, cost, stop, ticks }) => {
        const held = quantity(`${units}`).div(1_000);
        const now = position({ quantity: quantity(held), costBasis: quote(`${cost}`) });
        const edge = now.costBasis
          .times(100 - stop)
          .div(100)
          .div(now.quantity);
        const bid = edge.toDecimalPlaces(1).plus(`${ticks}`.concat('e-1'));
        fc.pre(bid.gt(0));

        const { decision } = check(
          undefined,
          seen(bid.toFixed(), {
            position: now,
            market: market('BTC/USD', { minimumQuantity: quantity('0'), minimumCost: quote('0') }),
          }),
          only({ stopLoss: `${stop}e-2` }),
        );

        const below = bid
          .times(now.quantity)
          .times(100)
          .lte(now.costBasis.times(100 - stop));
        expect(decision.action).toBe(below ? 'SELL' : 'HOLD');
      }),
    );
  });
});

describe('a price', () => {
  it('that is missing sells nothing by any rule that goes by it', () => {
    const settings = settingsOf({
      trailing: { activateAt: '0.00001', distance: '0.01' },
      takeProfit: [{ at: '0.0001', sell: '0.5' }],
    });
    const { watch } = check(undefined, seen('50001'), settings);

    const later = seen(undefined, { at: NOON + 100 * HOUR });

    expect(check(watch, later, settings, LOSSES).decision).toEqual({ action: 'HOLD', reason: 'NO_PRICE' });
  });

  it('is not asked by the rule that goes by time, but by the market, which takes no order when delisted', () => {
    const settings = settingsOf({ maxHoldingHours: 1 });
    const { watch } = check(undefined, seen('50000'), settings);
    const gone = { market: market('BTC/USD', { status: 'delisted' }) };
    const heldFor = (hours: number, changes: Parameters<typeof seen>[1] = {}) =>
      check(watch, seen(undefined, { at: NOON + hours * HOUR, ...changes }), settings).decision;

    expect(heldFor(0.9)).toEqual({ action: 'HOLD', reason: 'NO_PRICE' });
    expect(heldFor(1)).toMatchObject({ action: 'SELL', rule: 'max-holding', numbers: { position: '1' } });
    expect(heldFor(1)).not.toHaveProperty('numbers.price');
    expect(heldFor(1, gone)).toEqual({ action: 'HOLD', reason: 'NO_PRICE' });
    expect(heldFor(1, { held: quantity('0') })).toEqual({ action: 'HOLD', reason: 'NO_PRICE' });
  });

  it.each(['0', '-1', 'NaN', 'Infinity'])('of %s is none', (absurd) => {
    const bid = Object.assign(price('1').times(0).plus(absurd)) as unknown as Price;
    expect(usableBid(bid)).toBeUndefined();
    expect(usableBid(undefined)).toBeUndefined();
    expect(usableBid(price('0.1'))?.toFixed()).toBe('0.1');
  });
});

describe('a trailing stop', () => {
  const trailing = { trailing: { activateAt: '0.05', distance: '0.02' } };

  it('does nothing before the price was far enough above cost', () => {
    expect(path(['52499.9', '40000'], trailing).decision).toMatchObject({ action: 'HOLD' });
    expect(path(['52500', '51450'], trailing).decision).toMatchObject({ rule: 'trailing-stop' });
  });

  it('fires at exactly its distance below the best price seen, and not one tick above', () => {
    expect(path(['50000', '60000', '58800.1'], trailing).decision).toMatchObject({ action: 'HOLD' });
    expect(path(['50000', '60000', '58800'], trailing).decision).toMatchObject({
      rule: 'trailing-stop',
      numbers: { bestPrice: '60000', threshold: '58800', price: '58800', bestGain: '0.2' },
    });
  });

  it('stays active where more is bought at a higher price', () => {
    const { watch } = path(['50000', '52500'], trailing);
    const dearer = position({ quantity: quantity('2'), costBasis: quote('110000'), version: 2 });

    const { decision } = check(watch, seen('51450', { position: dearer }), only(trailing));

    expect(decision).toMatchObject({ rule: 'trailing-stop' });
  });

  it('never falls, and fires at the first price at or below it', () => {
    const prices = fc.array(fc.integer({ min: 10_000, max: 100_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 99 }), (bids, percent) => {
        const distance = `${percent}e-2`;
        const settings = only({ trailing: { activateAt: '0.05', distance } });
        let watch = check(undefined, seen(`${bids[0]}`), settings).watch;
        let stop = 0;
        let best = 0;
        for (const bid of bids) {
          const now = check(watch, seen(`${bid}`), settings);
          best = Math.max(best, bid);
          const threshold = trailingThreshold(now.watch?.bestPrice ?? price('1'), {
            distance: fraction(distance),
          }).toNumber();
          expect(threshold).toBeGreaterThanOrEqual(stop);
          expect(now.watch?.bestPrice?.toNumber()).toBe(best);
          const fires = best >= 52_500 && bid * 100 <= best * (100 - percent);
          expect(now.decision.action).toBe(fires ? 'SELL' : 'HOLD');
          stop = threshold;
          watch = now.watch;
        }
      }),
    );
  });
});

describe('take profit', () => {
  const levels = {
    takeProfit: [
      { at: '0.05', sell: '0.5' },
      { at: '0.1', sell: '0.25' },
    ],
  };

  it('fires at exactly a level, and not one tick below', () => {
    expect(first('52499.9', levels)).toMatchObject({ action: 'HOLD' });
    expect(first('52500', levels)).toMatchObject({ rule: 'take-profit', level: '0.05' });
  });

  it('sells its share of the position as it was when the level was reached', () => {
    const reached = check(undefined, seen('52500'), only(levels));
    const less = position({ quantity: quantity('0.8'), costBasis: quote('40000'), version: 2 });

    const later = check(reached.watch, seen('52500', { position: less }), only(levels));

    expect(later.decision).toMatchObject({ numbers: { positionThen: '1', sell: '0.5', position: '0.8' } });
    expect(later.decision.action === 'SELL' && later.decision.most?.toFixed()).toBe('0.5');
  });

  it('sells once per level, also where the price comes back again and again', () => {
    const reached = check(undefined, seen('52500'), only(levels));
    const once = fired(reached.watch, '0.05');

    expect(check(once, seen('54000'), only(levels)).decision).toMatchObject({ action: 'HOLD' });
    const fallen = check(once, seen('51000'), only(levels)).watch;
    expect(check(fallen, seen('53000'), only(levels)).decision).toMatchObject({ action: 'HOLD' });
    expect(check(fallen, seen('55000'), only(levels)).decision).toMatchObject({ level: '0.1' });
  });

  it('takes two levels that were reached at once one after the other, each of what was held then', () => {
    const both = check(undefined, seen('56000'), only(levels));
    const half = position({ quantity: quantity('0.5'), costBasis: quote('25000'), version: 2 });

    const second = check(fired(both.watch, '0.05'), seen('56000', { position: half }), only(levels));

    expect(both.decision).toMatchObject({ level: '0.05' });
    expect(second.decision).toMatchObject({ level: '0.1', numbers: { positionThen: '1' } });
    expect(second.decision.action === 'SELL' && second.decision.most?.toFixed()).toBe('0.25');
  });

  it('sells all where the rest alone could not be sold', () => {
    const rules = market('BTC/USD', { minimumQuantity: quantity('0.6') });

    const { decision } = check(undefined, seen('52500', { market: rules }), only(levels));

    expect(decision).toMatchObject({ rule: 'take-profit', level: '0.05' });
    expect(decision).not.toHaveProperty('most');
  });

  it('never sells more than is left, whatever the levels and the order of prices', () => {
    const levelsOf = fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 })
      .chain((ats) =>
        fc.tuple(
          fc.constant(ats.sort((a, b) => a - b)),
          fc.array(fc.integer({ min: 1, max: 100 }), { minLength: ats.length, maxLength: ats.length }),
        ),
      );
    const bids = fc.array(fc.integer({ min: 45_001, max: 120_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(levelsOf, bids, ([ats, sells], prices) => {
        const takeProfit = ats.map((at, index) => ({ at: `${at}e-2`, sell: `${sells[index]}e-2` }));
        const settings = only({ takeProfit });
        let now = position();
        let watch: ReturnType<typeof check>['watch'];
        const done: string[] = [];
        for (const bid of prices) {
          for (;;) {
            const step = check(watch, seen(`${bid}`, { position: now }), settings);
            watch = step.watch;
            if (step.decision.action === 'HOLD') break;
            const { level, most } = step.decision;
            expect(done).not.toContain(level);
            done.push(level ?? 'none');
            expect((most ?? now.quantity).lte(now.quantity)).toBe(true);
            const left = quantity(most === undefined ? '0' : now.quantity.minus(most));
            watch = fired(watch, level);
            now = { ...now, quantity: left, costBasis: quote(left.times(50_000)), version: now.version + 1 };
            if (left.isZero()) return;
          }
        }
      }),
    );
  });
});

describe('the longest holding time', () => {
  it('is over at exactly its last moment, and not a millisecond before', () => {
    const settings = only({ maxHoldingHours: 24 });
    const { watch } = check(undefined, seen('50000'), settings);
    const at = (now: number) => check(watch, seen('50000', { at: now }), settings).decision;

    expect(at(NOON + 24 * HOUR - 1)).toMatchObject({ action: 'HOLD' });
    expect(at(NOON + 24 * HOUR)).toMatchObject({ rule: 'max-holding' });
  });
});

describe('where several rules fire', () => {
  const all = {
    stopLoss: '0.1',
    trailing: { activateAt: '0.05', distance: '0.02' },
    takeProfit: [{ at: '0.05', sell: '0.5' }],
    maxHoldingHours: 1,
  };

  it('the stop loss goes before a loss of equity, the trailing stop, take profit and the holding time', () => {
    const later = { at: NOON + HOUR };
    const { watch } = check(undefined, seen('60000'), only(all));
    const rule = (bid: string, losses: typeof LOSSES | [] = [], settings: Record<string, unknown> = all) => {
      const { decision } = check(watch, seen(bid, later), only(settings), losses);
      return decision.action === 'SELL' ? decision.rule : decision.reason;
    };

    expect(rule('45000', LOSSES)).toBe('stop-loss');
    expect(rule('58800', LOSSES)).toBe('max-drawdown');
    expect(rule('58800')).toBe('trailing-stop');
    expect(rule('59000')).toBe('take-profit');
    expect(rule('59000', [], { maxHoldingHours: 1 })).toBe('max-holding');
    expect(rule('59000', [], {})).toBe('NO_RULE_FIRES');
  });

  it('a loss of equity carries its own numbers and the position’s', () => {
    const { decision } = check(undefined, seen('50000'), only({}), LOSSES);
    expect(decision).toMatchObject({
      rule: 'max-drawdown',
      because: 'equity fell',
      numbers: { equity: '80', price: '50000', position: '1' },
    });
  });
});

describe('nothing is sold', () => {
  it('where protection is off', () => {
    const off = settingsOf({ enabled: false, maxHoldingHours: 1 });
    const { watch } = check(undefined, seen('50000'), settingsOf());
    const { decision } = check(watch, seen('1', { at: NOON + 2 * HOUR }), off, LOSSES);
    expect(decision).toEqual({ action: 'HOLD', reason: 'OFF' });
  });

  it('where the exchange holds nothing of it', () => {
    const { watch } = check(undefined, seen('50000'), settingsOf());
    const gone = seen('1', { held: quantity('0') });
    expect(check(watch, gone, settingsOf()).decision).toEqual({ action: 'HOLD', reason: 'NOTHING_SELLABLE' });
  });

  it('where the position is too small for the market', () => {
    const dust = position({ quantity: quantity('0.00001'), costBasis: quote('0.5') });
    const { decision, watch } = check(undefined, seen('1', { position: dust }), settingsOf());
    expect([decision, watch]).toEqual([{ action: 'HOLD', reason: 'NOTHING_SELLABLE' }, undefined]);
  });

  it('by a rule that needs a cost, where the cost is not known', () => {
    const free = position({ costBasis: quote('0') });
    const settings = settingsOf({
      takeProfit: [{ at: '0.05', sell: '1' }],
      trailing: { activateAt: '0.05', distance: '0.5' },
    });
    const { decision, watch } = check(undefined, seen('50000', { position: free }), settings);
    expect(decision).toEqual({ action: 'HOLD', reason: 'NO_COST' });
    expect(check(watch, seen('1', { position: free }), settings).decision).toMatchObject({ action: 'HOLD' });
    expect(text(watch?.bestPrice ?? price('1'))).toBe('50000');
  });
});

describe('a position whose cost is not known', () => {
  const free = position({ costBasis: quote('0') });

  it.each([
    ['a stop loss', { stopLoss: '0.1' }, 'NO_COST'],
    ['a trailing stop', { trailing: { activateAt: '0.05', distance: '0.5' } }, 'NO_COST'],
    ['a level to take profit at', { takeProfit: [{ at: '0.05', sell: '1' }] }, 'NO_COST'],
    ['only a time', { maxHoldingHours: 1 }, 'NO_RULE_FIRES'],
  ])('is told as not judged where its owner has set %s', (_rule, settings, reason) => {
    expect(check(undefined, seen('1', { position: free }), only(settings)).decision).toEqual({
      action: 'HOLD',
      reason,
    });
  });

  it('is told so of no position whose cost is known', () => {
    expect(first('50000', { stopLoss: '0.1' })).toEqual({ action: 'HOLD', reason: 'NO_RULE_FIRES' });
  });
});

describe('a level of which all was sold by an exit that was given up', () => {
  it('sells nothing more, and lets the next one fire', () => {
    const settings = only({
      takeProfit: [
        { at: '0.05', sell: '0.5' },
        { at: '0.1', sell: '0.5' },
      ],
    });
    const { watch } = check(undefined, seen('56000'), settings);
    const sold = watch && {
      ...watch,
      levels: watch.levels.map((level) =>
        level.at === '0.05' ? { ...level, sold: quantity('0.5') } : level,
      ),
    };

    expect(check(sold, seen('56000'), settings).decision).toMatchObject({
      rule: 'take-profit',
      level: '0.1',
    });
  });
});

describe('a level of which a part was sold by an exit that was given up', () => {
  it('sells the rest of it, and says what was sold already', () => {
    const settings = only({ takeProfit: [{ at: '0.05', sell: '0.5' }] });
    const { watch } = check(undefined, seen('53000'), settings);
    const partly = watch && {
      ...watch,
      levels: watch.levels.map((level) => ({ ...level, sold: quantity('0.2') })),
    };

    const { decision } = check(partly, seen('53000'), settings);

    expect(decision).toMatchObject({ level: '0.05', numbers: { alreadySold: '0.2' } });
    expect(decision.action === 'SELL' && decision.most?.toFixed()).toBe('0.3');
  });
});
