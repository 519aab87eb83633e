import type { MarketSymbol } from '../../../shared/exchange/market.ts';
import { type Instant, iso } from '../../../shared/time/clock.ts';
import { hash32, uniform } from './chance.ts';
import { CANDLE_MS, type CandleText, candleOpening, type PriceSource } from './price-source.ts';
import { nextRegime, type Regime } from './regimes.ts';

export interface SeededPathOptions {
  readonly seed: number;
  readonly symbol: MarketSymbol;
  /** The opening of the first candle: a multiple of five minutes. Leave room for the history a strategy wants. */
  readonly from: Instant;
  /** Quote units, a decimal text. */
  readonly startPrice: string;
  /** Of price texts. Default: six significant digits. */
  readonly decimals?: number;
}

const decimalsOf = (startPrice: string): number => {
  const whole = Math.floor(Number(startPrice));
  return Math.max(0, 6 - (whole === 0 ? 0 : String(whole).length));
};

/** The market's memory from candle to candle. Nature, not money: binary floats, written out as decimal texts. */
interface Walk {
  price: number;
  /** How wide a usual candle is, as a share of the price: slow waves of calm and unrest. */
  unrest: number;
  regime: Regime;
  left: number;
}

/** What a calm day trades in five minutes, in quote units. */
const USUAL_TURNOVER = 400_000;
const CALM = 0.0012;
const UNREST = 0.0045;

/**
 * A price that lives: trends with pullbacks, drift, selloffs, clusters of volume. It never ends, the same seed
 * and symbol give the same candles, and it knows nothing of who trades on it.
 * @throws TypeError for a start that is no price or no multiple of five minutes
 */
export const seededPath = (options: SeededPathOptions): PriceSource => {
  const { seed, symbol, from, startPrice } = options;
  const start = Number(startPrice);
  if (!/^\d+(\.\d+)?$/.test(startPrice) || !(start > 0)) {
    throw new TypeError(`the start price of ${symbol} must be a positive decimal (given '${startPrice}')`);
  }
  if (candleOpening(from) !== from) {
    throw new TypeError(`the price of ${symbol} must start at a full five minutes (given ${iso(from)})`);
  }
  const places = options.decimals ?? decimalsOf(startPrice);
  const chance = uniform(hash32(seed, symbol));
  /** Roughly a standard normal, by sums and products alone: the same on every machine. */
  const swing = (): number => {
    let sum = -6;
    for (let draw = 0; draw < 12; draw++) sum += chance();
    return sum;
  };
  const candles: CandleText[] = [];
  const first = nextRegime(undefined, chance);
  const walk: Walk = { price: start, unrest: 0.0022, regime: first.regime, left: first.candles };

  const draw = (at: Instant): CandleText => {
    if (walk.left <= 0) {
      const next = nextRegime(walk.regime, chance);
      walk.regime = next.regime;
      walk.left = next.candles;
    }
    walk.left -= 1;
    const { regime } = walk;
    const target = CALM + (UNREST - CALM) * regime.unrest;
    walk.unrest += (target - walk.unrest) * 0.15 + walk.unrest * 0.08 * swing();
    walk.unrest = Math.min(UNREST, Math.max(CALM, walk.unrest));
    const width = walk.unrest;
    const open = walk.price * (1 + 0.00005 * swing());
    const move = regime.drift * width + regime.noise * width * swing();
    const close = open * (1 + Math.min(0.02, Math.max(-0.02, move)));
    const top = Math.max(open, close) * (1 + width * regime.upperWick * Math.abs(swing()));
    const bottom = Math.min(open, close) * (1 - width * regime.lowerWick * Math.abs(swing()));
    walk.price = close;
    const stir = 0.5 + chance() + (0.8 * Math.abs(close - open)) / (open * width);
    const volume = ((USUAL_TURNOVER * regime.volume * stir * width) / 0.0022 / open).toFixed(8);
    const text = (value: number): string => Math.max(value, 10 ** -places).toFixed(places);
    return { at, open: text(open), high: text(top), low: text(bottom), close: text(close), volume };
  };

  return {
    symbol,
    from,
    candle: (at) => {
      if (at < from) return undefined;
      const index = Math.floor((at - from) / CANDLE_MS);
      while (candles.length <= index) candles.push(draw(from + candles.length * CANDLE_MS));
      return candles[index];
    },
  };
};
