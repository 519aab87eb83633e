import type * as z from 'zod';
import { MoneyError, price, quantity, ZERO_QUANTITY, ZERO_QUOTE } from '../../money/money.ts';
import { type Market, type MarketStatus, marketSymbol } from '../market.ts';
import { type Caller, failure } from './answer.ts';
import { assetOf } from './assets.ts';
import type { zAssetPairs, zAssets } from './schemas.ts';

type RawPair = z.output<typeof zAssetPairs>[string];

const STATUSES: readonly MarketStatus[] = ['online', 'limit_only', 'post_only', 'cancel_only', 'reduce_only'];

/** A status that is not known takes no orders. */
const statusOf = (status: string): MarketStatus =>
  STATUSES.find((known) => known === status) ?? 'maintenance';

const step = (decimals: number): string => `1e-${decimals}`;

const marketFrom = (exchangeId: string, raw: RawPair, assets: z.output<typeof zAssets>): Market => {
  const base = assetOf(assets[raw.base]?.altname ?? raw.base);
  const quoteAsset = assetOf(assets[raw.quote]?.altname ?? raw.quote);
  return {
    exchange: 'kraken',
    symbol: marketSymbol(`${base}/${quoteAsset}`),
    base,
    quote: quoteAsset,
    exchangeId,
    altname: raw.altname,
    baseId: raw.base,
    quoteId: raw.quote,
    quantityStep: quantity(step(raw.lot_decimals)),
    priceTick: price(raw.tick_size ?? step(raw.pair_decimals)),
    minimumQuantity: raw.ordermin ?? ZERO_QUANTITY,
    minimumCost: raw.costmin ?? ZERO_QUOTE,
    status: statusOf(raw.status),
  };
};

/** Dark pools (`XBTUSD.d`) and tokenized securities are no spot markets of ours. */
const isSpot = (exchangeId: string, raw: RawPair): boolean =>
  !exchangeId.endsWith('.d') && !raw.altname.endsWith('.d') && raw.aclass_base === 'currency';

/**
 * Kraken's pairs as markets. A pair whose assets cannot be written as a symbol (lower case) is left out.
 * @throws ExchangeError MALFORMED_ANSWER for an impossible step
 */
export const marketsFrom = (
  caller: Caller,
  pairs: z.output<typeof zAssetPairs>,
  assets: z.output<typeof zAssets>,
): readonly Market[] =>
  Object.entries(pairs)
    .filter(([exchangeId, raw]) => isSpot(exchangeId, raw))
    .flatMap(([exchangeId, raw]) => {
      try {
        return [marketFrom(exchangeId, raw, assets)];
      } catch (error) {
        if (error instanceof TypeError) return [];
        if (!(error instanceof MoneyError)) throw error;
        throw failure(caller, 'AssetPairs', 'MALFORMED_ANSWER', `pair ${exchangeId}: ${error.message}`);
      }
    });
