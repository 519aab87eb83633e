import * as z from 'zod';

const zCause = z.array(z.union([z.string(), z.number()]));

/** Of an order: `copy`, `exit`, `owed`, `protection` or `tick`. @throws ZodError for what is no cause */
export const causeKind = (cause: string | undefined): string | undefined =>
  cause === undefined ? undefined : String(partsOf(cause)[0]);

/** The trade that a copy's order was placed for. */
export const copiedTrade = (cause: string): string | undefined => {
  const [kind, , tradeId] = partsOf(cause);
  return kind === 'copy' ? String(tradeId) : undefined;
};

const partsOf = (cause: string) => zCause.parse(JSON.parse(cause));
