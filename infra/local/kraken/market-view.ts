import type { Instant } from '../../../shared/time/clock.ts';
import { CANDLE_MS, type CandleText, candleOpening, type PriceSource } from '../prices/price-source.ts';
import { type BookShape, BookSide, SideShape } from './book-side.ts';
import { Decimal } from './decimal.ts';
import type { PairSpec } from './pairs.ts';

export interface Book {
  readonly bids: BookSide;
  readonly asks: BookSide;
}

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
  #bids: SideShape;
  #asks: SideShape;
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
    this.#bids = new SideShape(spec, shape, seed, 'bids');
    this.#asks = new SideShape(spec, shape, seed, 'asks');
  }

  /** Others offer this share of what they usually do, from now on: `1` as usual, `0.01` next to nothing. */
  setDepth(share: Decimal): void {
    const levelNotional = share.times(this.#shape.levelNotional).toFixed();
    const shape = { ...this.#shape, levelNotional };
    this.#bids = new SideShape(this.spec, shape, this.#seed, 'bids');
    this.#asks = new SideShape(this.spec, shape, this.#seed, 'asks');
    this.#bookAt = undefined;
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
    const slot = candleOpening(now);
    this.#book = moment && {
      bids: new BookSide(this.#bids, moment.last, slot),
      asks: new BookSide(this.#asks, moment.last, slot),
    };
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
}
