import { Decimal } from 'decimal.js';

/** Exact inside, so that rounding for a screen is the only rounding. */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

/** Quote units with two decimals; what is less than a cent but not nothing keeps its digits. */
export const money = (amount: string): string => {
  const exact = new Exact(amount);
  const shown = exact.toFixed(2);
  return new Exact(shown).isZero() && !exact.isZero() ? exact.toFixed() : shown;
};

/** A quantity or a price with all its digits, none of them idle. */
export const exact = (amount: string): string => new Exact(amount).toFixed();

/** A price as an average may come out: eight significant digits. */
export const average = (amount: string): string => new Exact(amount).toSignificantDigits(8).toFixed();

/** 0.05 as 5 %. */
export const percent = (fraction: string): string => `${new Exact(fraction).times(100).toFixed()} %`;

/** Basis points with one decimal; what rounds to nothing has no sign. */
export const basisPoints = (amount: string): string => {
  const shown = new Exact(amount).toFixed(1);
  return shown === '-0.0' ? '0.0' : shown;
};

/** Milliseconds, as seconds with one decimal where there are some. */
export const duration = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** UTC to the second, `2026-01-31 10:15:00`: it can be sorted, and compared with logs. */
export const moment = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().slice(0, 19).replace('T', ' ');
};

/** `1 account`, `2 accounts`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
