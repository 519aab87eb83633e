import { type MarketSymbol, marketSymbol } from '../../shared/exchange/market.ts';
import type { Instant } from '../../shared/time/clock.ts';
import { CandleFileError, candleFile } from './prices/candle-file.ts';
import { CANDLE_MS, type PriceSource } from './prices/price-source.ts';
import { seededPath } from './prices/seeded-path.ts';

/** The candles that a strategy sees before its first tick. */
const HISTORY = 720;
/** What a run trades through at least, and some to go on with. */
const LEAST_ROOM = 700;
const SEEDED_START = Date.UTC(2026, 0, 5);
const SEEDED = [
  ['BTC/USD', '60000'],
  ['ETH/USD', '3000'],
] as const;

/** What the simulated exchange trades, and when trading begins. */
export interface LocalMarkets {
  readonly symbols: readonly MarketSymbol[];
  readonly prices: readonly PriceSource[];
  readonly from: Instant;
}

/** @throws CandleFileError naming the file, the line and what is wrong */
export const localMarkets = async (options: {
  readonly seed: number;
  readonly candles: string | undefined;
}): Promise<LocalMarkets> => {
  if (options.candles === undefined) {
    const from = SEEDED_START - HISTORY * CANDLE_MS;
    const prices = SEEDED.map(([symbol, startPrice]) =>
      seededPath({ seed: options.seed, symbol: marketSymbol(symbol), from, startPrice }),
    );
    return { symbols: prices.map(({ symbol }) => symbol), prices, from: SEEDED_START };
  }
  const file = await candleFile(options.candles);
  const from = file.from + HISTORY * CANDLE_MS;
  const room = ((file.until ?? Number.POSITIVE_INFINITY) - from) / CANDLE_MS;
  if (room < LEAST_ROOM) {
    throw new CandleFileError(
      `${options.candles} is too short: a run needs at least ${HISTORY + LEAST_ROOM} candles of five minutes (given ${Math.max(0, Math.floor(room + HISTORY))} from the first to the last)`,
    );
  }
  return { symbols: [file.symbol], prices: [file], from };
};
