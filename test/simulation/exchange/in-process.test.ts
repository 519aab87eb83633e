import { describe, expect, test } from 'vitest';
import type { FaultSpec } from '../../../infra/local/kraken/faults.ts';
import { createKrakenSimulator } from '../../../infra/local/kraken/simulator.ts';
import { Secret } from '../../../shared/account/credentials.ts';
import type { OrderToSend } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import type { HttpRequest } from '../../../shared/exchange/kraken/transport.ts';
import type { Market } from '../../../shared/exchange/market.ts';
import { price, quantity, text } from '../../../shared/money/money.ts';
import { IN_PROCESS_URL, inProcessTransport } from '../../../simulation/exchange/in-process.ts';
import { BTC, flatPrices, NOON, signature } from '../../local/kraken/exchange.ts';
import { forbidTimersAndSockets } from '../forbidden-time.ts';
import { SteppedClock } from '../stepped-clock.ts';

const TIMEOUT_MS = 10_000;

const opened = async (seed = 7) => {
  const clock = new SteppedClock(NOON);
  const simulator = createKrakenSimulator({ clock, seed, prices: flatPrices });
  const transport = inProcessTransport({ exchange: simulator, clock });
  const exchange = krakenExchange({ url: IN_PROCESS_URL, clock, transport, timeoutMs: TIMEOUT_MS });
  const markets = await exchange.marketData.markets();
  const market = markets.find((one): one is Market => one.symbol === BTC);
  if (market === undefined) throw new Error('the simulator lists no BTC/USD');
  let nonce = 1_000_000;
  const nonces = {
    next: () => {
      nonce += 1;
      return nonce;
    },
  };
  const sessionOf = (accountId: string) => {
    simulator.createAccount({ accountId, balances: { USD: '10000' } });
    const key = simulator.addKey({ accountId, tier: 'pro' });
    const credentials = { apiKey: new Secret(key.apiKey), apiSecret: new Secret(key.apiSecret) };
    return { ...key, session: exchange.session({ accountId, credentials, nonces, markets }) };
  };
  const buy = (): OrderToSend => ({
    clientOrderId: '0123456789abcdef0123456789abcdef',
    market,
    quantity: quantity('0.01'),
    deadline: clock.now() + 30_000,
    firstSend: true,
    side: 'BUY',
    type: 'LIMIT_IOC',
    limitPrice: price('51000'),
  });
  return { clock, simulator, transport, exchange, nonces, sessionOf, buy };
};

/** An order that rests in the book, as an owner may place one: the adapter itself never sends such. */
const restingOrder = (
  key: { readonly apiKey: string; readonly apiSecret: string },
  nonce: number,
): HttpRequest => {
  const path = '/0/private/AddOrder';
  const form = {
    nonce: String(nonce),
    pair: 'XBTUSD',
    type: 'buy',
    ordertype: 'limit',
    price: '40000',
    volume: '0.01',
  };
  const body = new URLSearchParams(form).toString();
  return {
    url: `${IN_PROCESS_URL}${path}`,
    method: 'POST',
    headers: {
      'API-Key': key.apiKey,
      'API-Sign': signature(key.apiSecret, path, form.nonce, body),
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body,
    timeoutMs: TIMEOUT_MS,
  };
};

describe('the exchange in this process', () => {
  test('is traded at without a timer or a socket: an order is placed, read and settled', async () => {
    forbidTimersAndSockets();
    const { sessionOf, buy, exchange } = await opened();
    const { session } = sessionOf('u-ann');

    const placed = await session.place(buy());
    const order = await session.findByClientOrderId(buy().clientOrderId, NOON);
    const balances = await session.balances();
    const tickers = await exchange.marketData.tickers([BTC]);

    expect(placed.outcome).toBe('PLACED');
    expect(order).toMatchObject({ status: 'CLOSED', symbol: BTC, side: 'BUY' });
    const held = balances.find(({ asset }) => asset === 'BTC');
    expect(held && text(held.total)).toBe('0.01');
    expect(tickers.has(BTC)).toBe(true);
  });

  test('cancels what rests in its book', async () => {
    forbidTimersAndSockets();
    const { sessionOf, transport, nonces } = await opened();
    const { session, ...key } = sessionOf('u-ann');
    await transport(restingOrder(key, nonces.next()));
    const [resting] = await session.openOrders();

    await session.cancel(resting?.exchangeOrderId ?? 'none');

    expect(resting).toMatchObject({ status: 'OPEN', symbol: BTC });
    expect(await session.openOrders()).toEqual([]);
  });

  test.each([
    ['TIMEOUT_BEFORE', 0],
    ['TIMEOUT_AFTER', 1],
  ] as const)('%s is given up by virtual time alone, and leaves %i order behind', async (kind, left) => {
    forbidTimersAndSockets();
    const { simulator, sessionOf, buy, clock } = await opened();
    const { session } = sessionOf('u-ann');
    simulator.faults.inject({ kind, endpoint: 'AddOrder' });
    let ended = false;

    const placing = session.place(buy()).finally(() => {
      ended = true;
    });
    await microtasks();
    clock.advance(TIMEOUT_MS - 1);
    await microtasks();
    const before = ended;
    clock.advance(1);
    const placement = await placing;

    expect(before).toBe(false);
    expect(placement).toMatchObject({ outcome: 'AMBIGUOUS', code: 'TIMEOUT' });
    expect(simulator.books.orders()).toHaveLength(left);
  });

  test.each<readonly [FaultSpec, string, string | undefined, number]>([
    [{ kind: 'RESET_BEFORE' }, 'AMBIGUOUS', 'UNAVAILABLE', 0],
    [{ kind: 'RESET_AFTER' }, 'AMBIGUOUS', 'UNAVAILABLE', 1],
    [{ kind: 'HTTP_5XX', accept: true }, 'AMBIGUOUS', 'UNAVAILABLE', 1],
    [{ kind: 'HTML' }, 'AMBIGUOUS', 'MALFORMED_ANSWER', 0],
    [{ kind: 'EMPTY_RESULT', accept: true }, 'AMBIGUOUS', 'MALFORMED_ANSWER', 1],
    [{ kind: 'ERROR_TEXT', text: 'EService:Throttled' }, 'NOT_PLACED', 'RATE_LIMITED', 0],
    [{ kind: 'SLOW', ms: TIMEOUT_MS - 1 }, 'PLACED', undefined, 1],
    [{ kind: 'SLOW', ms: TIMEOUT_MS }, 'AMBIGUOUS', 'TIMEOUT', 1],
    [{ kind: 'LATE', ms: TIMEOUT_MS - 1 }, 'PLACED', undefined, 1],
    [{ kind: 'LATE', ms: TIMEOUT_MS + 5_000 }, 'AMBIGUOUS', 'TIMEOUT', 1],
  ])('fails as over the network: %j', async (fault, outcome, code, left) => {
    const { simulator, sessionOf, buy, clock } = await opened();
    const { session } = sessionOf('u-ann');
    simulator.faults.inject({ ...fault, endpoint: 'AddOrder' });

    const placing = session.place(buy());
    await microtasks();
    clock.advance(TIMEOUT_MS + 5_000);
    const placement = await placing;

    expect(placement).toMatchObject({ outcome, ...(code === undefined ? {} : { code }) });
    expect(simulator.books.orders()).toHaveLength(left);
  });

  test('refuses what comes through only after its deadline', async () => {
    const { simulator, sessionOf, buy, clock } = await opened();
    const { session } = sessionOf('u-ann');
    simulator.faults.inject({ kind: 'LATE', ms: 9_000, endpoint: 'AddOrder' });

    const placing = session.place({ ...buy(), deadline: clock.now() + 5_000 });
    await microtasks();
    clock.advance(9_000);

    expect(await placing).toMatchObject({ outcome: 'NOT_PLACED', code: 'DEADLINE_ELAPSED' });
    expect(simulator.books.orders()).toEqual([]);
  });

  test('knows each session by its own key, also where two exchanges share a process', async () => {
    const [here, there] = [await opened(1), await opened(2)];
    const sessions = [here.sessionOf('u-ann'), here.sessionOf('u-bob'), there.sessionOf('u-ann')];

    await Promise.all(sessions.flatMap(({ session }) => [session.place(here.buy()), session.balances()]));

    const keysOf = ({ simulator }: typeof here) =>
      simulator.books.orders().map(({ accountId, apiKey }) => [accountId, apiKey]);
    expect(keysOf(here)).toEqual([
      ['u-ann', sessions[0]?.apiKey],
      ['u-bob', sessions[1]?.apiKey],
    ]);
    expect(keysOf(there)).toEqual([['u-ann', sessions[2]?.apiKey]]);
    expect(new Set(sessions.map(({ apiKey }) => apiKey)).size).toBe(3);
  });
});

/** All that can go on without time passing. */
const microtasks = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await undefined;
};
