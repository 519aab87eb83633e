import { type Instant, MINUTE } from '../../../shared/time/clock.ts';
import { hash32 } from '../prices/chance.ts';
import { CANDLE_MS, type CandleText } from '../prices/price-source.ts';
import { Decimal, ZERO } from './decimal.ts';
import { invalidArgument, Refusal, TEXTS } from './errors.ts';
import type { MarketView } from './market-view.ts';
import { Rendered } from './world.ts';

const MOST_ROWS = 720;
/** In minutes. The exchange also has 1; prices here are known in steps of five minutes. */
const INTERVALS: readonly string[] = ['5', '15', '30', '60', '240', '1440', '10080', '21600'];

const combine = (candles: readonly CandleText[]): CandleText | undefined => {
  const [first] = candles;
  const last = candles.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (candles.length === 1) return first;
  return {
    at: first.at,
    open: first.open,
    high: Decimal.max(...candles.map((candle) => candle.high)).toFixed(),
    low: Decimal.min(...candles.map((candle) => candle.low)).toFixed(),
    close: last.close,
    volume: candles.reduce((sum, candle) => sum.plus(candle.volume), ZERO).toFixed(),
  };
};

const renderRow = (market: MarketView, at: Instant, candle: CandleText): string => {
  const { pairDecimals, lotDecimals, id } = market.spec;
  const price = (value: Decimal | string): string =>
    `"${new Decimal(value).toFixed(pairDecimals, Decimal.ROUND_HALF_UP)}"`;
  const volume = new Decimal(candle.volume);
  // As the exchange does: a period in which nothing was traded has a row, with no average and no trades.
  const average = volume.isZero()
    ? ZERO
    : new Decimal(candle.high).plus(candle.low).plus(candle.close).div(3);
  const count = volume.isZero() ? 0 : 1 + (hash32(id, at) % 400);
  const cells = [
    Math.floor(at / 1000),
    price(candle.open),
    price(candle.high),
    price(candle.low),
    price(candle.close),
    price(average),
    `"${volume.toFixed(lotDecimals, Decimal.ROUND_HALF_UP)}"`,
    count,
  ];
  return `[${cells.join(',')}]`;
};

/** OHLC answers. Rows of closed periods never change: each is rendered once, and their joined text reused. */
export class OhlcRows {
  readonly #closed = new Map<string, Map<Instant, string>>();
  readonly #joined = new Map<string, { readonly name: string; readonly text: string }>();

  /** @throws Refusal */
  answer(market: MarketView, interval: string, since: string | undefined, now: Instant): Rendered {
    if (!INTERVALS.includes(interval)) throw invalidArgument('interval');
    if (since !== undefined && !/^\d{1,12}(\.\d+)?$/.test(since)) throw invalidArgument('since');
    const period = Number(interval) * MINUTE;
    const current = Math.floor(now / period) * period;
    const after = since === undefined ? Number.NEGATIVE_INFINITY : Number(since) * 1000;
    const oldest = current - (MOST_ROWS - 1) * period;
    const earliest = Math.max(oldest, Math.ceil(market.source.from / period) * period);
    const first = Math.max(earliest, (Math.floor(after / period) + 1) * period);
    const { id } = market.spec;
    const key = `${id} ${interval}`;
    const forming = this.#forming(market, current, now);
    if (forming === undefined) throw new Refusal(TEXTS.unavailable);
    const closed = this.#joinedRows(key, market, first, current, period);
    const parts = [closed, ...(first <= current ? [renderRow(market, current, forming)] : [])];
    const rows = parts.filter((part) => part !== '').join(',');
    return new Rendered(`{${JSON.stringify(id)}:[${rows}],"last":${Math.floor((current - period) / 1000)}}`);
  }

  #forming(market: MarketView, current: Instant, now: Instant): CandleText | undefined {
    const candles: CandleText[] = [];
    for (let at = current; at + CANDLE_MS <= now; at += CANDLE_MS) {
      const candle = market.source.candle(at);
      if (candle !== undefined) candles.push(candle);
    }
    const open = market.forming(now);
    if (open !== undefined) candles.push(open);
    return combine(candles);
  }

  #joinedRows(key: string, market: MarketView, first: Instant, end: Instant, period: number): string {
    const name = `${first} ${end}`;
    const ready = this.#joined.get(key);
    if (ready?.name === name) return ready.text;
    const rows = this.#closed.get(key) ?? new Map<Instant, string>();
    this.#closed.set(key, rows);
    const texts: string[] = [];
    for (let at = first; at < end; at += period) {
      const row = rows.get(at) ?? this.#render(market, at, period);
      if (row === undefined) continue;
      rows.set(at, row);
      texts.push(row);
    }
    for (const at of rows.keys()) if (at < end - MOST_ROWS * period) rows.delete(at);
    const text = texts.join(',');
    this.#joined.set(key, { name, text });
    return text;
  }

  #render(market: MarketView, at: Instant, period: number): string | undefined {
    const candles: CandleText[] = [];
    for (let opening = at; opening < at + period; opening += CANDLE_MS) {
      const candle = market.source.candle(opening);
      if (candle !== undefined) candles.push(candle);
    }
    const candle = combine(candles);
    return candle && renderRow(market, at, candle);
  }
}
