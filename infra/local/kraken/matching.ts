import type { Level } from './book-side.ts';
import { Decimal, ZERO } from './decimal.ts';

export interface Match {
  readonly price: Decimal;
  readonly volume: Decimal;
}

/** Takes levels until `wanted` (base units, or quote units where `inQuote`) is reached or the limit passed. */
export const match = (
  levels: Iterable<Level>,
  side: 'buy' | 'sell',
  wanted: Decimal,
  limit: Decimal | undefined,
  inQuote: boolean,
  lotDecimals: number,
): readonly Match[] => {
  const matches: Match[] = [];
  let left = wanted;
  for (const level of levels) {
    if (left.lte(0)) break;
    if (limit !== undefined && (side === 'buy' ? level.price.gt(limit) : level.price.lt(limit))) break;
    const most = inQuote ? left.div(level.price).toDecimalPlaces(lotDecimals, Decimal.ROUND_DOWN) : left;
    const volume = Decimal.min(most, level.volume);
    if (volume.isZero()) break;
    matches.push({ price: level.price, volume });
    left = left.minus(inQuote ? volume.times(level.price) : volume);
  }
  return matches;
};

/** Price × volume of all. */
export const total = (matches: readonly Match[]): Decimal =>
  matches.reduce((sum, { price, volume }) => sum.plus(price.times(volume)), ZERO);
