import { describe, expect, it } from 'vitest';
import { fingerprintOf, Secret } from '../../shared/account/credentials.ts';
import type { Exchange, Placement, PrivateSession } from '../../shared/exchange/exchange.ts';
import { fraction, quantity } from '../../shared/money/money.ts';
import { ANSWERS, type Heard, hearing } from '../../shared/protection/hearing.ts';
import { LeaseLost } from '../../shared/vault/lease.ts';
import { BTC, market, NOON } from '../copying/made.ts';
import { WHOLE } from '../exchange/whole-reading.ts';
import { atTheExchange, closedOrder, exchangeFails, unasked } from '../order/at-the-exchange.ts';

/** What is heard of an exchange while one of its sessions is used. */
const heardWhile = async (
  session: PrivateSession,
  use: (session: PrivateSession) => Promise<unknown>,
): Promise<readonly Heard[]> => {
  const heard: Heard[] = [];
  const exchange: Exchange = {
    marketData: { exchange: 'kraken', markets: unasked, tickers: unasked, candles: unasked },
    session: () => session,
  };
  const key = new Secret('key');
  await use(
    hearing(exchange, (what) => heard.push(what)).session({
      accountId: session.accountId,
      credentials: { apiKey: key, apiSecret: new Secret(fingerprintOf(key)) },
      nonces: { next: () => 1 },
      markets: [],
    }),
  ).catch(() => undefined);
  return heard;
};

const { session } = atTheExchange().ports;
const answering: PrivateSession = {
  ...session,
  balances: async () => [],
  orders: async () => [],
  fillsSince: async () => ({ fills: [], unlisted: [] }),
  openOrders: async () => [],
  cancel: async () => {},
  takerFee: async () => fraction('0.004'),
  keyInfo: async () => ({ canQuery: true, canTrade: true, canWithdraw: false, permissions: [] }),
};
const failingWith = (error: Error): PrivateSession => ({
  ...session,
  balances: async () => {
    throw error;
  },
});

describe('an exchange that is listened to', () => {
  it.each<[string, (session: PrivateSession) => Promise<unknown>]>([
    ['balances', (one) => one.balances()],
    ['a look-up', (one) => one.findByClientOrderId('c', NOON)],
    ['an order', (one) => one.order('O-1')],
    ['orders', (one) => one.orders(['O-1'])],
    ['executions of an order', (one) => one.fillsOf(closedOrder())],
    ['executions', (one) => one.fillsSince(NOON, WHOLE)],
    ['open orders', (one) => one.openOrders()],
    ['a cancellation', (one) => one.cancel('O-1')],
    ['a fee', (one) => one.takerFee(market(BTC))],
    ['what its key may do', (one) => one.keyInfo()],
  ])('is heard to answer when asked for %s', async (_what, use) => {
    expect(await heardWhile(answering, use)).toEqual([ANSWERS]);
  });

  it('gives its answers and its failures on as they are', async () => {
    const failure = exchangeFails('TIMEOUT');

    await heardWhile(answering, async (one) => expect(await one.order('O-1')).toEqual(closedOrder()));
    await heardWhile(failingWith(failure), async (one) => await expect(one.balances()).rejects.toBe(failure));
    expect.assertions(2);
  });

  it.each([
    ['TIMEOUT', 'TIMEOUT'],
    ['LOCKED_OUT', 'LOCKED_OUT'],
    ['INVALID_KEY', ANSWERS],
    ['RATE_LIMITED', ANSWERS],
  ] as const)('that fails a call with %s is heard as %s', async (code, expected) => {
    expect(await heardWhile(failingWith(exchangeFails(code)), (one) => one.balances())).toEqual([expected]);
  });

  it('is not heard at all where the key was lost, or something else broke', async () => {
    for (const error of [new LeaseLost('an exit waits'), new Error('died')])
      expect(await heardWhile(failingWith(error), (one) => one.balances())).toEqual([]);
  });

  it.each<[Placement, Heard]>([
    [{ outcome: 'PLACED', exchangeOrderId: 'O-1' }, ANSWERS],
    [{ outcome: 'REJECTED', code: 'INSUFFICIENT_FUNDS', message: 'no' }, ANSWERS],
    [{ outcome: 'AMBIGUOUS', code: 'TIMEOUT', message: 'no' }, 'TIMEOUT'],
    [{ outcome: 'NOT_PLACED', code: 'UNREACHABLE', message: 'no' }, 'UNREACHABLE'],
    [{ outcome: 'NOT_PLACED', code: 'RATE_LIMITED', message: 'no' }, ANSWERS],
  ])('that answers an order with %j is heard as %s', async (placement, expected) => {
    const placing = { ...session, place: async () => placement };
    const order = {
      clientOrderId: 'c',
      market: market(BTC),
      quantity: quantity('1'),
      deadline: NOON,
      firstSend: true,
      side: 'SELL',
      type: 'MARKET',
    } as const;

    const heard = await heardWhile(placing, async (one) => expect(await one.place(order)).toBe(placement));

    expect(heard).toEqual([expected]);
    expect.assertions(2);
  });
});
