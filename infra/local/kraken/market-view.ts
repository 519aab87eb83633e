import type { Instant } from '../../../shared/time/clock.ts';
import { hash32 } from '../prices/chance.ts';
import { CANDLE_MS, type CandleText, candleOpening, type PriceSource } from '../prices/price-source.ts';
import { Decimal } from './decimal.ts';
import type { PairSpec } from './pairs.ts';

export interface Level {
  readonly price: Decimal;
  readonly volume: Decimal;
}

/** One side, best price first. */
export type BookSide = readonly Level[];

export interface Book {
  readonly bids: BookSide;
  readonly asks: BookSide;
}

export interface BookShape {
  /** Between the middle and the best price of a side. */
  readonly halfSpreadBps: string;
  /** Between one level and the next. */
  readonly levelStepBps: string;
  /** Quote units offered at the best price, on average; further levels offer more. */
  readonly levelNotional: string;
  readonly levels: number;
}

export const DEFAULT_BOOK: BookShape = {
  halfSpreadBps: '1',
  levelStepBps: '0.8',
  levelNotional: '2500',
  levels: 40,
};

interface Moment {
  readonly last: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
}

const THIRD = CANDLE_MS / 3;

/**
 * Walks a candle from open to close by way of both extremes, a third of the time each: a rising one visits
 * its low first, a falling one its high.
 */
const stationsOf = (candle: CandleText): readonly [Decimal, Decimal, Decimal, Decimal] => {
  const open = new Decimal(candle.open);
  const close = new Decimal(candle.close);
  const low = new Decimal(candle.low);
  const high = new Decimal(candle.high);
  return close.gte(open) ? [open, low, high, close] : [open, high, low, close];
};

const within = (candle: CandleText, elapsed: number, tick: Decimal): Moment => {
  const stations = stationsOf(candle);
  const leg = Math.min(2, Math.floor(elapsed / THIRD));
  const start = stations[leg] ?? stations[0];
  const end = stations[leg + 1] ?? stations[3];
  const raw = start.plus(
    end
      .minus(start)
      .times(elapsed - leg * THIRD)
      .div(THIRD),
  );
  const last = raw.toNearest(tick, Decimal.ROUND_HALF_UP);
  const seen = [...stations.slice(0, leg + 1), last];
  return { last, high: Decimal.max(...seen), low: Decimal.min(...seen) };
};

/** One pair's market at any moment: last price, the candle so far, and the orders of everybody else. */
export class MarketView {
  readonly spec: PairSpec;
  readonly source: PriceSource;
  readonly tick: Decimal;
  readonly #seed: number;
  readonly #shape: BookShape;
  #momentAt: Instant | undefined;
  #moment: Moment | undefined;
  #bookAt: Instant | undefined;
  #book: Book | undefined;

  constructor(spec: PairSpec, source: PriceSource, seed: number, shape: BookShape) {
    this.spec = spec;
    this.source = source;
    this.tick = new Decimal(spec.tickSize);
    this.#seed = seed;
    this.#shape = shape;
  }

  /** Undefined before the first candle. */
  at(now: Instant): Moment | undefined {
    if (this.#momentAt === now) return this.#moment;
    const opening = candleOpening(now);
    const candle = this.source.candle(opening);
    this.#momentAt = now;
    this.#moment = candle === undefined ? undefined : within(candle, now - opening, this.tick);
    return this.#moment;
  }

  /** The candle that is open at `now`, as far as it has come. */
  forming(now: Instant): CandleText | undefined {
    const opening = candleOpening(now);
    const candle = this.source.candle(opening);
    const moment = this.at(now);
    if (candle === undefined || moment === undefined) return undefined;
    return {
      at: opening,
      open: candle.open,
      high: moment.high.toFixed(),
      low: moment.low.toFixed(),
      close: moment.last.toFixed(),
      volume: new Decimal(candle.volume)
        .times(now - opening)
        .div(CANDLE_MS)
        .toFixed(8),
    };
  }

  /**
   * What others offer. Orders taken from it do not thin it out: it is refilled at once, so the outcome of an
   * order depends on the moment alone and not on who came first within it.
   */
  book(now: Instant): Book | undefined {
    if (this.#bookAt === now) return this.#book;
    const moment = this.at(now);
    this.#bookAt = now;
    this.#book = moment && { bids: this.#side(moment.last, now, -1), asks: this.#side(moment.last, now, 1) };
    return this.#book;
  }

  /** The lowest and highest last price from `from` to `to`, both included. */
  extremes(from: Instant, to: Instant): { readonly low: Decimal; readonly high: Decimal } | undefined {
    const seen: Decimal[] = [];
    for (const moment of [this.at(from), this.at(to)]) if (moment !== undefined) seen.push(moment.last);
    for (let opening = candleOpening(from); opening <= to; opening += CANDLE_MS) {
      const candle = this.source.candle(opening);
      if (candle === undefined) continue;
      stationsOf(candle).forEach((price, index) => {
        const at = opening + index * THIRD;
        if (at > from && at <= to) seen.push(price);
      });
    }
    if (seen.length === 0) return undefined;
    return { low: Decimal.min(...seen), high: Decimal.max(...seen) };
  }

  #side(middle: Decimal, now: Instant, direction: 1 | -1): BookSide {
    const slot = candleOpening(now);
    const spread = new Decimal(this.#shape.halfSpreadBps);
    const stepBps = new Decimal(this.#shape.levelStepBps);
    const notional = new Decimal(this.#shape.levelNotional);
    const levels: Level[] = [];
    let previous: Decimal | undefined;
    for (let index = 0; index < this.#shape.levels; index++) {
      const distance = spread.plus(stepBps.times(index)).div(10_000);
      const raw = middle.times(distance.times(direction).plus(1));
      let price = raw.toNearest(this.tick, direction === 1 ? Decimal.ROUND_UP : Decimal.ROUND_DOWN);
      // Where the tick is coarse, levels are one tick apart; never at or across the middle.
      const bound = previous ?? middle;
      if (direction === 1 ? price.lte(bound) : price.gte(bound))
        price = bound.plus(this.tick.times(direction));
      if (price.lte(0)) break;
      previous = price;
      const share = hash32(this.#seed, this.spec.id, slot, direction, index) % 1000;
      const offered = notional
        .times(500 + share)
        .div(1000)
        .times(10 + 4 * index)
        .div(10);
      levels.push({ price, volume: offered.div(price).toDecimalPlaces(this.spec.lotDecimals) });
    }
    return levels;
  }
}
