/** One choice for each factor. */
type Row<T> = readonly T[];

/**
 * Rows in which each value of a factor meets each value of every other one at least once; the same rows for the
 * same factors, and far fewer than all there are.
 */
export const pairwise = <T>(factors: readonly (readonly T[])[]): readonly Row<T>[] => {
  const open = new Set(allPairs(factors));
  const rows: Row<T>[] = [];
  for (const pair of open) {
    const row = rowWith(pair, factors, open);
    for (const met of pairsOf(row)) open.delete(met);
    rows.push(row.flatMap((choice, factor) => factors[factor]?.slice(choice, choice + 1) ?? []));
  }
  return rows;
};

/** How many rows there are at all. */
export const productOf = (factors: readonly (readonly unknown[])[]): number =>
  factors.reduce((count, { length }) => count * length, 1);

const pairText = (factor: number, choice: number, other: number, otherChoice: number): string =>
  factor < other
    ? `${factor}=${choice},${other}=${otherChoice}`
    : `${other}=${otherChoice},${factor}=${choice}`;

const allPairs = (factors: readonly (readonly unknown[])[]): readonly string[] =>
  factors.flatMap((choices, factor) =>
    factors
      .slice(factor + 1)
      .flatMap((others, offset) =>
        choices.flatMap((_, choice) =>
          others.map((_other, otherChoice) => pairText(factor, choice, factor + 1 + offset, otherChoice)),
        ),
      ),
  );

const pairsOf = (row: readonly number[]): readonly string[] =>
  row.flatMap((choice, factor) =>
    row
      .slice(factor + 1)
      .map((otherChoice, offset) => pairText(factor, choice, factor + 1 + offset, otherChoice)),
  );

/** Holds the pair; for every other factor the choice with which it meets most that is still open. */
const rowWith = (
  pair: string,
  factors: readonly (readonly unknown[])[],
  open: ReadonlySet<string>,
): readonly number[] => {
  const chosen = new Map(
    pair.split(',').map((part) => {
      const [factor, choice] = part.split('=').map(Number);
      return [factor ?? 0, choice ?? 0] as const;
    }),
  );
  for (const [factor, choices] of factors.entries()) {
    if (chosen.has(factor)) continue;
    const gains = choices.map(
      (_, choice) =>
        [...chosen].filter(([other, otherChoice]) => open.has(pairText(factor, choice, other, otherChoice)))
          .length,
    );
    chosen.set(factor, gains.indexOf(Math.max(...gains)));
  }
  return factors.map((_, factor) => chosen.get(factor) ?? 0);
};
