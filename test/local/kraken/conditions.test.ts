import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BTC, openVenue, orderForm, type Venue, zPlaced } from './exchange.ts';

const zFunds = z.record(z.string(), z.object({ balance: z.string(), hold_trade: z.string() }));
const zOpen = z.object({ open: z.record(z.string(), z.unknown()) });
const zPairs = z.record(z.string(), z.object({ ordermin: z.string(), costmin: z.string() }));

const coins = async (venue: Venue) => Number((await venue.result('BalanceEx', {}, zFunds))['XXBT']?.balance);

const resting = { ...orderForm(), ordertype: 'limit', price: '40000.0', volume: '0.1' };

describe('conditions of the exchange', () => {
  it('shows in balances what an order did only when the lag is over', async () => {
    const venue = await openVenue();
    const lag = venue.simulator.lagBalances({ accountId: 'ann', forMs: 2_000 });

    await venue.call('AddOrder', { ...orderForm(), volume: '0.1' });
    const atOnce = await coins(venue);
    venue.clock.advance(1_999);
    const justBefore = await coins(venue);
    venue.clock.advance(1);
    const after = await coins(venue);
    lag.clear();
    await venue.call('AddOrder', orderForm());

    expect([atOnce, justBefore, after]).toEqual([1, 1, 1.1]);
    expect(await coins(venue)).toBe(1.11);
  });

  it('lists a hidden order when its time is over, however seldom it was asked for', async () => {
    const venue = await openVenue();
    venue.simulator.hideNewOrders({ accountId: 'ann', calls: 100, forMs: 3_000 });

    await venue.call('AddOrder', resting);
    const atOnce = await venue.result('OpenOrders', {}, zOpen);
    venue.clock.advance(3_000);
    const later = await venue.result('OpenOrders', {}, zOpen);

    expect(Object.keys(atOnce.open)).toHaveLength(0);
    expect(Object.keys(later.open)).toHaveLength(1);
  });

  it('executes an order right before its cancel, which then finds none', async () => {
    const venue = await openVenue();
    const { txid } = await venue.result('AddOrder', resting, zPlaced);
    venue.simulator.faults.inject({ kind: 'FILLS_FIRST', endpoint: 'CancelOrder' });

    const answer = await venue.call('CancelOrder', { txid: txid[0] });

    expect(answer.error).toEqual(['EOrder:Unknown order']);
    expect(venue.simulator.books.orders()).toMatchObject([{ status: 'closed', filled: '0.1', cost: '4000' }]);
    expect(venue.simulator.books.audit()).toEqual([]);
  });

  it('refuses what is below raised minimums, names them, and takes it when they are as usual', async () => {
    const venue = await openVenue();
    const small = { ...orderForm(), volume: '0.01' };

    venue.simulator.setMinimums(BTC, { order: '0.02', cost: '5' });
    const named = zPairs.parse((await venue.publicly('AssetPairs', { pair: 'XXBTZUSD' })).result);
    const refused = await venue.call('AddOrder', small);
    venue.simulator.setMinimums(BTC, undefined);
    const taken = await venue.call('AddOrder', small);

    expect(named['XXBTZUSD']).toEqual({ ordermin: '0.02', costmin: '5' });
    expect(refused.error).toEqual(['EOrder:Order minimum not met']);
    expect(taken.error).toEqual([]);
  });

  it('fills a market order in part where others offer next to nothing', async () => {
    const venue = await openVenue();
    const sale = { ...orderForm(), type: 'sell', volume: '1' };

    venue.simulator.setDepth(BTC, '0.001');
    await venue.call('AddOrder', sale);
    venue.simulator.setDepth(BTC, '1');
    await venue.call('AddOrder', { ...sale, volume: '0.5' });

    const [thin, usual] = venue.simulator.books.orders();
    expect(thin?.status).toBe('canceled');
    expect(Number(thin?.filled)).toBeGreaterThan(0);
    expect(Number(thin?.filled)).toBeLessThan(0.5);
    expect(usual).toMatchObject({ status: 'closed', filled: '0.5' });
  });
});
