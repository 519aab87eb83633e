import { DAY, type Instant } from '../../../shared/time/clock.ts';
import { CANDLE_MS, candleOpening } from '../prices/price-source.ts';
import { Decimal, shown, ZERO } from './decimal.ts';
import type { MarketView } from './market-view.ts';

/** Day figures look at every sixth candle: they are for show, no rule depends on them. */
const SAMPLE_MS = 6 * CANDLE_MS;

interface Span {
  readonly volume: Decimal;
  readonly turnover: Decimal;
  readonly high: Decimal | undefined;
  readonly low: Decimal | undefined;
  readonly open: Decimal | undefined;
}

const spanOf = (market: MarketView, from: Instant, to: Instant): Span => {
  const highs: string[] = [];
  const lows: string[] = [];
  let open: Decimal | undefined;
  let volume = ZERO;
  let turnover = ZERO;
  for (let at = candleOpening(from); at <= to; at += SAMPLE_MS) {
    const candle = market.source.candle(at);
    if (candle === undefined) continue;
    open ??= new Decimal(candle.open);
    if (at + CANDLE_MS > to) break;
    highs.push(candle.high);
    lows.push(candle.low);
    const traded = new Decimal(candle.volume).times(SAMPLE_MS / CANDLE_MS);
    volume = volume.plus(traded);
    turnover = turnover.plus(traded.times(candle.close));
  }
  return {
    volume,
    turnover,
    high: highs.length === 0 ? undefined : Decimal.max(...highs),
    low: lows.length === 0 ? undefined : Decimal.min(...lows),
    open,
  };
};

interface Figures {
  readonly volume: Decimal;
  readonly average: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
}

/** Ticker entries of one market, rendered once for each moment, with day figures renewed every half hour. */
export class TickerTexts {
  readonly #market: MarketView;
  #at: Instant | undefined;
  #text: string | undefined;
  #spansAt: Instant | undefined;
  #today: Span | undefined;
  #rolling: Span | undefined;

  constructor(market: MarketView) {
    this.#market = market;
  }

  /** Undefined where there is no price yet. */
  text(now: Instant): string | undefined {
    if (this.#at !== now) {
      this.#at = now;
      const entry = this.#entry(now);
      this.#text = entry && JSON.stringify(entry);
    }
    return this.#text;
  }

  #entry(now: Instant): Record<string, unknown> | undefined {
    const book = this.#market.book(now);
    const moment = this.#market.at(now);
    const bid = book?.bids.best();
    const ask = book?.asks.best();
    if (!moment || !bid || !ask) return undefined;
    const slot = Math.floor(now / SAMPLE_MS) * SAMPLE_MS;
    if (this.#spansAt !== slot) {
      this.#spansAt = slot;
      this.#today = spanOf(this.#market, Math.floor(now / DAY) * DAY, slot);
      this.#rolling = spanOf(this.#market, slot - DAY, slot);
    }
    const figures = (span: Span | undefined): Figures => ({
      volume: span?.volume ?? ZERO,
      average: span === undefined || span.volume.isZero() ? moment.last : span.turnover.div(span.volume),
      high: Decimal.max(moment.high, span?.high ?? moment.high),
      low: Decimal.min(moment.low, span?.low ?? moment.low),
    });
    const { pairDecimals, lotDecimals } = this.#market.spec;
    const price = (value: Decimal): string => value.toFixed(pairDecimals, Decimal.ROUND_HALF_UP);
    const lots = (value: Decimal): string => shown(value, lotDecimals);
    const whole = (value: Decimal): string => Decimal.max(1, value).toFixed(0, Decimal.ROUND_DOWN);
    const count = (value: Decimal): number => value.times(10).ceil().toNumber();
    const spans = [figures(this.#today), figures(this.#rolling)];
    return {
      a: [price(ask.price), whole(ask.volume), shown(ask.volume, 3)],
      b: [price(bid.price), whole(bid.volume), shown(bid.volume, 3)],
      c: [price(moment.last), lots(bid.volume)],
      v: spans.map(({ volume }) => lots(volume)),
      p: spans.map(({ average }) => price(average)),
      t: spans.map(({ volume }) => count(volume)),
      l: spans.map(({ low }) => price(low)),
      h: spans.map(({ high }) => price(high)),
      o: price(this.#today?.open ?? moment.last),
    };
  }
}
