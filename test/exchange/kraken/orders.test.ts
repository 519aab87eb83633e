import { describe, expect, test } from 'vitest';
import { text } from '../../../shared/money/money.ts';
import { gives } from './raw-kraken.ts';
import { exchangeWith, order } from './raw-orders.ts';

const CLIENT_ID = '0123456789abcdef0123456789abcdef';

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

    expect(found).toMatchObject({ exchangeOrderId: 'O1', clientOrderId: CLIENT_ID });
  });

  test('finds nothing where every order is somebody else’s', async () => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: others }),
      ClosedOrders: () => gives({ closed: others, count: 3 }),
    });

    const found = await session.findByClientOrderId(CLIENT_ID, 0);

    expect(found).toBeUndefined();
  });

  test.each([
    ['none of them comes', { closed: {}, count: 3 }],
    ['the same come over and over', { closed: others, count: 1_000_000 }],
  ])('is an error where more closed orders are announced and %s', async (_what, answer) => {
    const { session } = await exchangeWith({
      OpenOrders: () => gives({ open: {} }),
      ClosedOrders: () => gives(answer),
    });

    const looking = session.findByClientOrderId(CLIENT_ID, 0);

    await expect(looking).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
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
