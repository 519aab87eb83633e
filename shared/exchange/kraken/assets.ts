import type { Asset } from '../market.ts';

/** The ids that kept their X or Z from the early days; a closed list: newer assets are spelled plainly. */
const LEGACY: Readonly<Record<string, Asset>> = {
  XXBT: 'BTC',
  XXDG: 'DOGE',
  XETC: 'ETC',
  XETH: 'ETH',
  XLTC: 'LTC',
  XMLN: 'MLN',
  XREP: 'REP',
  XXLM: 'XLM',
  XXMR: 'XMR',
  XXRP: 'XRP',
  XZEC: 'ZEC',
  ZAUD: 'AUD',
  ZCAD: 'CAD',
  ZEUR: 'EUR',
  ZGBP: 'GBP',
  ZJPY: 'JPY',
  ZUSD: 'USD',
};
const RENAMED: Readonly<Record<string, Asset>> = { XBT: 'BTC', XDG: 'DOGE', ETH2: 'ETH' };

const LEGACY_IDS = new Map(Object.entries(LEGACY).map(([id, asset]) => [asset, id]));
const OWN_NAMES = new Map<Asset, string>([
  ['BTC', 'XBT'],
  ['DOGE', 'XDG'],
]);

const ASSETS = new Map([...Object.entries(RENAMED), ...Object.entries(LEGACY)]);

/** `XXBT` → `BTC`, `ZUSD` → `USD`, `ADA` → `ADA`. */
export const assetOf = (id: string): Asset => ASSETS.get(id) ?? id;

/** `BTC` → `XBT`: what Kraken's short pair names are made of. */
export const shortNameOf = (asset: Asset): string => OWN_NAMES.get(asset) ?? asset;

/** How Kraken may spell an asset inside a pair's id: `XBT` or `XXBT`. */
export const spellingsOf = (asset: Asset): readonly string[] => {
  const legacy = LEGACY_IDS.get(asset);
  return legacy === undefined ? [shortNameOf(asset)] : [shortNameOf(asset), legacy];
};

/**
 * What a balance's code stands for. `.F` (automatic rewards) is the asset itself and can be sold. Staked,
 * bonded and held-back variants (`.S`, `.M`, `.B`, `.P`, `.HOLD`; `DOT28.S` is bonded for 28 days) are the
 * asset, but have to be redeemed before they can be sold. Any other suffix (`.T`: a tokenized security) is an
 * asset of its own that spot orders cannot sell.
 */
export const holdingOf = (code: string): { readonly asset: Asset; readonly sellable: boolean } => {
  const dot = code.indexOf('.');
  if (dot <= 0) return { asset: assetOf(code), sellable: true };
  const name = code.slice(0, dot);
  switch (code.slice(dot + 1)) {
    case 'F':
      return { asset: assetOf(name), sellable: true };
    case 'S':
    case 'P':
      return { asset: assetOf(name.replace(/(?<=[A-Z]{2})\d{2}$/, '')), sellable: false };
    case 'M':
    case 'B':
    case 'HOLD':
      return { asset: assetOf(name), sellable: false };
    default:
      return { asset: code, sellable: false };
  }
};
