import { describe, expect, it } from 'vitest';
import { quantity } from '../../shared/money/money.ts';
import { watchOver } from '../../shared/protection/watch.ts';
import { HOUR } from '../../shared/time/clock.ts';
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
