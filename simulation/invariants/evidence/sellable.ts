import { Decimal } from '../../../infra/local/kraken/decimal.ts';
import { pairOf, sellable } from '../../../infra/local/scenario/sellable.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import type { Evidence } from './evidence.ts';

/** How far the price of a moment may lie from the one that was seen: a jump between two candles. */
const PRICE_BOUNDS = ['0.6', '1.6'] as const;

/** A raised minimum is known to who sells only when the market's rules are read again. */
const hasOtherMinimums = ({ world }: Evidence, symbol: string): boolean =>
  world.told.some((told) => told.what === 'minimums' && told.symbol === symbol);

const priceOf = ({ world }: Evidence, symbol: string): Decimal | undefined => {
  const last = world.exchange.price(symbol)?.last;
  return last === undefined ? undefined : new Decimal(last);
};

/** By the exchange's minimums, at whatever price it may have had. Never where these were changed or it is not listed. */
export const clearlySellable = (evidence: Evidence, symbol: MarketSymbol, quantity: Decimal): boolean => {
  const price = priceOf(evidence, symbol);
  if (price === undefined || hasOtherMinimums(evidence, symbol)) return false;
  return sellable(quantity, pairOf(symbol), price.times(PRICE_BOUNDS[0]));
};

/** At no price that it may have had. Never where the minimums were changed or it is not listed. */
export const clearlyTooLittle = (evidence: Evidence, symbol: MarketSymbol, quantity: Decimal): boolean => {
  const price = priceOf(evidence, symbol);
  if (price === undefined || hasOtherMinimums(evidence, symbol)) return false;
  return !sellable(quantity, pairOf(symbol), price.times(PRICE_BOUNDS[1]));
};

/** One step of the market's quantities. */
export const stepOf = (symbol: MarketSymbol): Decimal => new Decimal(10).pow(-pairOf(symbol).lotDecimals);
