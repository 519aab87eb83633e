import { iso } from '../../../shared/time/clock.ts';
import type { BookSide } from './book-side.ts';
import { shown } from './decimal.ts';
import { invalidArgument, Refusal, TEXTS } from './errors.ts';
import type { MarketView } from './market-view.ts';
import { OhlcRows } from './ohlc.ts';
import type { Form } from './order-request.ts';
import type { AssetSpec, PairSpec } from './pairs.ts';
import { TickerTexts } from './ticker.ts';
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
        ordermin: world.listing.minimums(spec).order,
        costmin: world.listing.minimums(spec).cost,
        tick_size: spec.tickSize,
        status: world.listing.status(spec),
      },
    ]),
  );

const tickers = new WeakMap<MarketView, TickerTexts>();

const tickerOf = (market: MarketView): TickerTexts => {
  const texts = tickers.get(market) ?? new TickerTexts(market);
  tickers.set(market, texts);
  return texts;
};

const ticker: PublicEndpoint = (world, form) => {
  const entries: string[] = [];
  for (const spec of pairsOf(world, form)) {
    const market = world.markets.get(spec.id);
    const text = market && tickerOf(market).text(world.clock.now());
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
  const render = (side: BookSide): unknown[] =>
    [...side]
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
