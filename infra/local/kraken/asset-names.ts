import type { Listing } from './pairs.ts';

/**
 * The exchange's name of an asset: `BTC` → `XXBT`, `BTC.F` (its reward variant) → `XBT.F`. An asset that no
 * pair trades keeps its name.
 * @throws TypeError unless it looks like an asset
 */
export const assetId = (listing: Listing, name: string): string => {
  if (!/^[A-Z0-9]{1,16}(\.[A-Z]{1,4})?$/.test(name)) {
    throw new TypeError(`an asset looks like BTC or BTC.F (given '${name.slice(0, 40)}')`);
  }
  const [plain = name, variant] = name.split('.');
  const known = listing.asset(plain);
  if (known === undefined) return name;
  return variant === undefined ? known.id : `${known.altname}.${variant}`;
};

/** The unified code: `XXBT` → `BTC`, `XBT.F` → `BTC.F`. */
export const assetCode = (listing: Listing, id: string): string => {
  const [plain = id, variant] = id.split('.');
  const known = listing.asset(plain);
  if (known === undefined) return id;
  return variant === undefined ? known.code : `${known.code}.${variant}`;
};
