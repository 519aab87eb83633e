import { describe, expect, it } from 'vitest';
import { quantity, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { ConcurrentChange, type OrderRecord } from '../../shared/order/order.ts';
import { isTooLittle, lookUp, OrderInDoubt, resumeOrder, settle } from '../../shared/order/resume-order.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { BTC, NOON } from '../copying/made.ts';
import { ACCOUNT, atTheExchange, closedOrder, exchangeFails, fill } from './at-the-exchange.ts';

const DEADLINE = NOON + 8_000;
const CERTAIN = DEADLINE + 7_000;

const record = (facts: Partial<OrderRecord> = {}): OrderRecord => ({
  accountId: ACCOUNT,
  clientOrderId: 'c-1',
  cause: '["copy","u-ann","t-1"]',
  symbol: BTC,
  side: 'BUY',
  type: 'LIMIT_IOC',
  quantity: quantity('2'),
  state: 'INTENT',
  attempt: 1,
  createdAt: NOON,
  intendedAt: NOON,
  deadline: DEADLINE,
  ...facts,
});

describe('looking an order up', () => {
  it('ends with the order as soon as it is listed', async () => {
    const here = atTheExchange({ find: (at) => (at >= NOON + 700 ? closedOrder() : undefined) });

    expect(await lookUp(record(), here.ports)).toEqual(closedOrder());
    expect(here.lookedUp.map(({ at }) => at - NOON)).toEqual([0, 250, 750]);
  });

  it('asks more and more seldom, every two seconds at last, and once more at the moment of certainty', async () => {
    const here = atTheExchange();

    expect(await lookUp(record(), here.ports)).toBeUndefined();
    expect(here.lookedUp.map(({ at }) => at - NOON)).toEqual([
      0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750, 11_750, 13_750, 15_000,
    ]);
  });

  it('takes an answer for certain by when it was asked for, not by when it came', async () => {
    const here = atTheExchange();
    let answers = 0;
    const slow = {
      ...here.ports.session,
      findByClientOrderId: async () => {
        answers += 1;
        await here.pass(20_000);
        return undefined;
      },
    };

    await lookUp(record(), { ...here.ports, session: slow });

    expect(answers).toBe(2);
  });

  it('is certain at once long after the deadline', async () => {
    const here = atTheExchange();
    await here.pass(CERTAIN - NOON);

    expect(await lookUp(record(), here.ports)).toBeUndefined();
    expect(here.lookedUp).toHaveLength(1);
  });

  it('leaves the order in doubt where patience ends before certainty, and says when it comes', async () => {
    const here = atTheExchange();

    const looking = lookUp(record(), { ...here.ports, patienceMs: 1_000 });

    await expect(looking).rejects.toThrow(OrderInDoubt);
    await expect(looking).rejects.toThrow('is certain at 2026-11-20T12:00:15.000Z');
    expect(here.lookedUp.map(({ at }) => at - NOON)).toEqual([0, 250, 750]);
  });

  it('asks once where there is no patience at all', async () => {
    const here = atTheExchange();

    await expect(lookUp(record(), { ...here.ports, patienceMs: 0 })).rejects.toThrow(OrderInDoubt);
    expect([here.lookedUp.length, here.sleeps.length]).toEqual([1, 0]);
  });

  it('uses patience to its last moment', async () => {
    const here = atTheExchange({ find: (at) => (at >= NOON + 250 ? closedOrder() : undefined) });

    expect(await lookUp(record(), { ...here.ports, patienceMs: 250 })).toEqual(closedOrder());
  });
});

describe('waiting for the end of an order', () => {
  it('takes its executions with it', async () => {
    const here = atTheExchange();

    const closed = await settle(record(), 'O-1', here.ports);

    expect(closed).toEqual({
      state: 'CLOSED',
      before: record(),
      after: record({ state: 'CLOSED', exchangeOrderId: 'O-1', filledQuantity: quantity('2') }),
      order: closedOrder(),
      fills: [fill],
    });
  });

  it('asks for no executions where nothing was filled', async () => {
    const order = closedOrder({ filled: ZERO_QUANTITY, status: 'EXPIRED' });
    const here = atTheExchange({ order: () => order, fills: () => exchangeFails('UNKNOWN') });

    const closed = await settle(record(), 'O-1', here.ports);

    expect(closed.fills).toEqual([]);
    expect(closed.after.filledQuantity).toEqual(ZERO_QUANTITY);
  });

  it.each([
    ['is open', { order: closedOrder({ status: 'OPEN' }) }],
    ['is not listed yet', { order: exchangeFails('UNKNOWN_ORDER') }],
    ['has no complete list of executions yet', { fills: exchangeFails('MALFORMED_ANSWER') }],
  ])('goes on, more and more seldom, while it %s', async (_how, {
    order,
    fills,
  }: {
    order?: ReturnType<typeof closedOrder> | ReturnType<typeof exchangeFails>;
    fills?: ReturnType<typeof exchangeFails>;
  }) => {
    const until = NOON + 8_000;
    const here = atTheExchange({
      order: (at) => (at >= until ? closedOrder() : (order ?? closedOrder())),
      fills: (at) => (at >= until ? [fill] : (fills ?? [fill])),
    });

    const closed = await settle(record(), 'O-1', here.ports);

    expect(closed.fills).toEqual([fill]);
    expect(here.asked.map((at) => at - NOON)).toEqual([0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750]);
  });

  it.each([
    ['is still open', { order: closedOrder({ status: 'OPEN' }) }],
    ['is not listed yet', { order: exchangeFails('UNKNOWN_ORDER') }],
    [
      'has no complete list of executions yet: it said MALFORMED_ANSWER',
      { fills: exchangeFails('MALFORMED_ANSWER') },
    ],
  ])('ends in doubt with patience, and says that it %s', async (how, {
    order,
    fills,
  }: {
    order?: ReturnType<typeof closedOrder> | ReturnType<typeof exchangeFails>;
    fills?: ReturnType<typeof exchangeFails>;
  }) => {
    const here = atTheExchange({
      order: () => order ?? closedOrder(),
      fills: () => fills ?? [fill],
    });

    const settling = settle(record(), 'O-1', { ...here.ports, patienceMs: 750 });

    await expect(settling).rejects.toThrow(OrderInDoubt);
    await expect(settling).rejects.toThrow(`order c-1 of u-ann (O-1) ${how}`);
    expect(here.asked.map((at) => at - NOON)).toEqual([0, 250, 750]);
  });

  it.each([
    'UNAVAILABLE',
    'INVALID_KEY',
  ] as const)('does not take %s for an order that is late', async (code) => {
    const here = atTheExchange({ order: () => exchangeFails(code) });

    await expect(settle(record(), 'O-1', here.ports)).rejects.toMatchObject({ name: 'ExchangeError', code });
    expect(here.asked).toHaveLength(1);
  });

  it('keeps the id that the exchange gave the order where it cannot learn the end', async () => {
    const here = atTheExchange({ order: () => exchangeFails('UNAVAILABLE') });
    await here.orders.create(record());

    await expect(settle(record(), 'O-1', here.ports)).rejects.toThrow('UNAVAILABLE');

    expect(here.orders.all.get('c-1')).toEqual(record({ exchangeOrderId: 'O-1' }));
  });

  it('says why the end is not known, also where somebody else was at the order meanwhile', async () => {
    const here = atTheExchange({ order: () => exchangeFails('UNAVAILABLE') });

    await expect(settle(record(), 'O-1', here.ports)).rejects.toThrow('UNAVAILABLE');
  });
});

describe('finding out what became of an order', () => {
  it("never asks with another account's key", async () => {
    const here = atTheExchange();

    await expect(resumeOrder(record({ accountId: 'u-bob' }), here.ports)).rejects.toThrow(
      'an order of u-bob must not use the session of u-ann',
    );
  });

  it('asks nobody about one that was refused', async () => {
    const here = atTheExchange();
    const known = record({ state: 'REJECTED', reason: 'BELOW_MINIMUM' });

    expect(await resumeOrder(known, here.ports)).toEqual({ state: 'REJECTED', record: known });
    expect([here.asked.length, here.lookedUp.length]).toEqual([0, 0]);
  });

  it('asks nobody about one that was provably not placed', async () => {
    const here = atTheExchange();
    const known = record({ state: 'NOT_PLACED' });

    expect(await resumeOrder(known, here.ports)).toEqual({ state: 'ABSENT', record: known });
    expect(here.lookedUp).toEqual([]);
  });

  it('reads the executions of one that is closed anew, by its id at the exchange', async () => {
    const here = atTheExchange();

    const resumed = await resumeOrder(record({ state: 'CLOSED', exchangeOrderId: 'O-1' }), here.ports);

    expect(resumed).toMatchObject({ state: 'CLOSED', fills: [fill] });
  });

  it('stops at a closed one without an id at the exchange: the ledger is damaged', async () => {
    const here = atTheExchange();

    await expect(resumeOrder(record({ state: 'CLOSED' }), here.ports)).rejects.toThrow(
      'the ledger is damaged',
    );
  });

  it('asks for one that the exchange has taken by its id there: a list that lags makes it absent for nobody', async () => {
    const taken = record({ exchangeOrderId: 'O-1' });
    const here = atTheExchange();
    await here.pass(60 * MINUTE);

    const resumed = await resumeOrder(taken, here.ports);

    expect(resumed).toMatchObject({ state: 'CLOSED', fills: [fill] });
    expect(here.lookedUp).toEqual([]);
  });

  it('looks one up that the exchange has taken and knows nothing of, ten minutes after its deadline', async () => {
    const taken = record({ exchangeOrderId: 'O-1' });
    const here = atTheExchange({ order: () => exchangeFails('UNKNOWN_ORDER') });
    await here.orders.create(taken);
    await here.pass(DEADLINE + 10 * MINUTE - 1 - NOON);
    const soon = resumeOrder(taken, { ...here.ports, patienceMs: 0 });
    await expect(soon).rejects.toThrow(OrderInDoubt);
    await here.pass(1);

    const resumed = await resumeOrder(taken, { ...here.ports, patienceMs: 0 });

    expect(resumed.state).toBe('ABSENT');
    expect(here.lookedUp).toHaveLength(1);
  });

  it('looks none up that the exchange has taken and knows, however long it stays open', async () => {
    const taken = record({ exchangeOrderId: 'O-1' });
    const here = atTheExchange({ order: () => closedOrder({ status: 'OPEN' }) });
    await here.pass(60 * MINUTE);

    await expect(resumeOrder(taken, here.ports)).rejects.toThrow('is still open');

    expect(here.lookedUp).toEqual([]);
  });

  it('takes no order for absent of which somebody else has learnt meanwhile that it was taken', async () => {
    const here = atTheExchange();
    await here.orders.create(record({ exchangeOrderId: 'O-1' }));

    await expect(resumeOrder(record(), here.ports)).rejects.toThrow(ConcurrentChange);

    expect(here.orders.all.get('c-1')).toEqual(record({ exchangeOrderId: 'O-1' }));
  });

  it('writes down that one is absent, so that nobody looks it up again', async () => {
    const here = atTheExchange();
    await here.orders.create(record());

    const resumed = await resumeOrder(record(), here.ports);

    const absent = record({ state: 'NOT_PLACED', message: 'absent after its deadline' });
    expect(resumed).toEqual({ state: 'ABSENT', record: absent });
    expect(here.orders.all.get('c-1')).toEqual(absent);
  });
});

describe('an order that came to nothing', () => {
  it.each([
    ['was too little where the exchange says so', 'BELOW_MINIMUM', true],
    ['was not too little where it says something else', 'INSUFFICIENT_FUNDS', false],
  ] as const)('%s', (_what, reason, expected) => {
    expect(isTooLittle({ state: 'REJECTED', record: record({ state: 'REJECTED', reason }) })).toBe(expected);
  });

  it('was not too little where the exchange took it', async () => {
    const here = atTheExchange();
    const known = record({ reason: 'BELOW_MINIMUM' });

    expect(isTooLittle(await settle(known, 'O-1', here.ports))).toBe(false);
  });
});
