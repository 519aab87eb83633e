import * as z from 'zod';
import { minus, quote, text } from '../../money/money.ts';
import { zQuote } from '../../money/schema.ts';
import type { Sale } from '../strategy.ts';

/** How many sales are remembered so that one told again does not count again. */
const REMEMBERED_SALES = 200;

/** Assumed where the memory cannot be read: the smallest sizes, until a position closes with a gain. */
const CAUTIOUS_STREAK = 3;

const zMemory = z.object({
  losingStreak: z.int().min(0),
  /** Profit so far of positions that are partly sold, by symbol. */
  partial: z.record(z.string(), zQuote),
  counted: z.array(z.string()),
});
type Memory = z.output<typeof zMemory>;

const readMemory = (accountState: unknown): Memory => {
  if (accountState === undefined || accountState === null)
    return { losingStreak: 0, partial: {}, counted: [] };
  const parsed = zMemory.safeParse(accountState);
  return parsed.success ? parsed.data : { losingStreak: CAUTIOUS_STREAK, partial: {}, counted: [] };
};

/** Positions closed at a loss in a row, the latest included. */
export const losingStreakOf = (accountState: unknown): number => readMemory(accountState).losingStreak;

const counted = (memory: Memory, sale: Sale): Memory => {
  if (memory.counted.includes(sale.id)) return memory;
  const { [sale.symbol]: before, ...others } = memory.partial;
  const profit = before === undefined ? sale.profit : minus(sale.profit, quote(before.negated()));
  const ids = [...memory.counted, sale.id].slice(-REMEMBERED_SALES);
  if (!sale.closed) {
    return { ...memory, partial: { ...others, [sale.symbol]: profit }, counted: ids };
  }
  return { losingStreak: profit.lt(0) ? memory.losingStreak + 1 : 0, partial: others, counted: ids };
};

/**
 * The account memory after some sales. A position's result is the sum over its sales, judged when it closes: below
 * zero lengthens the losing streak, anything else ends it.
 */
export const settleSales = (accountState: unknown, sales: readonly Sale[]): z.input<typeof zMemory> => {
  const { losingStreak, partial, counted: ids } = sales.reduce(counted, readMemory(accountState));
  return {
    losingStreak,
    partial: Object.fromEntries(Object.entries(partial).map(([symbol, profit]) => [symbol, text(profit)])),
    counted: [...ids],
  };
};
