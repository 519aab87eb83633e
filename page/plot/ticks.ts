/** Evenly spaced round numbers around what is plotted; the plot reaches from the first to the last. */
export interface Ticks {
  readonly low: number;
  readonly high: number;
  /** Rising. */
  readonly at: readonly number[];
}

const STEPS = [1, 2, 2.5, 5, 10] as const;

/**
 * @param low finite, and not above `high`
 * @param intervals about how many; at least 1
 */
export const ticksOver = (low: number, high: number, intervals: number): Ticks => {
  const size = Math.max(Math.abs(low), Math.abs(high), SMALLEST);
  const [from, to] = high - low < size * ALIKE ? around(low, size) : [low, high];
  const step = roundStep((to - from) / intervals);
  const first = Math.floor(from / step + ROUNDING);
  const last = Math.max(first + 1, Math.ceil(to / step - ROUNDING));
  const at = Array.from({ length: last - first + 1 }, (_, index) => cleaned((first + index) * step));
  return { low: cleaned(first * step), high: cleaned(last * step), at };
};

/** What binary floats may be off by; a bound that is a tick shall not add another. */
const ROUNDING = 1e-9;

/** Values that differ by less than this share of their size are drawn as one. */
const ALIKE = 1e-6;
const SMALLEST = 1e-6;

/** One value alone stands in the middle. */
const around = (value: number, size: number): readonly [number, number] => [
  value - size / 100,
  value + size / 100,
];

const roundStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((candidate) => candidate >= rough / power - ROUNDING) ?? 10;
  return factor * power;
};

const cleaned = (value: number): number => Number(value.toPrecision(12));
