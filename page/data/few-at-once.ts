/** Runs what it is given, at most so many at a time; the others wait, in the order they came. A failure frees its place. */
export const fewAtOnce = (width: number) => {
  let free = width;
  const waiting: (() => void)[] = [];
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};
