/** One measured thing: the median of its samples, with the least and the most. */
export interface Figure {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

/** @param share between 0 and 1; the nearest sample at or above it. @throws RangeError without samples */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('there is nothing to take a percentile of: no samples');
  return value;
};

export const figure = (group: string, name: string, unit: string, samples: readonly number[]): Figure => ({
  group,
  name,
  unit,
  median: percentile(samples, 0.5),
  min: percentile(samples, 0),
  max: percentile(samples, 1),
  samples: samples.length,
});

const shown = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });

const COLUMNS = ['', 'median', 'min', 'max', 'unit', 'samples'] as const;

/** A table with one line for each figure, under the name of its group. */
export const table = (figures: readonly Figure[]): string => {
  const rows = figures.map(({ name, median, min, max, unit, samples }) => [
    `  ${name}`,
    shown(median),
    shown(min),
    shown(max),
    unit,
    String(samples),
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  let group = '';
  const lines = figures.flatMap((one, index) => {
    const row = line(rows[index] ?? []);
    if (one.group === group) return [row];
    group = one.group;
    return ['', group, row];
  });
  return [line(COLUMNS), ...lines].join('\n');
};

export interface Spent {
  readonly ms: number;
  /** Of this process, all its threads. */
  readonly cpuMs: number;
}

/** What a piece of work takes, by the wall and of this process's own CPU. */
export const measured = async <T>(run: () => Promise<T>): Promise<Spent & { readonly result: T }> => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, result };
};
