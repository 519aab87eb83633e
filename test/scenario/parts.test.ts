import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../infra/local/aws/scheduler.ts';
import { VirtualClock } from '../../infra/local/clock/virtual-clock.ts';
import type { BookedTrade } from '../../infra/local/kraken/books.ts';
import { CANDLE_MS, flatCandle, type PriceSource } from '../../infra/local/prices/price-source.ts';
import { CheckRecord } from '../../infra/local/scenario/check-record.ts';
import { boughtBefore, stopOf } from '../../infra/local/scenario/cost.ts';
import { passUntil } from '../../infra/local/scenario/passing.ts';
import { FallingPrices } from '../../infra/local/scenario/price-falls.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import { MINUTE } from '../../shared/time/clock.ts';

const BTC = marketSymbol('BTC/USD');
const source: PriceSource = { symbol: BTC, from: 0, candle: (at) => flatCandle(at, '200.5') };

describe('a price that falls in a run', () => {
  it('is lower from a candle on and for good, and what was seen before stays as it was', () => {
    const prices = new FallingPrices([source]);
    const at = 10 * CANDLE_MS;
    prices.fall({ symbol: BTC, at, factor: '0.9' });
    const [fallen] = prices.sources;
    expect(fallen?.candle(at - CANDLE_MS)?.close).toBe('200.5');
    expect(Number(fallen?.candle(at)?.open)).toBe(180.45);
    expect(Number(fallen?.candle(at + 500 * CANDLE_MS)?.low)).toBe(180.45);
  });

  it('is as low again for who goes on with what it remembers', () => {
    const first = new FallingPrices([source]);
    first.fall({ symbol: BTC, at: 0, factor: '0.9' });
    const again = new FallingPrices([source], first.falls);
    expect(again.openingPrice(BTC, CANDLE_MS).eq(first.openingPrice(BTC, CANDLE_MS))).toBe(true);
  });
});

describe('what the books say was bought', () => {
  const trade = (side: 'BUY' | 'SELL', quantity: number, cost: number, at: number): BookedTrade => ({
    tradeId: `T${at}`,
    orderId: `O${at}`,
    accountId: 'u-cho',
    symbol: BTC,
    side,
    price: String(cost / quantity),
    quantity: String(quantity),
    cost: String(cost),
    fee: '0',
    feeAsset: 'USD',
    maker: false,
    at,
  });

  it('keeps the cost of a unit whatever part is sold, and so the stop where it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000 }), fc.integer({ min: 1, max: 999 }), (quantity, sold) => {
        fc.pre(sold < quantity);
        const trades = [trade('BUY', quantity, quantity * 50, 1), trade('SELL', sold, sold * 70, 2)];
        const bought = boughtBefore({ trades: () => trades }, 'u-cho', BTC, 3);
        expect(bought.quantity.toNumber()).toBe(quantity - sold);
        expect(stopOf(bought, '0.06')?.toDecimalPlaces(20).toNumber()).toBe(47);
      }),
    );
  });

  it('counts fees as cost, and neither later trades nor those of others', () => {
    const trades = [
      { ...trade('BUY', 2, 100, 1), fee: '4' },
      { ...trade('BUY', 2, 100, 2), accountId: 'u-ben' },
      trade('BUY', 2, 100, 3),
    ];
    const bought = boughtBefore({ trades: () => trades }, 'u-cho', BTC, 3);
    expect([bought.quantity.toNumber(), bought.cost.toNumber()]).toEqual([2, 104]);
  });

  it('knows no stop of nothing', () => {
    expect(stopOf(boughtBefore({ trades: () => [] }, 'u-cho', BTC, 1), '0.06')).toBeUndefined();
  });
});

describe('market time that passes', () => {
  it('has done all that is due on the way, one moment after the other, and ends at its end', async () => {
    const start = Date.UTC(2026, 0, 5);
    const clock = new VirtualClock(start);
    const scheduler = new Scheduler();
    const order: string[] = [];
    const create = (name: string, startAt: number, rateMs: number) =>
      scheduler.create({
        name,
        startAt,
        rateMs,
        fn: {
          name,
          timeoutMs: MINUTE,
          handler: async () => {
            order.push(name);
          },
        },
        input: {},
      });
    create('tick', start + 5 * MINUTE, 5 * MINUTE);
    create('checks', start + 7 * MINUTE, 15 * MINUTE);

    const runs = await passUntil({ scheduler, settle: async () => undefined }, clock, start + 16 * MINUTE);

    expect(order).toEqual(['tick', 'checks', 'tick', 'tick']);
    expect(runs.map(({ scheduledAt }) => (scheduledAt - start) / MINUTE)).toEqual([5, 7, 10, 15]);
    expect(clock.now()).toBeGreaterThanOrEqual(start + 16 * MINUTE);
  });
});

describe('the record of checks', () => {
  const line = (account: string, state: string) => ({
    at: '2026-01-05T00:00:10.000Z',
    level: 'info' as const,
    function: 'account-check',
    message: 'account checked',
    fields: { account, state, steps: 'connect done', durationMs: 4_000 },
  });

  it('says from when to when each ran, in the order in which they ended', () => {
    const record = new CheckRecord();
    record.see(line('u-ben', 'FAILED'));
    record.see({ ...line('u-ann', 'COMPLETED'), message: 'something else' });
    record.see(line('u-ann', 'COMPLETED'));
    expect(record.runs.map(({ accountId, completed }) => [accountId, completed])).toEqual([
      ['u-ben', false],
      ['u-ann', true],
    ]);
    expect(record.runs[0]?.from).toBe(Date.UTC(2026, 0, 5, 0, 0, 6));
  });

  it('waits until all of some accounts have ended a check anew', async () => {
    const record = new CheckRecord();
    record.see(line('u-ann', 'COMPLETED'));
    let over = false;
    const ended = record.ended(['u-ann', 'u-ben'], record.runs.length).then(() => {
      over = true;
    });
    record.see(line('u-ben', 'COMPLETED'));
    await Promise.resolve();
    expect(over).toBe(false);
    record.see(line('u-ann', 'FAILED'));
    await ended;
    expect(over).toBe(true);
  });

  it('keeps a round that could not be dispatched as one that reached nobody', () => {
    const record = new CheckRecord();
    record.addRounds([
      { schedule: 'checks', scheduledAt: 1, state: 'FAILED', error: new Error('the queue is gone') },
      { schedule: 'checks', scheduledAt: 2, state: 'SUCCEEDED', result: { slot: 'x', accounts: 6 } },
      { schedule: 'master-tick m-apex', scheduledAt: 3, state: 'SUCCEEDED', result: {} },
    ]);
    expect(record.rounds).toEqual([
      { at: 1, accounts: undefined },
      { at: 2, accounts: 6 },
    ]);
  });
});
