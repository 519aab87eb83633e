import { plus, type Quantity, text } from '../money/money.ts';
import type { Holding } from './holdings.ts';

/** What to do about an asset of which less is held than is managed. */
export type Verdict =
  | { readonly kind: 'CLOSE'; readonly because: 'OWN_SALE' | 'PHANTOM'; readonly why: string }
  | { readonly kind: 'REDUCE'; readonly to: Quantity; readonly why: string }
  | { readonly kind: 'DRIFT'; readonly why: string };

/** What the owner sold past Nija since the positions were opened (see own-trades.ts), or why that is not known. */
export type OwnSales =
  | { readonly known: true; readonly sold: Quantity }
  | { readonly known: false; readonly why: string };

/**
 * A position shrinks only on evidence: executions of the owner's own that account for what is missing, or coins that
 * were gone at two checks well apart, also where the owner's executions cannot be read. Mere absence is not believed at
 * once: a balance may lag. An owner who had coins beside the position may have sold more than is missing.
 *
 * @param goneBefore an earlier check, long enough ago, found them gone, too
 */
export const judgeShortfall = (
  { asset, positions, held, missing, step, gone }: Holding,
  own: OwnSales,
  goneBefore: boolean,
): Verdict => {
  const sold = own.known
    ? `the owner's own sales account for ${text(own.sold)} ${asset} of the missing ${text(missing)}`
    : `whether the owner sold it is not known: ${own.why}`;
  const explained = own.known && plus(own.sold, step).gte(missing);
  if (gone && explained) return { kind: 'CLOSE', because: 'OWN_SALE', why: sold };
  if (gone && goneBefore) {
    const rest = !own.known
      ? sold
      : own.sold.isZero()
        ? 'no trade explains it: withdrawn or moved'
        : `${sold}: the rest was moved`;
    return { kind: 'CLOSE', because: 'PHANTOM', why: `${text(held)} ${asset} is left, and ${rest}` };
  }
  if (gone) {
    const untold = own.known ? '' : `; ${sold}`;
    const why = `nothing to sell is left: closed if the next checks find it so, too${untold}`;
    return { kind: 'DRIFT', why };
  }
  if (!explained) return { kind: 'DRIFT', why: sold };
  const [only, ...others] = positions;
  if (only === undefined || others.length > 0)
    return { kind: 'DRIFT', why: `${sold}, but not of which of the positions` };
  return { kind: 'REDUCE', to: held, why: sold };
};
