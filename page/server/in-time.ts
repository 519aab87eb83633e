/** It took longer than who asked can wait. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

/**
 * What `work` gives, if it does within `ms`; it is not stopped by that.
 *
 * @throws TooSlow; what `work` throws in time
 */
export const inTime = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow(`there was no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
