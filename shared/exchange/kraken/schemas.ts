import * as z from 'zod';
import { zQuantity, zQuote, zUnits } from '../../money/schema.ts';

/** The last second that is a date. */
const LATEST = 8.64e12;

/** Seconds with fractions, to whole milliseconds. Time is the only thing read from a JSON number. */
const zSeconds = z
  .number()
  .nonnegative()
  .max(LATEST)
  .transform((seconds) => Math.round(seconds * 1000));

const zCost = zQuote.refine((amount) => !amount.isNegative(), 'a cost must not be negative');

const zSide = z.enum(['buy', 'sell']).transform((side) => (side === 'buy' ? 'BUY' : 'SELL'));

/** Below zero is a debt, of fees or a reversed deposit: it must not hide what else there is. */
export const zBalances = z.record(z.string(), z.object({ balance: zUnits, hold_trade: zQuantity }));

export const zRawOrder = z.object({
  status: z.enum(['pending', 'open', 'closed', 'canceled', 'expired']),
  opentm: zSeconds,
  descr: z.object({ pair: z.string(), type: zSide }),
  vol: zQuantity,
  vol_exec: zQuantity,
  cost: zCost,
  oflags: z.string().default(''),
  cl_ord_id: z.string().nullish(),
  trades: z.array(z.string()).nullish(),
});
export type RawOrder = z.output<typeof zRawOrder>;

const zOrders = z.record(z.string(), zRawOrder);
export const zOpenOrders = z.object({ open: zOrders });
export const zClosedOrders = z.object({ closed: zOrders, count: z.number().int().nonnegative() });
export const zQueriedOrders = zOrders;

export const zRawTrade = z.object({
  ordertxid: z.string().min(1),
  pair: z.string(),
  time: zSeconds,
  type: zSide,
  price: z.string(),
  cost: zCost,
  fee: zQuantity,
  vol: zQuantity,
  margin: zQuantity.nullish(),
  misc: z.string().nullish(),
  posstatus: z.string().nullish(),
});
export type RawTrade = z.output<typeof zRawTrade>;

export const zTradesHistory = z.object({
  trades: z.record(z.string(), zRawTrade),
  count: z.number().int().nonnegative(),
});
export const zQueriedTrades = z.record(z.string(), zRawTrade);

/** Orders are asked for by it, several at once with commas between. */
const zOrderId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
export const zPlaced = z.object({ txid: z.array(zOrderId) });
export const zCanceled = z.object({ count: z.number().int().nonnegative() });

/** Percent, as a text: `0.4000`. */
export const zTradeVolume = z.object({ fees: z.record(z.string(), z.object({ fee: zQuantity })) });

const zWhole = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
/** Seconds; 0 is never. */
const zUntil = zWhole
  .refine((seconds) => seconds <= LATEST)
  .transform((seconds) => (seconds === 0 ? undefined : seconds * 1000));
/** In a form that is not known it counts as not told: what a key may do must not be hidden by it. */
const untold = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);

/** Kraken names its fields in either case. */
export const zKeyInfo = z
  .object({
    permissions: z.array(z.string()),
    nonce_window: untold(zWhole),
    nonceWindow: untold(zWhole),
    ip_allowlist: untold(z.array(z.string())),
    ipAllowlist: untold(z.array(z.string())),
    valid_until: untold(zUntil),
    validUntil: untold(zUntil),
    query_from: untold(zUntil),
    queryFrom: untold(zUntil),
    query_to: untold(zUntil),
    queryTo: untold(zUntil),
  })
  .transform((told) => ({
    permissions: told.permissions,
    nonceWindow: told.nonce_window ?? told.nonceWindow,
    ipAllowList: told.ip_allowlist ?? told.ipAllowlist,
    expiresAt: told.valid_until ?? told.validUntil,
    seesAllTimes: [told.query_from, told.queryFrom, told.query_to, told.queryTo].every(
      (limit) => limit === undefined,
    ),
  }));

/** Price, volume in whole lots, and today the volume as it is: by the second it is known that the first is the price. */
const zOffer = z.tuple([z.string(), z.string().regex(/^\d+$/)]).rest(z.unknown());
/** Price and volume. */
const zLastTrade = z.tuple([z.string(), z.string()]).rest(z.unknown());
export const zTickers = z.record(z.string(), z.object({ a: zOffer, b: zOffer, c: zLastTrade }));

/** Time, open, high, low, close, volume-weighted average, volume, count. */
export const zCandles = z.record(
  z.string(),
  z.union([
    z.array(
      z
        .tuple([
          z.int().nonnegative().max(LATEST),
          z.string(),
          z.string(),
          z.string(),
          z.string(),
          z.string(),
          z.string(),
        ])
        .rest(z.unknown()),
    ),
    z.number(),
  ]),
);

export const zAssets = z.record(z.string(), z.object({ altname: z.string() }));

export const zAssetPairs = z.record(
  z.string(),
  z.object({
    altname: z.string(),
    aclass_base: z.string().default('currency'),
    base: z.string(),
    quote: z.string(),
    pair_decimals: z.number().int().min(0).max(18),
    lot_decimals: z.number().int().min(0).max(18),
    // Absent in answers of earlier years.
    ordermin: zQuantity.optional(),
    costmin: zCost.optional(),
    tick_size: z.string().optional(),
    status: z.string().default('online'),
  }),
);
