import * as z from 'zod';

const zFailures = z.array(z.looseObject({ itemIdentifier: z.string() })).nullable();

/**
 * Which items a function says it did not manage, by position. As Lambda does: no list means none, and a
 * list that is malformed or names an unknown item means all.
 */
export const failedItems = (response: unknown, identifiers: readonly string[]): ReadonlySet<number> => {
  if (typeof response !== 'object' || response === null || !('batchItemFailures' in response))
    return new Set();
  const parsed = zFailures.safeParse(response.batchItemFailures);
  const all = new Set(identifiers.keys());
  if (!parsed.success) return all;
  const failed = new Set<number>();
  for (const { itemIdentifier } of parsed.data ?? []) {
    const index = identifiers.indexOf(itemIdentifier);
    if (index < 0) return all;
    failed.add(index);
  }
  return failed;
};
