import * as z from 'zod';
import { type MarketSymbol, marketSymbol } from '../../../shared/exchange/market.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import { Decimal } from '../kraken/decimal.ts';
import type { CandleText, PriceSource } from '../prices/price-source.ts';

export const zPriceFall = z.object({
  symbol: z.string().transform(marketSymbol),
  /** The opening of the first candle at the new price. */
  at: z.number(),
  /** New price over old, a decimal text. */
  factor: z.string(),
});
export type PriceFall = z.infer<typeof zPriceFall>;

/** Markets whose prices fall when told to, from a candle on and for good. What has been seen stays as it was. */
export class FallingPrices {
  readonly falls: PriceFall[];
  readonly sources: readonly PriceSource[];

  /** @param falls of an earlier run */
  constructor(sources: readonly PriceSource[], falls: readonly PriceFall[] = []) {
    this.falls = [...falls];
    this.sources = sources.map((source) => ({ ...source, candle: (at) => this.#fallen(source, at) }));
  }

  fall(fall: PriceFall): void {
    this.falls.push(fall);
  }

  /** The price at which a candle opens. @throws TypeError for a symbol without a price then */
  openingPrice(symbol: MarketSymbol, at: Instant): Decimal {
    const candle = this.sources.find((source) => source.symbol === symbol)?.candle(at);
    if (candle === undefined) throw new TypeError(`there is no price then (given ${symbol} at ${at})`);
    return new Decimal(candle.open);
  }

  #fallen(source: PriceSource, at: Instant): CandleText | undefined {
    const candle = source.candle(at);
    const factors = this.falls.filter((fall) => fall.symbol === source.symbol && fall.at <= at);
    if (candle === undefined || factors.length === 0) return candle;
    const factor = factors.reduce((product, fall) => product.times(fall.factor), new Decimal(1));
    const scaled = (price: string): string => {
      const places = price.split('.')[1]?.length ?? 0;
      return new Decimal(price).times(factor).toFixed(Math.max(places, MORE_PLACES));
    };
    const { open, high, low, close } = candle;
    return { ...candle, open: scaled(open), high: scaled(high), low: scaled(low), close: scaled(close) };
  }
}

/** A price that falls may need more digits than before. */
const MORE_PLACES = 8;
