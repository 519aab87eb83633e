import { lessAtMost, plus, type Quantity, text } from '../money/money.ts';
import type { Holding } from './holdings.ts';

/** What to do about an asset of which less is held than is managed. */
export type Verdict =
  | { readonly kind: 'CLOSE'; readonly because: 'OWN_SALE' | 'PHANTOM'; readonly why: string }
  | { readonly kind: 'REDUCE'; readonly to: Quantity; readonly why: string }
  | { readonly kind: 'DRIFT'; readonly why: string };

/**
 * A position shrinks only on evidence: executions of the owner's own that explain exactly what is missing, or
 * coins that were gone at two checks well apart. Mere absence is not believed at once: a balance may lag.
 *
 * @param ownSold see ownSalesOf
 * @param goneBefore an earlier check, long enough ago, found them gone, too
 */
export const judgeShortfall = (
  { asset, positions, held, missing, step, gone }: Holding,
  ownSold: Quantity,
  goneBefore: boolean,
): Verdict => {
  const explained = within(ownSold, missing, step);
  const sold = `the owner's own sales account for ${text(ownSold)} ${asset} of the missing ${text(missing)}`;
  if (gone && explained) return { kind: 'CLOSE', because: 'OWN_SALE', why: sold };
  if (gone && goneBefore) {
    const rest = ownSold.isZero()
      ? 'no trade explains it: withdrawn or moved'
      : `${sold}: the rest was moved`;
    return { kind: 'CLOSE', because: 'PHANTOM', why: `${text(held)} ${asset} is left, and ${rest}` };
  }
  if (gone)
    return { kind: 'DRIFT', why: 'nothing to sell is left: closed if the next checks find it so, too' };
  if (!explained) return { kind: 'DRIFT', why: sold };
  const [only, ...others] = positions;
  if (only === undefined || others.length > 0)
    return { kind: 'DRIFT', why: `${sold}, but not of which of the positions` };
  return { kind: 'REDUCE', to: held, why: sold };
};

const within = (a: Quantity, b: Quantity, step: Quantity): boolean =>
  plus(lessAtMost(a, b), lessAtMost(b, a)).lte(step);
