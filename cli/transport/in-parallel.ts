/** Does the work for each item, at most `most` at once; results in the items' order. */
export const inParallel = async <Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results = new Map<number, Result>();
  const left = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of left) results.set(at, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
};
