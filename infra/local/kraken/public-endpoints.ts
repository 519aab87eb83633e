import { DAY, iso } from '../../../shared/time/clock.ts';
import { CANDLE_MS, candleOpening } from '../prices/price-source.ts';
import { Decimal, shown, ZERO } from './decimal.ts';
import { invalidArgument, Refusal, TEXTS } from './errors.ts';
import { OhlcRows } from './ohlc.ts';
import type { Form } from './order-request.ts';
import type { AssetSpec, PairSpec } from './pairs.ts';
import { type PublicEndpoint, Rendered, type World } from './world.ts';

const names = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').filter((name) => name !== '');

const pairsOf = (world: World, form: Form): readonly PairSpec[] => {
  const wanted = names(form['pair']);
  if (wanted.length === 0) return world.listing.pairs();
  return wanted.map((name) => {
    const spec = world.listing.find(name);
    if (spec === undefined) throw new Refusal(TEXTS.unknownPair);
    return spec;
  });
};

const onePair = (world: World, form: Form): PairSpec => {
  const spec = world.listing.find(form['pair'] ?? '');
  if (spec === undefined) throw new Refusal(TEXTS.unknownPair);
  return spec;
};

const serverTime: PublicEndpoint = (world) => {
  const now = world.clock.now();
  return { unixtime: Math.floor(now / 1000), rfc1123: new Date(now).toUTCString() };
};

const systemStatus: PublicEndpoint = (world) => ({
  status: world.system,
  timestamp: `${iso(world.clock.now()).slice(0, 19)}Z`,
});

const renderAsset = (asset: AssetSpec): Record<string, unknown> => ({
  aclass: 'currency',
  altname: asset.altname,
  decimals: asset.decimals,
  display_decimals: asset.displayDecimals,
  status: 'enabled',
});

const assets: PublicEndpoint = (world, form) => {
  const wanted = names(form['asset']);
  const found =
    wanted.length === 0
      ? world.listing.assets()
      : wanted.map((name) => {
          const asset = world.listing.asset(name);
          if (asset === undefined) throw new Refusal(TEXTS.unknownAsset);
          return asset;
        });
  return Object.fromEntries(found.map((asset) => [asset.id, renderAsset(asset)]));
};

const assetPairs: PublicEndpoint = (world, form) =>
  Object.fromEntries(
    pairsOf(world, form).map((spec) => [
      spec.id,
      {
        altname: spec.altname,
        wsname: spec.wsname,
        aclass_base: 'currency',
        base: spec.base.id,
        aclass_quote: 'currency',
        quote: spec.quote.id,
        lot: 'unit',
        cost_decimals: spec.costDecimals,
        pair_decimals: spec.pairDecimals,
        lot_decimals: spec.lotDecimals,
        lot_multiplier: 1,
        leverage_buy: [],
        leverage_sell: [],
        fees: world.fees.tiers.map((tier) => [Number(tier.volume), Number(tier.taker)]),
        fees_maker: world.fees.tiers.map((tier) => [Number(tier.volume), Number(tier.maker)]),
        fee_volume_currency: 'ZUSD',
        margin_call: 80,
        margin_stop: 40,
        ordermin: spec.orderMinimum,
        costmin: spec.costMinimum,
        tick_size: spec.tickSize,
        status: world.listing.status(spec),
      },
    ]),
  );

interface DayFigures {
  readonly volume: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly open: Decimal;
  readonly vwap: Decimal;
}

/** Sampled every half hour: day figures are for show, no rule depends on them. */
const SAMPLE_MS = 6 * CANDLE_MS;

const dayFigures = (world: World, spec: PairSpec, from: number): DayFigures | undefined => {
  const market = world.markets.get(spec.id);
  const now = world.clock.now();
  const moment = market?.at(now);
  if (market === undefined || moment === undefined) return undefined;
  let { high, low } = moment;
  let open: Decimal | undefined;
  let volume = ZERO;
  let turnover = ZERO;
  for (let at = candleOpening(from); at <= now; at += SAMPLE_MS) {
    const candle = market.source.candle(at);
    if (candle === undefined) continue;
    open ??= new Decimal(candle.open);
    if (at === candleOpening(now)) continue;
    high = Decimal.max(high, candle.high);
    low = Decimal.min(low, candle.low);
    const traded = new Decimal(candle.volume).times(SAMPLE_MS / CANDLE_MS);
    volume = volume.plus(traded);
    turnover = turnover.plus(traded.times(candle.close));
  }
  return {
    volume,
    high,
    low,
    open: open ?? moment.last,
    vwap: volume.isZero() ? moment.last : turnover.div(volume),
  };
};

const tickerOf = (world: World, spec: PairSpec): Record<string, unknown> | undefined => {
  const now = world.clock.now();
  const market = world.markets.get(spec.id);
  const book = market?.book(now);
  const last = market?.at(now)?.last;
  const bid = book?.bids[0];
  const ask = book?.asks[0];
  const today = dayFigures(world, spec, Math.floor(now / DAY) * DAY);
  const rolling = dayFigures(world, spec, now - DAY);
  if (!last || !bid || !ask || !today || !rolling) return undefined;
  const price = (value: Decimal): string => value.toFixed(spec.pairDecimals, Decimal.ROUND_HALF_UP);
  const lots = (value: Decimal): string => shown(value, spec.lotDecimals);
  const whole = (value: Decimal): string => Decimal.max(1, value).toFixed(0, Decimal.ROUND_DOWN);
  const count = (value: Decimal): number => value.times(10).toDecimalPlaces(0, Decimal.ROUND_UP).toNumber();
  return {
    a: [price(ask.price), whole(ask.volume), shown(ask.volume, 3)],
    b: [price(bid.price), whole(bid.volume), shown(bid.volume, 3)],
    c: [price(last), lots(bid.volume)],
    v: [lots(today.volume), lots(rolling.volume)],
    p: [price(today.vwap), price(rolling.vwap)],
    t: [count(today.volume), count(rolling.volume)],
    l: [price(today.low), price(rolling.low)],
    h: [price(today.high), price(rolling.high)],
    o: price(today.open),
  };
};

/** A ticker's text lives as long as its moment: many callers ask for the same one. */
const tickers = new WeakMap<World, Map<string, { readonly at: number; readonly text: string | undefined }>>();

const tickerText = (world: World, spec: PairSpec): string | undefined => {
  const cache = tickers.get(world) ?? new Map<string, { at: number; text: string | undefined }>();
  tickers.set(world, cache);
  const at = world.clock.now();
  const cached = cache.get(spec.id);
  if (cached?.at === at) return cached.text;
  const ticker = tickerOf(world, spec);
  const text = ticker && JSON.stringify(ticker);
  cache.set(spec.id, { at, text });
  return text;
};

const ticker: PublicEndpoint = (world, form) => {
  const entries: string[] = [];
  for (const spec of pairsOf(world, form)) {
    const text = tickerText(world, spec);
    if (text !== undefined) entries.push(`${JSON.stringify(spec.id)}:${text}`);
  }
  return new Rendered(`{${entries.join(',')}}`);
};

const rows = new WeakMap<World, OhlcRows>();

const ohlc: PublicEndpoint = (world, form) => {
  const spec = onePair(world, form);
  const market = world.markets.get(spec.id);
  if (market === undefined) throw new Refusal(TEXTS.unavailable);
  const cache = rows.get(world) ?? new OhlcRows();
  rows.set(world, cache);
  return cache.answer(market, form['interval'] ?? '1', form['since'], world.clock.now());
};

const depth: PublicEndpoint = (world, form) => {
  const spec = onePair(world, form);
  const count = Number(form['count'] ?? '100');
  if (!Number.isInteger(count) || count < 1 || count > 500) throw invalidArgument('count');
  const now = world.clock.now();
  const book = world.markets.get(spec.id)?.book(now);
  if (book === undefined) throw new Refusal(TEXTS.unavailable);
  const render = (side: typeof book.asks): unknown[] =>
    side
      .slice(0, count)
      .map(({ price, volume }) => [
        shown(price, spec.pairDecimals),
        shown(volume, 3),
        Math.floor(now / 1000),
      ]);
  return { [spec.id]: { asks: render(book.asks), bids: render(book.bids) } };
};

export const PUBLIC_ENDPOINTS: Readonly<Record<string, PublicEndpoint>> = {
  Time: serverTime,
  SystemStatus: systemStatus,
  Assets: assets,
  AssetPairs: assetPairs,
  Ticker: ticker,
  OHLC: ohlc,
  Depth: depth,
};
