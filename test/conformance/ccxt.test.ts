import { describe, expect, it } from 'vitest';
import { seededPath } from '../../infra/local/prices/seeded-path.ts';
// The product reaches this class by an alias of its own; here it is the measure, so it is taken as it is.
import Kraken from '../../node_modules/ccxt/js/src/kraken.js';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC, NOON, openVenue, rfc3339, type Venue } from '../local/kraken/exchange.ts';

const HEX_ID = 'abcdef0123456789abcdef0123456789';

const clientOf = async ({ simulator, apiKey, apiSecret }: Venue) => {
  const client = new Kraken({ apiKey, secret: apiSecret, enableRateLimit: false });
  Reflect.set(client.urls, 'api', { public: simulator.url, private: simulator.url });
  let nonce = 1;
  client.nonce = () => ++nonce;
  await client.loadMarkets();
  return client;
};

/** The client types every text as perhaps absent. */
const idOf = ({ id }: { readonly id?: string | undefined }): string => {
  if (id === undefined) throw new Error('the order has no id');
  return id;
};

describe('a real ccxt client at the simulated exchange', () => {
  it('reads the markets with their steps and minimums', async () => {
    const client = await clientOf(await openVenue());

    expect(Object.keys(client.markets ?? {})).toEqual([
      'BTC/USD',
      'ETH/USD',
      'SOL/USD',
      'USDT/USD',
      'USDC/USD',
    ]);
    expect(client.market('BTC/USD')).toMatchObject({
      id: 'XXBTZUSD',
      active: true,
      taker: 0.004,
      maker: 0.0025,
      precision: { amount: 1e-8, price: 0.1 },
      limits: { amount: { min: 0.00005 }, cost: { min: 0.5 } },
    });
  });

  it('reads balances: free, used and total, reward variants under their own name', async () => {
    const venue = await openVenue({ balances: { USD: '1000', BTC: '1', 'BTC.F': '0.25' } });
    const client = await clientOf(venue);
    await client.createOrder('BTC/USD', 'limit', 'sell', 0.4, 90_000);

    const balance = await client.fetchBalance();

    expect(balance['BTC']).toEqual({ free: 0.6, used: 0.4, total: 1 });
    expect(balance['USD']).toEqual({ free: 1000, used: 0, total: 1000 });
    expect(balance['BTC.F']).toEqual({ free: 0.25, used: 0, total: 0.25 });
  });

  it('places a limit IOC, finds it by its client id, and reads its fills', async () => {
    const venue = await openVenue();
    const client = await clientOf(venue);
    const ask = Number(venue.simulator.price(BTC)?.ask);

    const placed = await client.createOrder('BTC/USD', 'limit', 'buy', 0.15, ask + 3, {
      timeInForce: 'IOC',
      clientOrderId: HEX_ID,
      deadline: rfc3339(venue.clock.now() + 10_000),
    });
    const [found] = await client.fetchClosedOrders('BTC/USD', undefined, undefined, {
      clientOrderId: HEX_ID,
    });
    const order = await client.fetchOrder(idOf(placed));
    const trades = await client.fetchOrderTrades(idOf(placed), 'BTC/USD', undefined, undefined, {
      trades: order.trades,
    });
    const history = await client.fetchMyTrades('BTC/USD', NOON);

    expect(found).toMatchObject({ id: placed.id, clientOrderId: HEX_ID, status: 'canceled' });
    expect(order).toMatchObject({ symbol: 'BTC/USD', side: 'buy', type: 'limit', amount: 0.15 });
    expect(order.fee).toMatchObject({ currency: 'USD' });
    expect(trades.length).toBeGreaterThan(0);
    const sum = trades.reduce((total, trade) => total + Number(trade.amount), 0);
    expect(sum).toBeCloseTo(Number(order.filled), 10);
    expect(history.map((trade) => trade.id).sort()).toEqual(trades.map((trade) => trade.id).sort());
    expect(trades[0]).toMatchObject({ order: placed.id, takerOrMaker: 'taker', fee: { currency: 'USD' } });
  });

  it('sells at market, lists and cancels open orders, and knows the fee', async () => {
    const venue = await openVenue();
    const client = await clientOf(venue);

    const sale = await client.createOrder('BTC/USD', 'market', 'sell', 0.01);
    const resting = await client.createOrder('BTC/USD', 'limit', 'buy', 0.01, 40_000);
    const open = await client.fetchOpenOrders('BTC/USD');
    await client.cancelOrder(idOf(resting));
    const fee = await client.fetchTradingFee('BTC/USD');

    expect(await client.fetchOrder(idOf(sale))).toMatchObject({ status: 'closed', filled: 0.01 });
    expect(open.map(({ id }) => id)).toEqual([resting.id]);
    expect(await client.fetchOpenOrders('BTC/USD')).toEqual([]);
    expect(fee).toMatchObject({ taker: 0.004, maker: 0.0025 });
  });

  it('reads 720 candles, the last one open, and a ticker and depth that agree with them', async () => {
    const path = seededPath({ seed: 3, symbol: BTC, from: NOON - 900 * 5 * MINUTE, startPrice: '50000' });
    const venue = await openVenue({ prices: [path] });
    const client = await clientOf(venue);
    venue.clock.advance(2 * MINUTE);

    const candles = await client.fetchOHLCV('BTC/USD', '5m');
    const since = await client.fetchOHLCV('BTC/USD', '5m', NOON - 10 * MINUTE);
    const ticker = await client.fetchTicker('BTC/USD');
    const depth = await client.fetchOrderBook('BTC/USD');

    expect(candles).toHaveLength(720);
    expect(candles.at(-1)?.[0]).toBe(NOON);
    expect(candles.at(-1)?.[4]).toBe(ticker.last);
    const closed = path.candle(NOON - 5 * MINUTE);
    expect(candles.at(-2)?.slice(0, 5)).toEqual([
      NOON - 5 * MINUTE,
      ...[closed?.open, closed?.high, closed?.low, closed?.close].map(Number),
    ]);
    expect(since.map(([at]) => at)).toEqual([NOON - 10 * MINUTE, NOON - 5 * MINUTE, NOON]);
    expect(depth.asks[0]?.[0]).toBe(ticker.ask);
    expect(depth.bids[0]?.[0]).toBe(ticker.bid);
    expect(Number(ticker.bid)).toBeLessThan(Number(ticker.ask));
  });

  it.each([
    'HTTP_520',
    'HTML',
    'EMPTY',
    'EMPTY_RESULT',
    'TRUNCATED',
  ] as const)('gets no order id from %s, though the order was accepted', async (kind) => {
    const venue = await openVenue();
    const client = await clientOf(venue);
    venue.simulator.faults.inject({ kind, endpoint: 'AddOrder', accept: true });

    const outcome = await client.createOrder('BTC/USD', 'market', 'sell', 0.01).then(
      ({ id }) => id,
      (error: unknown) => error,
    );

    expect(outcome === undefined || outcome instanceof Error).toBe(true);
    expect(venue.simulator.books.orders()).toHaveLength(1);
  });

  it('meets the error texts it knows', async () => {
    const venue = await openVenue();
    const client = await clientOf(venue);

    await expect(client.createOrder('BTC/USD', 'market', 'buy', 5)).rejects.toThrow(
      'EOrder:Insufficient funds',
    );
    venue.simulator.revokeKey(venue.apiKey);
    await expect(client.fetchBalance()).rejects.toThrow('EAPI:Invalid key');
  });
});
