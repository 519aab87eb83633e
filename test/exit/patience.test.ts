import { describe, expect, it } from 'vitest';
import type { ExchangeErrorCode, Patience, PrivateSession } from '../../shared/exchange/exchange.ts';
import { cancelOrders } from '../../shared/exit/cancel-orders.ts';
import { patience, patientConnection, withPatience } from '../../shared/exit/patient-session.ts';
import { fraction } from '../../shared/money/money.ts';
import { BTC, market, NOON } from '../copying/made.ts';
import { WHOLE } from '../exchange/whole-reading.ts';
import { atTheExchange, closedOrder, exchangeFails } from '../order/at-the-exchange.ts';

/** A key that is kept, a lease that is renewed, and the time that passes. */
const holding = (lost?: Error) => {
  const here = atTheExchange();
  const done: string[] = [];
  const connection = {
    keep: async () => {
      done.push('keep');
      if (lost !== undefined) throw lost;
    },
    lease: {
      next: () => 1,
      renew: async () => {
        done.push('renew');
      },
      release: async () => {},
    },
  };
  return { ...here, done, connection, clock: here.ports.clock };
};

/** Asked too often so many times, then answered. */
const tooOften = (times: number, code: Parameters<typeof exchangeFails>[0] = 'RATE_LIMITED') => {
  let left = times;
  return async () => {
    left -= 1;
    if (left >= 0) throw exchangeFails(code);
    return 'an answer';
  };
};

describe('a call that is made with patience', () => {
  it('keeps the key, and waits for nothing where it is answered', async () => {
    const { connection, clock, done, sleeps } = holding();

    expect(await patience(connection, clock, 120_000)(tooOften(0))).toBe('an answer');
    expect([done, sleeps]).toEqual([['keep'], []]);
  });

  it('is made again four seconds later where it came too soon, with the key renewed before and after', async () => {
    const { connection, clock, done, sleeps } = holding();

    expect(await patience(connection, clock, 120_000)(tooOften(2))).toBe('an answer');
    expect(sleeps).toEqual([4_000, 4_000]);
    expect(done).toEqual(['keep', 'renew', 'renew', 'keep', 'renew', 'renew', 'keep']);
  });

  it('has so much patience for all calls together, and uses all of it', async () => {
    const { connection, clock, sleeps } = holding();
    const patiently = patience(connection, clock, 12_000);

    expect(await patiently(tooOften(2))).toBe('an answer');
    await expect(patiently(tooOften(2))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(sleeps).toEqual([4_000, 4_000, 4_000]);
  });

  it('is not made again where it failed with something else', async () => {
    const { connection, clock, sleeps } = holding();
    const patiently = patience(connection, clock, 120_000);

    await expect(patiently(tooOften(1, 'UNAVAILABLE'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(patiently(async () => Promise.reject(new Error('died')))).rejects.toThrow('died');
    expect(sleeps).toEqual([]);
  });

  it('is not made where the key is lost', async () => {
    const { connection, clock } = holding(new Error('an exit waits'));
    const made: string[] = [];

    const call = patience(connection, clock, 120_000)(async () => made.push('a call'));

    await expect(call).rejects.toThrow('an exit waits');
    expect(made).toEqual([]);
  });

  it('is made for so long together by all that goes over a connection', async () => {
    const { connection, clock, sleeps, ports } = holding();
    const busy = { ...ports.session, balances: async () => Promise.reject(exchangeFails('RATE_LIMITED')) };
    const rest = { markets: [], everListed: [], fingerprint: 'f' };

    const patient = patientConnection({ ...connection, ...rest, session: busy }, clock, 20_000);

    await expect(patient.session.balances()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(patient.session.balances()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(sleeps).toHaveLength(5);
  });

  it('is every call of a session that reads or cancels, and none that places', async () => {
    const { ports } = atTheExchange();
    const calls: string[] = [];
    const told =
      <T>(name: string, answer: T) =>
      async () => {
        calls.push(name);
        return answer;
      };
    const session: PrivateSession = {
      ...ports.session,
      balances: told('balances', []),
      openOrders: told('openOrders', []),
      order: told('order', closedOrder()),
      cancel: told('cancel', undefined),
      takerFee: told('takerFee', fraction('0.004')),
      keyInfo: told('keyInfo', { canQuery: true, canTrade: true, canWithdraw: false, permissions: [] }),
    };
    let patiently = 0;
    const patient = withPatience(session, async (call) => {
      patiently += 1;
      return await call();
    });

    await patient.balances();
    await patient.openOrders();
    await patient.order('O-1');
    await patient.cancel('O-2');
    await patient.takerFee(market(BTC));
    await patient.keyInfo();

    expect(calls).toEqual(['balances', 'openOrders', 'order', 'cancel', 'takerFee', 'keyInfo']);
    expect(patiently).toBe(6);
    expect(patient.place).toBe(session.place);
  });

  it('is each call of what may take several, not all of it', async () => {
    const { ports } = atTheExchange();
    const given: unknown[] = [];
    const session: PrivateSession = {
      ...ports.session,
      findByClientOrderId: async (...asked) => {
        given.push(asked);
        return undefined;
      },
      orders: async (...asked) => {
        given.push(asked);
        return [];
      },
      fillsOf: async (...asked) => {
        given.push(asked);
        return [];
      },
      fillsSince: async (...asked) => {
        given.push(asked);
        return { fills: [], unlisted: [] };
      },
    };
    const patiently: Patience = async (call) => await call();
    const patient = withPatience(session, patiently);

    await patient.findByClientOrderId('c', NOON);
    await patient.orders(['O-1']);
    await patient.fillsOf(closedOrder());
    await patient.fillsSince(NOON, WHOLE);

    expect(given).toEqual([
      ['c', NOON, patiently],
      [['O-1'], patiently],
      [closedOrder(), patiently],
      [NOON, { ...WHOLE, patiently }],
    ]);
  });
});

describe('cancelling open orders', () => {
  const open = (exchangeOrderId: string, symbol = BTC) =>
    closedOrder({ exchangeOrderId, symbol, status: 'OPEN' });
  const canceling = async (
    failing: readonly string[] = [],
    { listed = true, code = 'TIMEOUT' }: { listed?: boolean; code?: ExchangeErrorCode } = {},
  ) => {
    const { ports } = atTheExchange();
    const canceled: string[] = [];
    const session = {
      ...ports.session,
      openOrders: async () => {
        if (!listed) throw exchangeFails('UNAVAILABLE');
        return [open('O-1'), open('O-2'), open('O-3')];
      },
      cancel: async (id: string) => {
        if (failing.includes(id)) throw exchangeFails(code);
        canceled.push(id);
      },
    };
    const result = await cancelOrders(
      ({ exchangeOrderId }) => exchangeOrderId !== 'O-2',
      'u-ann',
      { session },
      { log: ports.log },
    );
    return { result, canceled };
  };

  it('cancels those that are concerned, and leaves the others alone', async () => {
    const { result, canceled } = await canceling();

    expect(canceled).toEqual(['O-1', 'O-3']);
    expect(result).toEqual({ ids: ['O-1', 'O-3'], notes: [], failed: 0 });
  });

  it('goes on where one cannot be cancelled, and says which and why', async () => {
    const { result } = await canceling(['O-1']);

    expect(result).toEqual({
      ids: ['O-3'],
      notes: ['order O-1 (BTC/USD) could not be cancelled: it said TIMEOUT'],
      failed: 1,
    });
  });

  it('takes one that is gone since it was listed for done, and not for cancelled', async () => {
    const { result } = await canceling(['O-1'], { code: 'UNKNOWN_ORDER' });

    expect(result).toEqual({ ids: ['O-3'], notes: [], failed: 0 });
  });

  it('counts as failed where they cannot be listed', async () => {
    const { result } = await canceling([], { listed: false });

    expect(result).toEqual({
      ids: [],
      notes: ['open orders could not be listed: it said UNAVAILABLE'],
      failed: 1,
    });
  });
});
