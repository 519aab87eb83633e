import { describe, expect, it } from 'vitest';
import { quantity, quote } from '../../shared/money/money.ts';
import { isWatching, watchOver } from '../../shared/protection/watch.ts';
import { DAY, HOUR } from '../../shared/time/clock.ts';
import { NOON } from '../copying/made.ts';
import { position, seen, settingsOf } from './made-protection.ts';

const settings = settingsOf({ takeProfit: [{ at: '0.05', sell: '0.5' }] });
const watched = watchOver(undefined, seen('60000'), settings);
const dust = position({ quantity: quantity('0.00001'), version: 2 });

describe('the watch over a position', () => {
  it('begins with the position, and remembers the best price and the levels reached', () => {
    expect(watched).toMatchObject({ openedAt: NOON, since: NOON, over: false, version: 0 });
    expect(watched?.bestPrice?.toFixed()).toBe('60000');
    expect(watched?.levels).toMatchObject([{ at: '0.05', fired: false }]);
  });

  it('is the same object where nothing is new: nothing is written then', () => {
    expect(watchOver(watched, seen('60000'), settings)).toBe(watched);
    expect(watchOver(watched, seen('10000'), settings)).toBe(watched);
    expect(watchOver(watched, seen(undefined), settings)).toBe(watched);
    expect(watchOver(watched, seen('60000.1'), settings)).not.toBe(watched);
  });

  it('begins anew with another position, and forgets prices and levels of the one before', () => {
    const next = position({ openedAt: NOON + HOUR });
    const anew = watchOver(watched, seen('50000', { position: next, at: NOON + 2 * HOUR }), settings);

    expect(anew).toMatchObject({ openedAt: NOON + HOUR, since: NOON + HOUR, levels: [], over: false });
    expect(anew?.bestPrice?.toFixed()).toBe('50000');
  });

  it('does not begin while there is no price', () => {
    expect(watchOver(undefined, seen(undefined), settings)).toBeUndefined();
  });

  it('is over where only what cannot be sold is left, and begins anew where there is more again', () => {
    const over = watchOver(watched, seen('60000', { position: dust }), settings);
    const still = watchOver(over, seen('60000', { position: dust }), settings);
    const more = seen('50000', { position: position({ version: 3 }), at: NOON + HOUR });

    expect(over).toMatchObject({ over: true });
    expect(still).toBe(over);
    expect(watchOver(over, more, settings)).toMatchObject({
      openedAt: NOON,
      since: NOON + HOUR,
      over: false,
      levels: [],
    });
  });

  it('is not over because a balance shows nothing for a moment', () => {
    const blink = watchOver(watched, seen('60000', { held: quantity('0') }), settings);
    expect(blink).toBe(watched);
  });

  it('never begins twice at one time, also where clocks go back', () => {
    const over = watched && { ...watched, since: NOON + 5, over: true };
    expect(watchOver(over, seen('50000', { at: NOON }), settings)?.since).toBe(NOON + 6);
  });

  it('does not forget an exit that is being carried out, also where another position is there', () => {
    const running = watched && { ...watched, running: 'an exit' };
    const other = seen('50000', { position: position({ openedAt: NOON + HOUR }) });
    expect(watchOver(running, other, settings)).toBe(running);
  });
});

describe('a watch', () => {
  it('is about its own position, while that is not over', () => {
    expect(isWatching(watched, position())).toBe(true);
    expect(isWatching(watched, position({ openedAt: NOON + HOUR }))).toBe(false);
    expect(isWatching(watched && { ...watched, over: true }, position())).toBe(false);
    expect(isWatching(undefined, position())).toBe(false);
  });

  it('takes a level that its owner adds as reached, at a price that was seen before, too', () => {
    const none = watchOver(undefined, seen('60000'), settingsOf());

    expect(watchOver(none, seen('60000'), settings)?.levels).toMatchObject([{ at: '0.05', fired: false }]);
  });

  it('keeps each level once, with what was held when it was reached', () => {
    const more = position({ quantity: quantity('2'), costBasis: quote('100000'), version: 2 });

    const later = watchOver(watched, seen('70000', { position: more }), settings);

    expect(later?.levels).toEqual([{ at: '0.05', position: quantity('1'), fired: false }]);
  });

  it('knows no gain where the cost is not known, and the best price all the same', () => {
    const free = position({ costBasis: quote('0') });

    const first = watchOver(undefined, seen('50000', { position: free }), settings);

    expect(first).not.toHaveProperty('bestGain');
    expect(watchOver(first, seen('50000', { position: free }), settings)).toBe(first);
    expect(watchOver(first, seen('50001', { position: free }), settings)?.bestPrice?.toFixed()).toBe('50001');
  });

  it('keeps the best gain where more was bought at a higher price', () => {
    const dearer = position({ costBasis: quote('59000'), version: 2 });

    const later = watchOver(watched, seen('60000', { position: dearer }), settings);

    expect(later?.bestGain?.toFixed()).toBe('0.2');
  });

  it('sees a gain grow at one price, where what was bought has cost less', () => {
    const cheaper = position({ costBasis: quote('40000'), version: 2 });

    const later = watchOver(watched, seen('60000', { position: cheaper }), settings);

    expect(later?.bestGain?.toFixed()).toBe('0.5');
  });
});

describe('what the exchange has called too little', () => {
  const over = watched && {
    ...watched,
    over: true,
    tooLittle: { quantity: quantity('1'), until: NOON + DAY },
  };
  const later = (changes: Parameters<typeof seen>[1] = {}) =>
    watchOver(over, seen('50000', { at: NOON + HOUR, ...changes }), settings);

  it('is not watched again for a day', () => {
    expect(later()).toBe(over);
    expect(later({ at: NOON + DAY - 1 })).toBe(over);
    expect(later({ at: NOON + DAY })).toMatchObject({ over: false });
  });

  it('is watched again where there is more of it', () => {
    expect(later({ position: position({ quantity: quantity('1.1') }) })).toMatchObject({ over: false });
  });

  it('is judged by what is there, not by what the ledger has', () => {
    const more = position({ quantity: quantity('1.1') });

    expect(later({ position: more, held: quantity('1') })).toBe(over);
  });

  it('is forgotten with another position', () => {
    expect(later({ position: position({ openedAt: NOON + 1 }) })).toMatchObject({ over: false });
  });
});
