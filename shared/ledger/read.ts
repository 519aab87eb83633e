/** An item as it was read. One that could not be read says why: it fails closed for a BUY and stops no SELL. */
export type Read<T> =
  | { readonly readable: true; readonly value: T }
  | { readonly readable: false; readonly why: string };

/** Runs a read and turns its failure into a value. */
export const attemptRead = async <T>(read: () => Promise<T>): Promise<Read<T>> => {
  try {
    return { readable: true, value: await read() };
  } catch (error) {
    return { readable: false, why: error instanceof Error ? error.message : String(error) };
  }
};
