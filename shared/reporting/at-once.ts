/** Accounts that are read at once: enough that a page takes no longer than a look, few enough not to crowd the table. */
const WIDTH = 12;

/** `act` for each item, `width` at a time; results in the order of the items. Rejects with the first failure. */
export const eachOf = async <T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
  width = WIDTH,
): Promise<readonly R[]> => {
  const results: R[] = new Array<R>(items.length);
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return results;
};
