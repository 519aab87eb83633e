import { describe, expect, it } from 'vitest';
import { quote } from '../../../shared/money/money.ts';
import { losingStreakOf, settleSales } from '../../../shared/strategy/apex/memory.ts';
import { BTC, ETH } from '../made.ts';

const sale = (id: string, profit: string, closed = true, symbol = BTC) => ({
  id,
  symbol,
  profit: quote(profit),
  closed,
});

describe('the losing streak', () => {
  it.each([
    ['is zero without a memory', [], 0],
    ['grows with each losing position', [sale('1', '-1'), sale('2', '-0.01')], 2],
    ['ends with a gain', [sale('1', '-1'), sale('2', '1')], 0],
    ['ends with neither gain nor loss', [sale('1', '-1'), sale('2', '0')], 0],
    ['counts a sale told twice once', [sale('1', '-1'), sale('1', '-1')], 1],
    ['waits until a position is closed', [sale('1', '-1', false)], 0],
    ['judges the sum of the sales of a position', [sale('1', '5', false), sale('2', '-4')], 0],
    ['judges it also when it is a loss', [sale('1', '3', false), sale('2', '-4')], 1],
    ['keeps positions apart', [sale('1', '5', false, ETH), sale('2', '-4')], 1],
    ['forgets the parts of a closed position', [sale('1', '5', false), sale('2', '1'), sale('3', '-1')], 1],
  ])('%s', (_, sales, streak) => {
    const state = settleSales(undefined, sales);

    expect(losingStreakOf(JSON.parse(JSON.stringify(state)))).toBe(streak);
  });

  it('is the same told at once or one by one', () => {
    const sales = [sale('1', '5', false), sale('2', '-6'), sale('3', '-1'), sale('4', '2', false)];

    const oneByOne = sales.reduce<unknown>((state, it) => settleSales(state, [it]), undefined);

    expect(oneByOne).toEqual(settleSales(undefined, sales));
    expect(settleSales(oneByOne, sales)).toEqual(oneByOne);
  });

  it.each([undefined, null])('starts with nothing counted from a memory that is %s', (memory) => {
    expect(losingStreakOf(memory)).toBe(0);
    expect(settleSales(memory, [])).toEqual({ losingStreak: 0, partial: {}, counted: [] });
  });

  it('remembers the last two hundred sales, and no more', () => {
    const ids = Array.from({ length: 201 }, (_, i) => String(i));

    const state = settleSales(
      undefined,
      ids.map((id) => sale(id, '1')),
    );

    expect(state.counted).toEqual(ids.slice(1));
  });

  it('is taken as long where the memory cannot be read', () => {
    expect(losingStreakOf({ losingStreak: 'many' })).toBe(3);
    expect(settleSales('broken', [])).toEqual({ losingStreak: 3, partial: {}, counted: [] });
    expect(losingStreakOf(settleSales('broken', [sale('1', '-1')]))).toBe(4);
    expect(losingStreakOf(settleSales('broken', [sale('1', '1')]))).toBe(0);
  });
});
