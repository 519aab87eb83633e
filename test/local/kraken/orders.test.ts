import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CandleText, PriceSource } from '../../../infra/local/prices/price-source.ts';
import { MINUTE, SECOND } from '../../../shared/time/clock.ts';
import {
  BTC,
  NOON,
  openVenue,
  orderForm,
  read,
  rfc3339,
  send,
  type Venue,
  zOrders,
  zPlaced,
} from './exchange.ts';

const HEX_ID = 'abcdef0123456789abcdef0123456789';

const orderOf = async (venue: Venue, id: string) => {
  const orders = await venue.result('QueryOrders', { txid: id, trades: 'true' }, zOrders);
  const order = orders[id];
  if (order === undefined) throw new Error(`${id} is not in the answer`);
  return order;
};

const place = async (venue: Venue, form: Record<string, string>): Promise<string> =>
  (await venue.result('AddOrder', orderForm(form), zPlaced)).txid[0];

describe('orders', () => {
  it('fills a market buy over several levels, for fees, with money and asset changing hands exactly', async () => {
    const venue = await openVenue();

    const id = await place(venue, { volume: '0.15' });
    const order = await orderOf(venue, id);

    expect(order).toMatchObject({ status: 'closed', vol_exec: '0.15000000', oflags: 'fciq' });
    expect(order.trades?.length).toBeGreaterThan(1);
    const { BTC: btc, USD: usd } = venue.simulator.books.balances('ann');
    const [booked] = venue.simulator.books.orders();
    expect(btc?.total).toBe('1.15');
    expect(Number(usd?.total)).toBeCloseTo(10_000 - Number(booked?.cost) - Number(booked?.fee), 5);
    expect(Number(order.fee) / Number(order.cost)).toBeCloseTo(0.004, 6);
    expect(venue.simulator.books.audit()).toEqual([]);
  });

  it('fills a limit IOC up to its limit and cancels the rest', async () => {
    const venue = await openVenue();
    const ask = Number(venue.simulator.price(BTC)?.ask);

    const id = await place(venue, {
      ordertype: 'limit',
      price: (ask + 3).toFixed(1),
      volume: '0.15',
      timeinforce: 'IOC',
      cl_ord_id: HEX_ID,
    });
    const order = await orderOf(venue, id);

    expect(order).toMatchObject({ status: 'canceled', cl_ord_id: HEX_ID });
    expect(Number(order.vol_exec)).toBeGreaterThan(0);
    expect(Number(order.vol_exec)).toBeLessThan(0.15);
    expect(Number(order.price)).toBeLessThanOrEqual(ask + 3);
    expect(venue.simulator.books.balances('ann')['USD']?.held).toBe('0');
  });

  it('cancels a limit IOC that meets no price, with nothing filled', async () => {
    const venue = await openVenue();

    const id = await place(venue, { ordertype: 'limit', price: '49000', timeinforce: 'IOC' });

    expect(await orderOf(venue, id)).toMatchObject({ status: 'canceled', vol_exec: '0.00000000' });
  });

  it('rests a limit order, holds its money, and fills it as maker when the price gets there', async () => {
    const price: CandleText[] = [
      { at: NOON, open: '50000', high: '50010', low: '49990', close: '50000', volume: '5' },
      { at: NOON + 5 * MINUTE, open: '50000', high: '50000', low: '48000', close: '48500', volume: '5' },
      { at: NOON + 10 * MINUTE, open: '48500', high: '48500', low: '48500', close: '48500', volume: '5' },
    ];
    const falling: PriceSource = {
      symbol: BTC,
      from: NOON,
      candle: (at) => price.find((candle) => candle.at === at),
    };
    const venue = await openVenue({ prices: [falling] });

    const id = await place(venue, { ordertype: 'limit', price: '48200', volume: '0.1' });
    const held = venue.simulator.books.balances('ann')['USD']?.held;
    const open = await venue.result('OpenOrders', {}, z.object({ open: zOrders }));
    venue.clock.advance(10 * MINUTE);
    const order = await orderOf(venue, id);

    expect(held).toBe('4839.28');
    expect(Object.keys(open.open)).toEqual([id]);
    expect(order).toMatchObject({ status: 'closed', price: '48200.0', cost: '4820.00000', fee: '12.05000' });
    expect(venue.simulator.books.trades()[0]?.maker).toBe(true);
    expect(venue.simulator.books.audit()).toEqual([]);
  });

  it('does not fill a resting order by a price from before it was placed', async () => {
    const dip: CandleText = {
      at: NOON,
      open: '50000',
      high: '50500',
      low: '48000',
      close: '50400',
      volume: '5',
    };
    const venue = await openVenue({ prices: [{ symbol: BTC, from: NOON, candle: () => dip }] });
    venue.clock.advance(3 * MINUTE);

    const id = await place(venue, { ordertype: 'limit', price: '48500', volume: '0.1' });
    venue.clock.advance(MINUTE);

    expect((await orderOf(venue, id)).status).toBe('open');
  });

  it('cancels one order by either id, all orders, and none that is not open', async () => {
    const venue = await openVenue();
    const resting = { ordertype: 'limit', price: '40000', volume: '0.01' };
    const first = await place(venue, resting);
    await place(venue, { ...resting, cl_ord_id: 'mine-1' });
    await place(venue, resting);
    await place(venue, resting);

    const byId = await venue.call('CancelOrder', { txid: first });
    const byClientId = await venue.call('CancelOrder', { cl_ord_id: 'mine-1' });
    const again = await venue.call('CancelOrder', { txid: first });
    const rest = await venue.call('CancelAll');

    expect(byId.result).toEqual({ count: 1 });
    expect(byClientId.result).toEqual({ count: 1 });
    expect(again.error).toEqual(['EOrder:Unknown order']);
    expect(rest.result).toEqual({ count: 2 });
    expect(await orderOf(venue, first)).toMatchObject({ status: 'canceled', reason: 'User requested' });
    expect(venue.simulator.books.balances('ann')['USD']).toMatchObject({ held: '0', total: '10000' });
  });

  it('validates without placing', async () => {
    const venue = await openVenue();

    const answer = await venue.call('AddOrder', orderForm({ validate: 'true' }));

    expect(answer).toEqual({
      error: [],
      result: { descr: { order: 'buy 0.01000000 XBTUSD @ market' } },
    });
    expect(venue.simulator.books.orders()).toEqual([]);
  });

  it('buys for an amount of quote currency with viqc, and refuses viqc elsewhere', async () => {
    const venue = await openVenue();

    const id = await place(venue, { oflags: 'viqc', volume: '1000' });
    const sale = await venue.call('AddOrder', orderForm({ type: 'sell', oflags: 'viqc', volume: '1000' }));

    const [booked] = venue.simulator.books.orders();
    expect((await orderOf(venue, id)).status).toBe('closed');
    expect(Number(booked?.cost)).toBeGreaterThan(999.99);
    expect(Number(booked?.cost)).toBeLessThanOrEqual(1000);
    expect(sale.error).toEqual(['EGeneral:Invalid arguments:viqc']);
  });

  it('takes the fee in base where asked to', async () => {
    const venue = await openVenue();

    const id = await place(venue, { oflags: 'fcib', volume: '0.01' });

    const { BTC: btc } = venue.simulator.books.balances('ann');
    expect(btc?.total).toBe('1.00996');
    const [booked] = venue.simulator.books.trades();
    expect(booked).toMatchObject({ feeAsset: 'BTC', fee: '0.00004' });
    // Shown in quote all the same: the fee in base times the price.
    const shown = 0.00004 * Number(booked?.price);
    expect(Number((await orderOf(venue, id)).fee)).toBeCloseTo(shown, 4);
    const history = await venue.call('TradesHistory');
    expect(JSON.stringify(history.result)).toContain(`"fee":"${shown.toFixed(5)}"`);
    expect(venue.simulator.books.audit()).toEqual([]);
  });

  it('cancels a post-only order that would trade at once', async () => {
    const venue = await openVenue();

    const id = await place(venue, { ordertype: 'limit', price: '51000', oflags: 'post' });

    expect(await orderOf(venue, id)).toMatchObject({ status: 'canceled', reason: 'Post only order' });
  });

  it.each([
    [{ pair: 'NOPE' }, 'EQuery:Unknown asset pair'],
    [{ volume: '0.00001' }, 'EOrder:Order minimum not met'],
    [{ pair: 'SOLUSD', ordertype: 'limit', price: '1', volume: '0.4' }, 'EOrder:Cost minimum not met'],
    [{ volume: '0.012345678' }, 'EGeneral:Invalid arguments:volume'],
    [{ volume: '-1' }, 'EGeneral:Invalid arguments:volume'],
    [{ ordertype: 'limit', price: '50000.05' }, 'EOrder:Tick size check failed'],
    [{ ordertype: 'limit' }, 'EGeneral:Invalid arguments:price'],
    [{ ordertype: 'stop-loss' }, 'EGeneral:Invalid arguments:ordertype'],
    [{ type: 'hold' }, 'EGeneral:Invalid arguments:type'],
    [{ volume: '1' }, 'EOrder:Insufficient funds'],
    [{ type: 'sell', volume: '1.1' }, 'EOrder:Insufficient funds'],
    [{ cl_ord_id: 'longer than eighteen characters' }, 'EGeneral:Invalid arguments:cl_ord_id'],
    [{ cl_ord_id: 'mine', userref: '7' }, 'EGeneral:Invalid arguments'],
    [{ timeinforce: 'FOREVER' }, 'EGeneral:Invalid arguments:timeinforce'],
    [{ deadline: rfc3339(NOON - SECOND) }, 'EService:Deadline elapsed'],
    [{ deadline: rfc3339(NOON + 61 * SECOND) }, 'EGeneral:Invalid arguments:deadline'],
    [{ deadline: 'soon' }, 'EGeneral:Invalid arguments:deadline'],
  ])('refuses %o with %s', async (form, text) => {
    const venue = await openVenue();

    const answer = await venue.call('AddOrder', orderForm(form));

    expect(answer.error).toEqual([text]);
    expect(venue.simulator.books.orders()).toEqual([]);
  });

  it('accepts a client id again as soon as its order is no longer open', async () => {
    const venue = await openVenue();
    const resting = { ordertype: 'limit', price: '40000', volume: '0.01', cl_ord_id: HEX_ID };

    const first = await place(venue, resting);
    const duplicate = await venue.call('AddOrder', orderForm(resting));
    await venue.call('CancelOrder', { txid: first });
    const second = await place(venue, resting);

    expect(duplicate.error).toEqual(['EOrder:Duplicate cl_ord_id']);
    expect(second).not.toBe(first);
  });

  it('lists closed orders and trades newest first in pages, after `start` and up to `end`', async () => {
    const venue = await openVenue({ balances: { USD: '1000000' }, rateLimits: { private: false } });
    for (let count = 0; count < 52; count++) {
      await place(venue, { volume: '0.001', cl_ord_id: `n-${count}` });
      venue.clock.advance(SECOND);
    }
    const zClosed = z.object({ closed: zOrders, count: z.number() });
    const zTrades = z.object({
      trades: z.record(z.string(), z.object({ time: z.number() })),
      count: z.number(),
    });
    const start = String(NOON / 1000 + 10);

    const first = await venue.result('ClosedOrders', {}, zClosed);
    const second = await venue.result('ClosedOrders', { ofs: '50' }, zClosed);
    const named = await venue.result('ClosedOrders', { cl_ord_id: 'n-3' }, zClosed);
    const trades = await venue.result('TradesHistory', { start, end: String(NOON / 1000 + 12.5) }, zTrades);

    expect(first.count).toBe(52);
    expect(Object.values(first.closed)[0]?.cl_ord_id).toBe('n-51');
    expect(Object.keys(first.closed)).toHaveLength(50);
    expect(Object.values(second.closed).map((order) => order.cl_ord_id)).toEqual(['n-1', 'n-0']);
    expect(Object.values(named.closed).map((order) => order.cl_ord_id)).toEqual(['n-3']);
    expect(trades.count).toBe(3);
    const times = Object.values(trades.trades).map((trade) => trade.time);
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  it('hides one account from another', async () => {
    const venue = await openVenue();
    const id = await place(venue, {});
    venue.simulator.createAccount({ accountId: 'bob', balances: { USD: '5' } });
    const bob = venue.simulator.addKey({ accountId: 'bob' });

    const call = { url: venue.simulator.url, ...bob, form: { txid: id } };
    const order = await read(await send({ ...call, endpoint: 'QueryOrders', nonce: '1' }));
    const cancel = await read(await send({ ...call, endpoint: 'CancelOrder', nonce: '2' }));
    const balance = await read(await send({ ...call, endpoint: 'Balance', nonce: '3' }));

    expect(order.error).toEqual(['EOrder:Unknown order']);
    expect(cancel.error).toEqual(['EOrder:Unknown order']);
    expect(balance.result).toEqual({ ZUSD: '5.0000' });
  });

  it.each([
    ['cancel_only', 'EService:Market in cancel_only mode'],
    ['post_only', 'EService:Market in post_only mode'],
    ['limit_only', 'EService:Market in limit_only mode'],
    ['maintenance', 'EService:Unavailable'],
  ] as const)('refuses a market order on a pair that is %s', async (status, text) => {
    const venue = await openVenue();
    venue.simulator.setMarketStatus(BTC, status);

    const answer = await venue.call('AddOrder', orderForm());

    expect(answer.error).toEqual([text]);
  });

  it('no longer knows a delisted pair, cancels what was open on it, and leaves the asset where it is', async () => {
    const venue = await openVenue();
    await place(venue, { ordertype: 'limit', price: '40000' });

    venue.simulator.delist(BTC);
    const answer = await venue.call('AddOrder', orderForm());
    const pairs = await venue.publicly('AssetPairs');

    expect(answer.error).toEqual(['EQuery:Unknown asset pair']);
    expect(Object.keys(pairs.result ?? {})).not.toContain('XXBTZUSD');
    expect(venue.simulator.books.orders()[0]?.status).toBe('canceled');
    expect(venue.simulator.books.balances('ann')['BTC']?.total).toBe('1');
  });
});
