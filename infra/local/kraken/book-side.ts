import type { Instant } from '../../../shared/time/clock.ts';
import { hash32 } from '../prices/chance.ts';
import { Decimal } from './decimal.ts';
import type { PairSpec } from './pairs.ts';

export interface Level {
  readonly price: Decimal;
  readonly volume: Decimal;
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

export type Direction = 'asks' | 'bids';

/** What does not change from moment to moment: how far each level lies from the middle, and its usual size. */
export class SideShape {
  readonly spec: PairSpec;
  readonly tick: Decimal;
  readonly direction: Direction;
  readonly seed: number;
  readonly factors: readonly Decimal[];
  readonly notionals: readonly Decimal[];

  constructor(spec: PairSpec, shape: BookShape, seed: number, direction: Direction) {
    this.spec = spec;
    this.seed = seed;
    this.direction = direction;
    this.tick = new Decimal(spec.tickSize);
    const sign = direction === 'asks' ? 1 : -1;
    const indexes = Array.from({ length: shape.levels }, (_, index) => index);
    this.factors = indexes.map((index) =>
      new Decimal(shape.levelStepBps).times(index).plus(shape.halfSpreadBps).times(sign).div(10_000).plus(1),
    );
    this.notionals = indexes.map((index) =>
      new Decimal(shape.levelNotional).times(10 + 4 * index).div(10_000),
    );
  }
}

/** One side of the book, best price first. Levels are worked out as far as somebody looks. */
export class BookSide implements Iterable<Level> {
  readonly #shape: SideShape;
  readonly #middle: Decimal;
  readonly #slot: Instant;
  readonly #levels: Level[] = [];

  constructor(shape: SideShape, middle: Decimal, slot: Instant) {
    this.#shape = shape;
    this.#middle = middle;
    this.#slot = slot;
  }

  best(): Level | undefined {
    return this.#level(0);
  }

  *[Symbol.iterator](): Iterator<Level> {
    for (let index = 0; ; index++) {
      const level = this.#level(index);
      if (level === undefined) return;
      yield level;
    }
  }

  #level(index: number): Level | undefined {
    while (this.#levels.length <= index) {
      const next = this.#next(this.#levels.length);
      if (next === undefined) return undefined;
      this.#levels.push(next);
    }
    return this.#levels[index];
  }

  #next(index: number): Level | undefined {
    const { factors, notionals, tick, direction, seed, spec } = this.#shape;
    const factor = factors[index];
    const notional = notionals[index];
    if (factor === undefined || notional === undefined) return undefined;
    const asks = direction === 'asks';
    let price = this.#middle.times(factor).toNearest(tick, asks ? Decimal.ROUND_UP : Decimal.ROUND_DOWN);
    // Where the tick is coarse, levels are one tick apart; never at or across the middle.
    const bound = this.#levels[index - 1]?.price ?? this.#middle;
    if (asks ? price.lte(bound) : price.gte(bound)) price = asks ? bound.plus(tick) : bound.minus(tick);
    if (price.lte(0)) return undefined;
    const share = hash32(seed, spec.id, this.#slot, direction, index) % 1000;
    const volume = notional
      .times(500 + share)
      .div(price)
      .toDecimalPlaces(spec.lotDecimals);
    return { price, volume };
  }
}
