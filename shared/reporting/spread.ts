/** Figures that occurred, and how they lie. */
export interface Spread<T> {
  readonly count: number;
  readonly min: T;
  readonly median: T;
  readonly p95: T;
  readonly max: T;
  readonly values: T[];
}

/**
 * By nearest rank: the q-th of n figures is the ⌈q × n⌉-th smallest, so each is one of them and none is interpolated.
 *
 * @returns null of nothing
 */
export const spreadOf = <T>(figures: readonly T[], compare: (a: T, b: T) => number): Spread<T> | null => {
  const values = [...figures].sort(compare);
  const at = (rank: number): T | undefined => values[Math.min(values.length, Math.max(1, rank)) - 1];
  const ofHundred = (percent: number): T | undefined => at(Math.ceil((percent * values.length) / 100));
  const [min, median, p95, max] = [at(1), ofHundred(50), ofHundred(95), at(values.length)];
  if (min === undefined || median === undefined || p95 === undefined || max === undefined) return null;
  return { count: values.length, min, median, p95, max, values };
};
