import { flatCandle, type PriceSource } from '../../infra/local/prices/price-source.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { Instant } from '../../shared/time/clock.ts';

export interface ChangingPrice extends PriceSource {
  /** The price of the candles that open at `from` or later. */
  change(from: Instant, price: string): void;
}

/** A price that stands still until it is changed. */
export const changingPrice = (symbol: MarketSymbol, price: string): ChangingPrice => {
  const changes: { readonly from: Instant; readonly price: string }[] = [];
  return {
    symbol,
    from: 0,
    change: (from, next) => changes.push({ from, price: next }),
    candle: (at) => ({
      ...flatCandle(at, changes.findLast(({ from }) => from <= at)?.price ?? price),
      volume: '100000',
    }),
  };
};
