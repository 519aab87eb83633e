import * as z from 'zod';
import { zBps, zFraction, zQuote } from '../money/schema.ts';

const share = (what: string) =>
  zFraction.refine((value) => value.lte(1), `${what} is a fraction between 0 and 1: 0.05 is five percent`);

/** What bounds a BUY for one account. All texts are decimals; fractions, not percents. */
const fields = {
  /** Of equity, for one copied trade. */
  maxTradeFraction: share('maxTradeFraction'),
  maxOpenPositions: z.int().min(0).max(100),
  maxSlippageBps: zBps.refine(
    (value) => value.gte(0) && value.lte(1000),
    'maxSlippageBps lies between 0 and 1000',
  ),
  maxTradeAgeSeconds: z.int().min(1).max(3600),
  maxDailyLoss: share('maxDailyLoss'),
  maxDrawdown: share('maxDrawdown'),
  /** Of equity, kept as cash beside fees. */
  cashReserve: share('cashReserve'),
  /** Quote units; below it no BUY. */
  minimumEquity: zQuote.refine((value) => value.gte(0), 'minimumEquity must not be negative'),
  /** BUYs. */
  maxOrdersPerHour: z.int().min(0).max(1000),
  /** The notional of BUYs within an hour, as a multiple of equity. */
  maxHourlyTurnover: zFraction,
};

/** All of them: what is not given has its default. */
export const zLimits = z.strictObject({
  maxTradeFraction: fields.maxTradeFraction.prefault('0.10'),
  maxOpenPositions: fields.maxOpenPositions.default(8),
  maxSlippageBps: fields.maxSlippageBps.prefault('50'),
  maxTradeAgeSeconds: fields.maxTradeAgeSeconds.default(120),
  maxDailyLoss: fields.maxDailyLoss.prefault('0.05'),
  maxDrawdown: fields.maxDrawdown.prefault('0.15'),
  cashReserve: fields.cashReserve.prefault('0.01'),
  minimumEquity: fields.minimumEquity.prefault('25'),
  maxOrdersPerHour: fields.maxOrdersPerHour.default(60),
  maxHourlyTurnover: fields.maxHourlyTurnover.prefault('4'),
});
export type Limits = z.infer<typeof zLimits>;

/** Some of them: what is not given stays as it is. */
export const zLimitChanges = z.strictObject(fields).exactPartial();
export type LimitChanges = z.infer<typeof zLimitChanges>;
