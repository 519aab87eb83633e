import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { type Instant, MINUTE } from '../../../shared/time/clock.ts';

export const CANDLE_MS = 5 * MINUTE;

/** One 5-minute candle; prices in quote units, volume in base units, all as decimal texts. */
export interface CandleText {
  /** When it opened: a multiple of five minutes. */
  readonly at: Instant;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** Where a simulated market's price comes from. The same question always has the same answer. */
export interface PriceSource {
  readonly symbol: MarketSymbol;
  /** The opening of the first candle. */
  readonly from: Instant;
  /** The end of the last candle; absent where there is no end. */
  readonly until?: Instant;
  /**
   * The candle that opens at `at`, a multiple of five minutes: a flat one without volume where nothing was
   * traded, or after the end. Undefined before the first.
   */
  candle(at: Instant): CandleText | undefined;
}

export const candleOpening = (at: Instant): Instant => Math.floor(at / CANDLE_MS) * CANDLE_MS;

export const flatCandle = (at: Instant, price: string): CandleText => ({
  at,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '0',
});

/** A price that never moves, with a steady volume: a stablecoin. */
export const fixedPrice = (symbol: MarketSymbol, price: string): PriceSource => ({
  symbol,
  from: 0,
  candle: (at) => ({ ...flatCandle(at, price), volume: '100000' }),
});
