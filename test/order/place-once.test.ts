import { describe, expect, it } from 'vitest';
import { price, quantity } from '../../shared/money/money.ts';
import { ConcurrentChange, clientOrderIdOf, type OrderRequest } from '../../shared/order/order.ts';
import { DEADLINE_MS, OrderNotPlaced, placeOnce } from '../../shared/order/place-once.ts';
import { ABSENCE_SLACK_MS, OrderInDoubt } from '../../shared/order/resume-order.ts';
import { LeaseLost } from '../../shared/vault/lease.ts';
import { BTC, market, NOON } from '../copying/made.ts';
import { ACCOUNT, atTheExchange, closedOrder, exchangeFails, fill } from './at-the-exchange.ts';

const cause = { kind: 'copy', accountId: ACCOUNT, tradeId: 't-1' } as const;
const id = clientOrderIdOf(cause);
const common = { cause, market: market(BTC), quantity: quantity('2') };
const buy: OrderRequest = { ...common, side: 'BUY', type: 'LIMIT_IOC', limitPrice: price('101') };
const sell: OrderRequest = { ...common, side: 'SELL', type: 'MARKET' };

const ambiguous = async () => ({ outcome: 'AMBIGUOUS', code: 'TIMEOUT', message: 'no answer' }) as const;
const notPlaced = async () => ({ outcome: 'NOT_PLACED', code: 'RATE_LIMITED', message: 'too many' }) as const;
const refused = async () => ({ outcome: 'REJECTED', code: 'BELOW_MINIMUM', message: 'too little' }) as const;

/** What a first try that ended so has left, and the ports of the next. */
const triedBefore = async (
  first: Parameters<typeof atTheExchange>[0],
  next: Parameters<typeof atTheExchange>[0] = {},
) => {
  const before = atTheExchange(first);
  const error = await placeOnce(buy, undefined, before.ports).catch((thrown: unknown) => thrown);
  const known = before.orders.all.get(id);
  if (known === undefined) throw new Error('the first try wrote no order');
  const then = atTheExchange(next);
  await then.orders.create(known);
  return { error, known, ...then };
};

describe('an order of a new cause', () => {
  it('is written before it is sent, with the deadline after which the exchange must refuse it', async () => {
    const here = atTheExchange({
      place: async () => {
        expect(here.orders.all.get(id)).toMatchObject({ state: 'INTENT', attempt: 1, createdAt: NOON });
        return { outcome: 'PLACED', exchangeOrderId: 'O-1' };
      },
    });

    await placeOnce(buy, undefined, here.ports);

    expect(DEADLINE_MS).toBe(8_000);
    expect(here.sent).toEqual([
      {
        clientOrderId: id,
        market: buy.market,
        quantity: buy.quantity,
        side: 'BUY',
        type: 'LIMIT_IOC',
        limitPrice: price('101'),
        deadline: NOON + DEADLINE_MS,
        firstSend: true,
      },
    ]);
  });

  it('is recorded with its cause, its size, its cap, what was asked and which configuration decided', async () => {
    const here = atTheExchange({ place: notPlaced });

    const told = { asked: quantity('3'), configVersion: 'v7', marketPrice: price('100') };

    await placeOnce({ ...buy, ...told }, undefined, here.ports).catch(() => {});

    expect(here.orders.all.get(id)).toMatchObject({
      accountId: ACCOUNT,
      cause: '["copy","u-ann","t-1"]',
      symbol: BTC,
      side: 'BUY',
      type: 'LIMIT_IOC',
      quantity: quantity('2'),
      limitPrice: price('101'),
      ...told,
      intendedAt: NOON,
      deadline: NOON + DEADLINE_MS,
    });
  });

  it('has no cap where it sells, and leaves out what nobody told', async () => {
    const here = atTheExchange();

    await placeOnce(sell, undefined, here.ports);

    const record = here.orders.all.get(id);
    expect(record).toMatchObject({ side: 'SELL', type: 'MARKET' });
    for (const absent of ['limitPrice', 'asked', 'configVersion', 'marketPrice'])
      expect(record).not.toHaveProperty(absent);
    expect(here.sent).toMatchObject([{ side: 'SELL', type: 'MARKET' }]);
    expect(here.sent[0]).not.toHaveProperty('limitPrice');
  });

  it('comes back with what the exchange executed', async () => {
    const here = atTheExchange();

    const result = await placeOnce(buy, undefined, here.ports);

    expect(result).toMatchObject({
      state: 'CLOSED',
      before: { state: 'INTENT' },
      after: { state: 'CLOSED', exchangeOrderId: 'O-1', filledQuantity: quantity('2') },
      fills: [fill],
    });
  });

  it('leaves no trace where the last question before it says no', async () => {
    const here = atTheExchange();

    const result = await placeOnce(buy, undefined, { ...here.ports, beforeSend: async () => 'HALTED' });

    expect(result).toEqual({ state: 'WITHHELD', because: 'HALTED' });
    expect([here.orders.all.size, here.sent.length]).toEqual([0, 0]);
  });

  it('is left to another worker who began it at this moment', async () => {
    const here = atTheExchange();
    const other = { ...here.orders, create: async () => false };

    const placing = placeOnce(buy, undefined, { ...here.ports, orders: other });

    await expect(placing).rejects.toThrow(OrderInDoubt);
    await expect(placing).rejects.toThrow('begun by another worker');
    expect(here.sent).toEqual([]);
  });

  it("is never sent with another account's key", async () => {
    const here = atTheExchange();
    const theirs = { ...buy, cause: { ...cause, accountId: 'u-bob' } };

    await expect(placeOnce(theirs, undefined, here.ports)).rejects.toThrow(
      'an order of u-bob must not use the session of u-ann',
    );
    expect(here.sent).toEqual([]);
  });

  it('is not sent where writing it took so long that its deadline is less than three seconds away', async () => {
    const here = atTheExchange();
    const slow = (ms: number) => ({
      ...here.orders,
      create: async (order: Parameters<typeof here.orders.create>[0]) => {
        await here.pass(ms);
        return await here.orders.create(order);
      },
    });

    const placing = placeOnce(buy, undefined, { ...here.ports, orders: slow(5_001) });

    await expect(placing).rejects.toMatchObject({ name: 'OrderNotPlaced', code: 'DEADLINE_ELAPSED' });
    expect(here.orders.all.get(id)).toMatchObject({ state: 'NOT_PLACED', reason: 'DEADLINE_ELAPSED' });
    expect(here.sent).toEqual([]);
  });

  it('is still sent three seconds before its deadline', async () => {
    const here = atTheExchange();
    const slow = {
      ...here.orders,
      create: async (order: Parameters<typeof here.orders.create>[0]) => {
        await here.pass(5_000);
        return await here.orders.create(order);
      },
    };

    await placeOnce(buy, undefined, { ...here.ports, orders: slow });

    expect(here.sent).toHaveLength(1);
  });
});

describe('an order that the exchange', () => {
  it('refuses is over, with its reason', async () => {
    const here = atTheExchange({ place: refused });

    const result = await placeOnce(buy, undefined, here.ports);

    expect(result).toMatchObject({
      state: 'REJECTED',
      record: { reason: 'BELOW_MINIMUM', message: 'too little' },
    });
    expect(here.orders.all.get(id)).toMatchObject({
      state: 'REJECTED',
      reason: 'BELOW_MINIMUM',
      message: 'too little',
    });
  });

  it('has provably not taken may be sent again, and says why it was not', async () => {
    const { error, known } = await triedBefore({ place: notPlaced });

    expect(error).toBeInstanceOf(OrderNotPlaced);
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      message: `order ${id} of ${ACCOUNT} was not placed: too many`,
    });
    expect(known).toMatchObject({ state: 'NOT_PLACED', reason: 'RATE_LIMITED', message: 'too many' });
  });

  it('gave no answer to is found by its own id, from a minute before it was written', async () => {
    const here = atTheExchange({ place: ambiguous, find: () => closedOrder() });

    const result = await placeOnce(buy, undefined, here.ports);

    expect(result).toMatchObject({ state: 'CLOSED', after: { exchangeOrderId: 'O-1' } });
    expect(here.lookedUp).toEqual([{ at: NOON, id, since: NOON - 60_000 }]);
    expect(here.sent).toHaveLength(1);
  });

  it('gave no answer to is absent only after its deadline and the slack, and not sent again by itself', async () => {
    const { error, known } = await triedBefore({ place: ambiguous });

    expect(error).toMatchObject({ name: 'OrderNotPlaced', code: 'TIMEOUT' });
    expect(known).toMatchObject({ state: 'NOT_PLACED', reason: 'TIMEOUT', attempt: 1 });
  });

  it('was never asked, since the key was lost to another holder, may be sent again', async () => {
    const { error, known } = await triedBefore({
      place: async () => {
        throw new LeaseLost('an exit waits');
      },
    });

    expect(error).toBeInstanceOf(LeaseLost);
    expect(known).toMatchObject({ state: 'NOT_PLACED', message: 'an exit waits' });
  });

  it('may have been asked before this process failed stays in doubt', async () => {
    const { error, known } = await triedBefore({
      place: async () => {
        throw new Error('out of memory');
      },
    });

    expect(error).toMatchObject({ message: 'out of memory' });
    expect(known).toMatchObject({ state: 'INTENT' });
  });
});

describe('an order that was tried before', () => {
  it('and provably not placed is sent as the next attempt, with the size that is right now', async () => {
    const { known, ports, orders, sent, pass } = await triedBefore({ place: notPlaced });
    await pass(60_000);

    await placeOnce({ ...buy, quantity: quantity('1') }, known, ports);

    expect(sent).toMatchObject([{ clientOrderId: id, quantity: quantity('1'), firstSend: false }]);
    expect(sent[0]?.deadline).toBe(NOON + 60_000 + DEADLINE_MS);
    expect(orders.all.get(id)).toMatchObject({ attempt: 2, createdAt: NOON, intendedAt: NOON + 60_000 });
  });

  it('is not sent again where the last question says no, and may be later', async () => {
    const { known, ports, orders, sent } = await triedBefore({ place: notPlaced });

    const result = await placeOnce(buy, known, { ...ports, beforeSend: async () => 'HALTED' });

    expect(result).toEqual({ state: 'WITHHELD', because: 'HALTED' });
    expect(sent).toEqual([]);
    expect(orders.all.get(id)).toMatchObject({ state: 'NOT_PLACED', attempt: 1 });
  });

  it('asks that question about the attempt that it is about', async () => {
    const { known, ports } = await triedBefore({ place: notPlaced });
    const asked: number[] = [];

    await placeOnce(buy, known, {
      ...ports,
      beforeSend: async ({ attempt }) => {
        asked.push(attempt);
        return undefined;
      },
    });

    expect(asked).toEqual([2]);
  });

  it('is not sent where another worker sends it again at this moment', async () => {
    const { known, ports, orders, sent } = await triedBefore({ place: notPlaced });
    await orders.replace(known, { ...known, state: 'INTENT', attempt: 2 });

    await expect(placeOnce(buy, known, ports)).rejects.toThrow(ConcurrentChange);
    expect(sent).toEqual([]);
  });

  it('and refused for good is not sent again', async () => {
    const here = atTheExchange({ place: refused });
    await placeOnce(buy, undefined, here.ports);

    const result = await placeOnce(buy, here.orders.all.get(id), here.ports);

    expect(result).toMatchObject({ state: 'REJECTED', record: { reason: 'BELOW_MINIMUM' } });
    expect(here.sent).toHaveLength(1);
  });

  it('and crashed is looked up, and not sent where it is found', async () => {
    const crash = { place: async () => Promise.reject(new Error('died')) };
    const { known, ports, sent } = await triedBefore(crash, { find: () => closedOrder() });

    const result = await placeOnce(buy, known, ports);

    expect(result).toMatchObject({ state: 'CLOSED', after: { exchangeOrderId: 'O-1' } });
    expect(sent).toEqual([]);
  });

  it('and crashed is sent again once it is certain that it never arrived', async () => {
    const crash = { place: async () => Promise.reject(new Error('died')) };
    const { known, ports, sent, lookedUp } = await triedBefore(crash);

    await placeOnce(buy, known, ports);

    expect(lookedUp.at(-1)?.at).toBeGreaterThanOrEqual(NOON + DEADLINE_MS + ABSENCE_SLACK_MS);
    expect(sent).toMatchObject([{ firstSend: false }]);
  });

  it('and taken is never sent again while the lists do not show it', async () => {
    const tried = await triedBefore({ order: () => exchangeFails('UNAVAILABLE') });
    await tried.pass(DEADLINE_MS + ABSENCE_SLACK_MS + 1);

    const result = await placeOnce(buy, tried.known, tried.ports);

    expect(result).toMatchObject({ state: 'CLOSED', fills: [fill] });
    expect(tried.sent).toEqual([]);
  });

  it('is never sent where the exchange cannot be asked whether it has it', async () => {
    const crash = { place: async () => Promise.reject(new Error('died')) };
    const { known, ports, sent, orders } = await triedBefore(crash, {
      find: () => {
        throw exchangeFails('UNAVAILABLE');
      },
    });

    await expect(placeOnce(buy, known, ports)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(sent).toEqual([]);
    expect(orders.all.get(id)).toMatchObject({ state: 'INTENT' });
  });
});
