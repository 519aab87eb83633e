import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKrakenSimulator } from '../../../infra/local/kraken/simulator.ts';
import { seededPath } from '../../../infra/local/prices/seeded-path.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import { MINUTE } from '../../../shared/time/clock.ts';
import { BTC, flatPrices, ManualClock, NOON, openVenue, orderForm, read, send } from './exchange.ts';

describe('the simulated exchange', () => {
  it('goes on from a snapshot as if it had never stopped: books, nonces, resting orders, statuses', async () => {
    const before = await openVenue();
    await before.call('AddOrder', orderForm());
    await before.call('AddOrder', orderForm({ ordertype: 'limit', price: '40000' }));
    before.simulator.setMarketStatus('ETH/USD', 'cancel_only');
    before.simulator.delist('SOL/USD');
    const state = JSON.parse(JSON.stringify(before.simulator.snapshot()));

    const after = createKrakenSimulator({ clock: before.clock, seed: 1, prices: flatPrices, state });
    await after.start();
    onTestFinished(() => after.stop());
    const call = { url: after.url, apiKey: before.apiKey, apiSecret: before.apiSecret };
    const replayed = await read(await send({ ...call, endpoint: 'Balance', nonce: '1000001' }));
    const cancelled = await read(await send({ ...call, endpoint: 'CancelAll', nonce: '2000000' }));
    const pairs = await read(await fetch(`${after.url}/0/public/AssetPairs`));

    expect(after.books.trades()).toEqual(before.simulator.books.trades());
    expect(after.books.orders()[0]).toEqual(before.simulator.books.orders()[0]);
    expect(replayed.error).toEqual(['EAPI:Invalid nonce']);
    expect(cancelled.result).toEqual({ count: 1 });
    expect(pairs.result).toMatchObject({ XETHZUSD: { status: 'cancel_only' } });
    expect(Object.keys(pairs.result ?? {})).not.toContain('SOLUSD');
    expect(after.books.audit()).toEqual([]);
  });

  it('says in one sentence what is wrong with a saved state', () => {
    const options = { clock: new ManualClock(), seed: 1, prices: flatPrices };

    expect(() => createKrakenSimulator({ ...options, state: { version: 1 } })).toThrow(
      /saved state cannot be used: system: .*start with a fresh one/,
    );
  });

  it('says in one sentence that its port is taken, and starts again on its own after a stop', async () => {
    const { simulator } = await openVenue();
    const { url } = simulator;
    const rival = createKrakenSimulator({
      clock: new ManualClock(),
      seed: 1,
      prices: flatPrices,
      port: Number(new URL(url).port),
    });

    const refusal = rival.start();
    await expect(refusal).rejects.toThrow(/port \d+ on 127\.0\.0\.1 is taken; stop what uses it or choose/);
    await simulator.stop();
    const unreachable = await fetch(`${url}/0/public/Time`).catch((error: unknown) => error);
    await simulator.start();

    expect(unreachable).toBeInstanceOf(TypeError);
    expect(simulator.url).toBe(url);
    expect((await fetch(`${url}/0/public/Time`)).status).toBe(200);
  });

  it('stops at once even while a caller waits for an answer that never comes', async () => {
    const { simulator } = await openVenue();
    simulator.faults.inject({ kind: 'TIMEOUT_BEFORE' });
    const waiting = fetch(`${simulator.url}/0/public/Time`).catch((error: unknown) => error);
    await expect.poll(() => simulator.books.requests().length, { interval: 2, timeout: 20_000 }).toBe(1);

    await simulator.stop();

    expect(await waiting).toBeInstanceOf(TypeError);
  });

  it('draws the same ids, keys and prices from the same seed', async () => {
    const run = async (seed: number) => {
      const prices = [seededPath({ seed, symbol: BTC, from: NOON - 60 * MINUTE, startPrice: '50000' })];
      const venue = await openVenue({ seed, prices });
      await venue.call('AddOrder', orderForm());
      return {
        key: venue.apiKey,
        orders: venue.simulator.books.orders(),
        trades: venue.simulator.books.trades(),
      };
    };

    const [first, second, other] = [await run(4), await run(4), await run(5)];

    expect(first).toEqual(second);
    expect(other.key).not.toBe(first.key);
    expect(other.trades[0]?.price).not.toBe(first.trades[0]?.price);
  });

  it('refuses prices for a market it does not know, and accounts and keys that exist or do not', async () => {
    const { simulator, apiKey } = await openVenue();
    const odd = seededPath({ seed: 1, symbol: marketSymbol('ABC/USD'), from: 0, startPrice: '1' });

    expect(() => createKrakenSimulator({ clock: new ManualClock(), seed: 1, prices: [odd] })).toThrow(
      'has no pair ABC/USD; it lists BTC/USD',
    );
    expect(() => simulator.createAccount({ accountId: 'ann' })).toThrow("already (given 'ann')");
    expect(() => simulator.addKey({ accountId: 'zoe' })).toThrow("no such account (given 'zoe')");
    expect(() => simulator.addKey({ accountId: 'ann', apiKey })).toThrow('has this API key already');
    expect(() => simulator.deposit('ann', 'USD', '-5')).toThrow("without sign (given '-5')");
    expect(() => simulator.withdraw('ann', 'USD', '99999999')).toThrow('EOrder:Insufficient funds');
  });

  it('counts reward variants and deposits under their own names', async () => {
    const { simulator, call } = await openVenue({ balances: { USD: '1', 'BTC.F': '0.5', ADA: '3' } });
    simulator.deposit('ann', 'USD', '2.5');

    const balance = await call('Balance');

    expect(balance.result).toEqual({ ZUSD: '3.5000', 'XBT.F': '0.5000000000', ADA: '3.00000000' });
    expect(Object.keys(simulator.books.balances('ann'))).toEqual(['USD', 'BTC.F', 'ADA']);
    expect(simulator.books.audit()).toEqual([]);
  });

  it('charges less from the next tier on, and the same to everybody where told so', async () => {
    const tiered = await openVenue({ balances: { USD: '100000' } });
    await tiered.call('AddOrder', orderForm({ volume: '0.3' }));
    const flat = await openVenue({ fees: { maker: '0.1', taker: '0.2' } });

    const after = await tiered.call('TradeVolume', { pair: 'XBTUSD' });
    const everywhere = await flat.call('TradeVolume', { pair: 'XBTUSD' });

    expect(after.result).toMatchObject({ fees: { XXBTZUSD: { fee: '0.3500', nextfee: '0.2400' } } });
    expect(everywhere.result).toMatchObject({ fees: { XXBTZUSD: { fee: '0.2000', nextfee: null } } });
  });

  it('keeps its books right through any sequence of orders, and nobody below zero', async () => {
    const prices = [seededPath({ seed: 9, symbol: BTC, from: NOON - 60 * MINUTE, startPrice: '50000' })];
    const action = fc.record({
      type: fc.constantFrom('buy', 'sell'),
      ordertype: fc.constantFrom('market', 'limit'),
      lots: fc.integer({ min: 1, max: 4000 }),
      distance: fc.integer({ min: -300, max: 300 }),
      immediate: fc.boolean(),
      oflags: fc.constantFrom('fciq', 'fcib'),
      wait: fc.integer({ min: 0, max: 9 * MINUTE }),
      cancel: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        const venue = await openVenue({ prices, rateLimits: { private: false, engine: false } });
        for (const { type, ordertype, lots, distance, immediate, oflags, wait, cancel } of actions) {
          const last = Math.round(Number(venue.simulator.price(BTC)?.last));
          const limit = ordertype === 'limit';
          await venue.call('AddOrder', {
            pair: 'XBTUSD',
            type,
            ordertype,
            volume: (lots / 10_000).toFixed(4),
            oflags,
            ...(limit && { price: String(last + distance) }),
            ...(limit && immediate && { timeinforce: 'IOC' }),
          });
          venue.clock.advance(wait);
          if (cancel) await venue.call('CancelAll');
        }
        await venue.publicly('Time');
        expect(venue.simulator.books.audit()).toEqual([]);
        await venue.simulator.stop();
      }),
      { numRuns: 25 },
    );
  });
});
