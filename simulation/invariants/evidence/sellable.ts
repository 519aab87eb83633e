import { Decimal } from '../../../infra/local/kraken/decimal.ts';
import { pairOf, sellable } from '../../../infra/local/scenario/sellable.ts';
import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { MOST_RAISED } from '../../actors/exchange-conditions.ts';
import type { Evidence } from './evidence.ts';

/** How far the price of a moment may lie below the one that was seen: a jump between two candles. */
const LOWEST = '0.6';

/** Whoever sells knows the minimums as they were when the market's rules were last read, up to a day ago. */
const mostRaised = ({ world }: Evidence, symbol: string): number =>
  world.told.some((told) => told.what === 'minimums' && told.symbol === symbol) ? MOST_RAISED : 1;

/** By the exchange's minimums as they ever were, at whatever price it may have had. Never where it is not listed. */
export const clearlySellable = (evidence: Evidence, symbol: MarketSymbol, quantity: Decimal): boolean => {
  const last = evidence.world.exchange.price(symbol)?.last;
  if (last === undefined) return false;
  const price = new Decimal(last).times(LOWEST);
  return sellable(quantity.div(mostRaised(evidence, symbol)), pairOf(symbol), price);
};

/** One step of the market's quantities. */
export const stepOf = (symbol: MarketSymbol): Decimal => new Decimal(10).pow(-pairOf(symbol).lotDecimals);
