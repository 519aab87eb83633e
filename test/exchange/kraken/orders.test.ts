import { describe, expect, test } from 'vitest';
import { text } from '../../../shared/money/money.ts';
import { type Answer, gives, type Request, rawKraken, sessionAt } from './raw-kraken.ts';

const CLIENT_ID = '0123456789abcdef0123456789abcdef';

interface OrderFacts {
  readonly cl_ord_id?: string | null;
  readonly pair?: string;
  readonly vol?: string;
  readonly vol_exec?: string;
  readonly status?: string;
  readonly oflags?: string;
  readonly opentm?: number;
  readonly trades?: readonly string[];
}

const order = (facts: OrderFacts = {}) => ({
  refid: null,
  status: facts.status ?? 'closed',
  opentm: facts.opentm ?? 1700000000.1234,
  descr: { pair: facts.pair ?? 'XBTUSD', type: 'buy', ordertype: 'limit', price: '30000.0' },
  vol: facts.vol ?? '0.50000000',
  vol_exec: facts.vol_exec ?? '0.50000000',
  cost: '15000.00000',
  fee: '60.0',
  oflags: facts.oflags ?? 'fciq',
  ...(facts.cl_ord_id === undefined ? {} : { cl_ord_id: facts.cl_ord_id }),
  ...(facts.trades === undefined ? {} : { trades: facts.trades }),
});

interface TradeFacts {
  readonly order?: string;
  readonly pair?: string;
  readonly time?: number;
  readonly vol?: string;
  readonly price?: string;
  readonly fee?: string;
}

const trade = (facts: TradeFacts = {}) => ({
  ordertxid: facts.order ?? 'O1',
  pair: facts.pair ?? 'XXBTZUSD',
  time: facts.time ?? 1700000001.5,
  type: 'buy',
  ordertype: 'limit',
  price: facts.price ?? '30000.00000',
  cost: '7500.00000',
  fee: facts.fee ?? '30.00000',
  vol: facts.vol ?? '0.25000000',
});

/** Answers by endpoint; the counter of calls of that endpoint starts at 1. */
const exchangeWith = async (
  answers: Readonly<Record<string, (request: Request, count: number) => Answer>>,
) => {
  const counts = new Map<string, number>();
  const server = await rawKraken((request) => {
    const count = (counts.get(request.endpoint) ?? 0) + 1;
    counts.set(request.endpoint, count);
    return answers[request.endpoint]?.(request, count) ?? { body: '{"error":["EGeneral:Unknown method"]}' };
  });
  return { session: sessionAt(server.url), requests: server.requests };
};

describe('an order', () => {
  test('is read with its market, figures, times and fills', async () => {
    const { session } = await exchangeWith({
      QueryOrders: () => gives({ O1: order({ cl_ord_id: CLIENT_ID, trades: ['T1', 'T2'] }) }),
    });

    const read = await session.order('O1');

    expect({
      ...read,
      quantity: text(read.quantity),
      filled: text(read.filled),
      cost: text(read.cost),
    }).toEqual({
      exchangeOrderId: 'O1',
      clientOrderId: CLIENT_ID,
      symbol: 'BTC/USD',
      side: 'BUY',
      quantity: '0.5',
      filled: '0.5',
      cost: '15000',
      status: 'CLOSED',
      openedAt: 1700000000123,
      fillIds: ['T1', 'T2'],
    });
  });

  test('that the exchange does not know is an error, not undefined', async () => {
    const { session } = await exchangeWith({ QueryOrders: () => gives({}) });

    const reading = session.order('O1');

    await expect(reading).rejects.toMatchObject({ code: 'UNKNOWN_ORDER' });
  });

  test('of an unlisted pair does not hide the other open orders', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () =>
        gives({ open: { O1: order({ pair: 'NEWUSD', status: 'open' }), O2: order({ status: 'open' }) } }),
    });

    const open = await session.openOrders();

    expect(open.map((one) => [one.exchangeOrderId, one.symbol])).toEqual([
      ['O1', 'NEWUSD/UNLISTED'],
      ['O2', 'BTC/USD'],
    ]);
  });
});

describe('looking an order up by its client id', () => {
  const others = {
    OX: order({ cl_ord_id: 'ffffffffffffffffffffffffffffffff' }),
    OY: order(),
    OZ: order({ cl_ord_id: null }),
  };

  test('finds it among the open ones', async () => {
    const { session, requests } = await exchangeWith({
      OpenOrders: () => gives({ open: { ...others, O1: order({ cl_ord_id: CLIENT_ID, status: 'open' }) } }),
    });

    const found = await session.findByClientOrderId(CLIENT_ID, 1_700_000_000_000);

    expect(found?.exchangeOrderId).toBe('O1');
    expect(requests.map((request) => [request.endpoint, request.form['cl_ord_id']])).toEqual([
      ['OpenOrders', CLIENT_ID],
    ]);
  });

  test('then among the closed ones, also behind a filter that the exchange ignored', async () => {
    const crowd = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`OX${n}`, order()]));
    const { session, requests } = await exchangeWith({
      OpenOrders: () => gives({ open: others }),
      ClosedOrders: (request) =>
        request.form['ofs'] === '0'
          ? gives({ closed: crowd, count: 51 })
          : gives({ closed: { O1: order({ cl_ord_id: CLIENT_ID }) }, count: 51 }),
    });

    const found = await session.findByClientOrderId(CLIENT_ID, 1_700_000_000_000);

    expect(found?.exchangeOrderId).toBe('O1');
    const starts = requests.filter((r) => r.endpoint === 'ClosedOrders').map((r) => Number(r.form['start']));
    expect(starts.every((start) => start <= 1_700_000_000)).toBe(true);
  });

  test('reads the id also when it comes back written as a UUID', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: {} }),
      ClosedOrders: () =>
        gives({ closed: { O1: order({ cl_ord_id: '01234567-89AB-cdef-0123-456789abcdef' }) }, count: 1 }),
    });

    const found = await session.findByClientOrderId(CLIENT_ID, 0);

    expect(found?.exchangeOrderId).toBe('O1');
  });

  test('finds nothing where every order is somebody else’s', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: others }),
      ClosedOrders: () => gives({ closed: others, count: 3 }),
    });

    const found = await session.findByClientOrderId(CLIENT_ID, 0);

    expect(found).toBeUndefined();
  });

  test('is an error where the lists cannot be read: absence must be proven', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: {} }),
      ClosedOrders: () => ({ status: 200, body: '' }),
    });

    const looking = session.findByClientOrderId(CLIENT_ID, 0);

    await expect(looking).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });
});

describe('the fills of an order', () => {
  test('come twenty at a time and add up', async () => {
    const ids = Array.from({ length: 45 }, (_, n) => `T${String(n).padStart(2, '0')}`);
    const { session, requests } = await exchangeWith({
      QueryOrders: () => gives({ O1: order({ vol: '9', vol_exec: '4.5', trades: ids }) }),
      QueryTrades: (request) =>
        gives(
          Object.fromEntries(
            (request.form['txid'] ?? '').split(',').map((id) => [id, trade({ vol: '0.1' })]),
          ),
        ),
    });

    const fills = await session.fillsOf(await session.order('O1'));

    expect(fills.map((fill) => fill.fillId)).toEqual(ids);
    expect(
      requests.filter((r) => r.endpoint === 'QueryTrades').map((r) => r.form['txid']?.split(',').length),
    ).toEqual([20, 20, 5]);
  });

  test.each([
    ['one is missing', { T1: trade() }],
    ['one belongs to another order', { T1: trade(), T2: trade({ order: 'O2' }) }],
    ['they are more than the order says', { T1: trade(), T2: trade({ vol: '0.26' }) }],
  ])('are an error when %s', async (_what, trades) => {
    const { session } = await exchangeWith({
      QueryOrders: () => gives({ O1: order({ trades: ['T1', 'T2'] }) }),
      QueryTrades: () => gives(trades),
    });
    const read = await session.order('O1');

    const reading = session.fillsOf(read);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('are none, without asking, where nothing was filled', async () => {
    const { session, requests } = await exchangeWith({
      QueryOrders: () => gives({ O1: order({ vol_exec: '0.00000000', status: 'canceled' }) }),
    });

    const fills = await session.fillsOf(await session.order('O1'));

    expect(fills).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test('are found also when the order was read from a list that names none', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: { O1: order({ status: 'open' }) } }),
      QueryOrders: () => gives({ O1: order({ trades: ['T1', 'T2'] }) }),
      QueryTrades: () => gives({ T1: trade(), T2: trade() }),
    });
    const [listed] = await session.openOrders();

    const fills = listed === undefined ? [] : await session.fillsOf(listed);

    expect(fills).toHaveLength(2);
  });
});

describe('all fills since a moment', () => {
  const T = 1_700_000_000;
  const history = (count: number) =>
    Array.from(
      { length: count },
      (_, n) => [`T${String(n).padStart(4, '0')}`, trade({ time: T + n / 10 })] as const,
    );
  const page = (trades: readonly (readonly [string, unknown])[], request: Request) => {
    const newestFirst = trades.toReversed();
    const ofs = Number(request.form['ofs']);
    return gives({ trades: Object.fromEntries(newestFirst.slice(ofs, ofs + 50)), count: trades.length });
  };
  const QueryOrders = (request: Request): Answer =>
    gives(Object.fromEntries((request.form['txid'] ?? '').split(',').map((id) => [id, order()])));

  test('come from every page, oldest first, and none from before', async () => {
    const { session } = await exchangeWith({
      TradesHistory: (request) => page(history(120), request),
      QueryOrders,
    });

    const fills = await session.fillsSince(T * 1000 + 500);

    expect(fills.map((fill) => fill.fillId)).toEqual(
      history(120)
        .slice(5)
        .map(([id]) => id),
    );
  });

  test('are complete and named once when trades happen between two pages', async () => {
    const { session } = await exchangeWith({
      TradesHistory: (request, count) => page(history(118 + count * 2), request),
      QueryOrders,
    });

    const fills = await session.fillsSince(T * 1000);

    const ids = fills.map((fill) => fill.fillId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 120)).toEqual(history(120).map(([id]) => id));
  });

  test('are an error when a page is missing', async () => {
    const { session } = await exchangeWith({
      TradesHistory: (request, count) =>
        count === 2 ? gives({ trades: {}, count: 120 }) : page(history(120), request),
      QueryOrders,
    });

    const reading = session.fillsSince(T * 1000);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('stand in the order of their ids where the times are equal', async () => {
    const trades = Object.fromEntries(['TC', 'TA', 'TB'].map((id) => [id, trade({ time: T })]));
    const { session } = await exchangeWith({ TradesHistory: () => gives({ trades, count: 3 }), QueryOrders });

    const fills = await session.fillsSince(0);

    expect(fills.map((fill) => fill.fillId)).toEqual(['TA', 'TB', 'TC']);
  });

  test('pay the fee in the asset that their order chose', async () => {
    const { session, requests } = await exchangeWith({
      TradesHistory: () =>
        gives({
          trades: {
            T1: trade({ order: 'OQ', time: T }),
            T2: trade({ order: 'OB', time: T + 1, fee: '30.00001' }),
            T3: trade({ order: 'OB', time: T + 2 }),
          },
          count: 3,
        }),
      QueryOrders: () => gives({ OQ: order({ oflags: 'fciq' }), OB: order({ oflags: 'post,fcib' }) }),
    });

    const fills = await session.fillsSince(0);
    const again = await session.fillsSince(0);

    expect(fills.map((fill) => [fill.fee.asset, text(fill.fee.amount)])).toEqual([
      ['USD', '30'],
      // 30.00001 ÷ 30000, rounded up to the step.
      ['BTC', '0.00100001'],
      ['BTC', '0.001'],
    ]);
    expect(again).toEqual(fills);
    expect(requests.map((request) => request.endpoint)).toEqual([
      'TradesHistory',
      'QueryOrders',
      'TradesHistory',
    ]);
  });

  test('in a market that the session does not know are an error that names it', async () => {
    const { session } = await exchangeWith({
      TradesHistory: () => gives({ trades: { T1: trade({ pair: 'NEWUSD' }) }, count: 1 }),
      QueryOrders,
    });

    const reading = session.fillsSince(0);

    await expect(reading).rejects.toThrow(/UNKNOWN_PAIR.*given 'NEWUSD'/);
  });
});
