import { marketSymbol } from '../../../shared/exchange/market.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import { CANDLE_MS, candleOpening, fixedPrice, type PriceSource } from './price-source.ts';
import { seededPath } from './seeded-path.ts';

/** The market of copies that are measured: its price never moves, so each is filled and no stop is reached. */
export const STEADY = marketSymbol('BTC/USD');
export const STEADY_PRICE = '50000';
/** Another one, for accounts that hold two positions. */
export const STEADY_TOO = marketSymbol('DOGE/USD');
/** The markets of a strategy that is measured, with their first prices. */
export const TRADED = [
  [marketSymbol('ETH/USD'), '3000'],
  [marketSymbol('SOL/USD'), '150'],
  [marketSymbol('XRP/USD'), '2'],
  [marketSymbol('LTC/USD'), '80'],
] as const;
/** Candles that there are before the start: all that a strategy looks at. */
export const HISTORY = 720;

/** Prices of all of them, from so long before now that a strategy has its history. */
export const measuredPrices = (now: Instant, seed: number): readonly PriceSource[] => {
  const from = candleOpening(now) - HISTORY * CANDLE_MS;
  return [
    fixedPrice(STEADY, STEADY_PRICE),
    fixedPrice(STEADY_TOO, '0.1'),
    ...TRADED.map(([symbol, startPrice]) => seededPath({ seed, symbol, from, startPrice })),
  ];
};
