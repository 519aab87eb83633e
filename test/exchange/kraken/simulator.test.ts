import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FAULT_KINDS, type FaultKind } from '../../../infra/local/kraken/faults.ts';
import { createKrakenSimulator } from '../../../infra/local/kraken/simulator.ts';
import { fixedPrice } from '../../../infra/local/prices/price-source.ts';
import { Secret } from '../../../shared/account/credentials.ts';
import type { OrderToSend } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { type Market, marketSymbol } from '../../../shared/exchange/market.ts';
import { plus, price, quantity, text, ZERO_QUANTITY } from '../../../shared/money/money.ts';
import { systemClock } from '../../../shared/time/system-clock.ts';
import { WHOLE } from '../whole-reading.ts';

const BTC_USD = marketSymbol('BTC/USD');
const CLIENT_ID = '0123456789abcdef0123456789abcdef';

const running = async () => {
  const simulator = createKrakenSimulator({
    clock: systemClock,
    seed: 7,
    prices: [fixedPrice(BTC_USD, '50000')],
    rateLimits: { private: false, engine: false, public: false },
  });
  await simulator.start();
  onTestFinished(() => simulator.stop());
  const exchange = krakenExchange({ url: simulator.url, clock: systemClock, timeoutMs: 30_000 });
  const markets = await exchange.marketData.markets();
  const market = markets.find((one): one is Market => one.symbol === BTC_USD);
  if (market === undefined) throw new Error('the simulator lists no BTC/USD');
  simulator.createAccount({ accountId: 'u-ann', balances: { USD: '10000', BTC: '0.5' } });
  const key = simulator.addKey({ accountId: 'u-ann' });
  let nonce = Date.now() * 1000;
  const nonces = {
    next: () => {
      nonce += 1;
      return nonce;
    },
  };
  const credentials = { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) };
  const session = exchange.session({ accountId: 'u-ann', credentials, nonces, markets });
  /** Gives up soon: for answers that never come. */
  const impatient = krakenExchange({ url: simulator.url, clock: systemClock, timeoutMs: 50 }).session({
    accountId: 'u-ann',
    credentials,
    nonces,
    markets,
  });
  const sessionFor = (kind: FaultKind) => (kind.startsWith('TIMEOUT') ? impatient : session);
  const soon = (): number => systemClock.now() + 30_000;
  const buy = (limit = '51000', amount = '0.01'): OrderToSend => ({
    clientOrderId: CLIENT_ID,
    market,
    quantity: quantity(amount),
    deadline: soon(),
    firstSend: true,
    side: 'BUY',
    type: 'LIMIT_IOC',
    limitPrice: price(limit),
  });
  const sell = (amount: string): OrderToSend => ({
    clientOrderId: 'fedcba9876543210fedcba9876543210',
    market,
    quantity: quantity(amount),
    deadline: soon(),
    firstSend: true,
    side: 'SELL',
    type: 'MARKET',
  });
  return { simulator, exchange, session, sessionFor, market, key, buy, sell };
};

describe('against the simulated exchange', () => {
  test('a buy is placed, found by its client id, and its fills add up to what was bought', async () => {
    const { session, buy, market } = await running();
    const before = systemClock.now();

    const placement = await session.place(buy());
    const found = await session.findByClientOrderId(CLIENT_ID, before);
    const order = await session.order(placement.outcome === 'PLACED' ? placement.exchangeOrderId : '');
    const fills = await session.fillsOf(order);
    const { fills: since } = await session.fillsSince(before - 1, WHOLE);
    const fee = await session.takerFee(market);

    expect(placement.outcome).toBe('PLACED');
    expect(found?.exchangeOrderId).toBe(order.exchangeOrderId);
    expect(order).toMatchObject({ symbol: BTC_USD, side: 'BUY', status: 'CLOSED', clientOrderId: CLIENT_ID });
    expect(text(fills.reduce((sum, fill) => plus(sum, fill.quantity), ZERO_QUANTITY))).toBe('0.01');
    expect(since).toEqual(fills);
    expect(fills.every((fill) => fill.fee.asset === 'USD')).toBe(true);
    expect(text(fee)).toBe('0.004');
    const bitcoin = (await session.balances()).find((balance) => balance.asset === 'BTC');
    expect(bitcoin && text(bitcoin.total)).toBe('0.51');
  });

  test('a buy whose cap is below the market fills nothing and ends', async () => {
    const { session, buy } = await running();

    const placement = await session.place(buy('40000'));
    const order = await session.order(placement.outcome === 'PLACED' ? placement.exchangeOrderId : '');

    expect(order.status).not.toBe('OPEN');
    expect(text(order.filled)).toBe('0');
    expect(await session.openOrders()).toEqual([]);
  });

  test('everything held can be sold', async () => {
    const { session, sell } = await running();

    const placement = await session.place(sell('0.5'));

    expect(placement.outcome).toBe('PLACED');
    expect((await session.balances()).map((balance) => balance.asset)).toEqual(['USD']);
  });

  test('more than is free is refused for good, and so is a foreign quantity step', async () => {
    const { session, sell, buy } = await running();

    const tooMuch = await session.place(sell('0.6'));
    const tooSmall = await session.place(buy('51000', '0.00000001'));

    expect(tooMuch).toMatchObject({ outcome: 'REJECTED', code: 'INSUFFICIENT_FUNDS' });
    expect(tooSmall).toMatchObject({ outcome: 'REJECTED', code: 'BELOW_MINIMUM' });
  });

  test('a market in cancel_only mode places nothing, and a key that was revoked neither', async () => {
    const { simulator, session, sell, key } = await running();
    simulator.setMarketStatus('BTC/USD', 'cancel_only');

    const restricted = await session.place(sell('0.1'));
    simulator.revokeKey(key.apiKey);
    const revoked = await session.place(sell('0.1'));

    expect(restricted).toMatchObject({ outcome: 'NOT_PLACED', code: 'MARKET_RESTRICTED' });
    expect(revoked).toMatchObject({ outcome: 'REJECTED', code: 'INVALID_KEY' });
    expect(simulator.books.orders()).toEqual([]);
  });

  test('the rights of a key are seen, and a right to withdraw above all', async () => {
    const { simulator, session, key } = await running();
    const before = await session.keyInfo();

    simulator.setPermissions(key.apiKey, ['query-funds', 'withdraw-funds']);
    const after = await session.keyInfo();

    expect(before).toMatchObject({ canQuery: true, canTrade: true, canWithdraw: false });
    expect(after).toMatchObject({ canQuery: false, canTrade: false, canWithdraw: true });
  });

  test('prices and candles come for the symbols that trade', async () => {
    const { exchange } = await running();

    const tickers = await exchange.marketData.tickers([BTC_USD, marketSymbol('GONE/USD')]);
    const candles = await exchange.marketData.candles(BTC_USD);

    expect([...tickers.keys()]).toEqual([BTC_USD]);
    expect(candles.length).toBeGreaterThan(0);
    expect(candles.length).toBeLessThanOrEqual(720);
  });
});

const PLACED_AFTER_ALL: readonly FaultKind[] = ['SLOW', 'FILLS_FIRST'];
const SAYS_SO: readonly FaultKind[] = ['ERROR_TEXT'];

describe('whatever goes wrong with an answer', () => {
  const cases = FAULT_KINDS.filter((kind) => !SAYS_SO.includes(kind)).flatMap((kind) =>
    [true, false].map((accept) => ({ kind, accept })),
  );

  test.each(cases)('$kind (carried out: $accept) never makes a false claim about an order', async ({
    kind,
    accept,
  }) => {
    const { simulator, session, sessionFor, buy } = await running();
    const fault = simulator.faults.inject({ endpoint: 'AddOrder', kind, accept, ms: 20 });

    const placement = await sessionFor(kind).place(buy());
    await vi.waitFor(() => expect(fault.hits()).toBe(1), { timeout: 30_000 });
    simulator.faults.clear();

    const found = await session.findByClientOrderId(CLIENT_ID, 0);
    if (placement.outcome === 'PLACED') {
      expect(found?.exchangeOrderId).toBe(placement.exchangeOrderId);
      expect([...PLACED_AFTER_ALL, 'LATE']).toContain(kind);
    } else {
      expect(placement.outcome).toBe('AMBIGUOUS');
    }
  });

  test.each(cases)('$kind (carried out: $accept) is an error for a balance, never zero', async ({
    kind,
    accept,
  }) => {
    const { simulator, sessionFor } = await running();
    simulator.faults.inject({ endpoint: 'BalanceEx', kind, accept, ms: 20, times: 2 });

    const [result] = await Promise.allSettled([sessionFor(kind).balances()]);

    if (result.status === 'fulfilled') {
      expect(result.value.map((balance) => text(balance.total))).toEqual(['10000', '0.5']);
    } else {
      expect(result.reason).toMatchObject({ name: 'ExchangeError', exchange: 'kraken' });
    }
    expect(result.status === 'fulfilled').toBe([...PLACED_AFTER_ALL, 'LATE'].includes(kind));
  });

  test('an error text places nothing and is read as what it says', async () => {
    const { simulator, session, buy } = await running();
    simulator.faults.inject({ endpoint: 'AddOrder', kind: 'ERROR_TEXT', text: 'EService:Deadline elapsed' });

    const placement = await session.place(buy());

    expect(placement).toMatchObject({ outcome: 'NOT_PLACED', code: 'DEADLINE_ELAPSED' });
    expect(await session.findByClientOrderId(CLIENT_ID, 0)).toBeUndefined();
  });

  test('an exchange that is not there any more is unreachable, and no order was placed', async () => {
    const { simulator, session, buy } = await running();
    await simulator.stop();

    // The first call may still meet the old connection, of which nobody can say what became.
    const reading = await session.balances().catch((error: unknown) => error);
    const placement = await session.place(buy());

    expect(reading).toMatchObject({ name: 'ExchangeError', code: 'UNREACHABLE' });
    expect(placement).toMatchObject({ outcome: 'NOT_PLACED', code: 'UNREACHABLE' });
  });
});
