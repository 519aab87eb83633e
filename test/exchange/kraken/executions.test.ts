import { describe, expect, test } from 'vitest';
import type { Patience } from '../../../shared/exchange/exchange.ts';
import { text } from '../../../shared/money/money.ts';
import { WHOLE } from '../whole-reading.ts';
import { type Answer, gives, type Request } from './raw-kraken.ts';
import { exchangeWith, order, trade } from './raw-orders.ts';

const TOO_SOON: Answer = { body: '{"error":["EAPI:Rate limit exceeded"]}' };
/** Asks once more, at once; tells what was refused. */
const onceMore = () => {
  const refused: unknown[] = [];
  const again: Patience = async (call) =>
    await call().catch(async (error: unknown) => {
      refused.push(error);
      return await call();
    });
  return { refused, again };
};

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

  test('are asked for again call by call by whoever has patience, none that was answered', async () => {
    const ids = Array.from({ length: 45 }, (_, n) => `T${String(n).padStart(2, '0')}`);
    const { session, requests } = await exchangeWith({
      QueryOrders: (_, count) =>
        count === 1 ? TOO_SOON : gives({ O1: order({ vol: '9', vol_exec: '4.5', trades: ids }) }),
      QueryTrades: (request, count) =>
        count === 2 || count === 4
          ? TOO_SOON
          : gives(
              Object.fromEntries(
                (request.form['txid'] ?? '').split(',').map((id) => [id, trade({ vol: '0.1' })]),
              ),
            ),
    });
    const { refused, again } = onceMore();

    const [known] = await session.orders(['O1'], again);
    if (known === undefined) throw new Error('the order is gone');
    const fills = await session.fillsOf(known, again);

    expect(fills.map((fill) => fill.fillId)).toEqual(ids);
    expect(refused).toHaveLength(3);
    expect(requests.map(({ form }) => form['txid']?.slice(0, 3))).toEqual([
      ...['O1', 'O1'],
      ...['T00', 'T20', 'T20', 'T40', 'T40'],
    ]);
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
  const page = (
    trades: readonly (readonly [string, { readonly time: number }])[],
    request: Request,
    fromStart = false,
  ) => {
    const start = fromStart ? Number(request.form['start']) : 0;
    const newestFirst = trades.filter(([, { time }]) => time > start).toReversed();
    const ofs = Number(request.form['ofs']);
    return gives({ trades: Object.fromEntries(newestFirst.slice(ofs, ofs + 50)), count: newestFirst.length });
  };
  const QueryOrders = (request: Request): Answer =>
    gives(Object.fromEntries((request.form['txid'] ?? '').split(',').map((id) => [id, order()])));

  test('come from every page, oldest first, and none from before', async () => {
    const { session } = await exchangeWith({
      TradesHistory: (request) => page(history(120), request),
      QueryOrders,
    });

    const { fills } = await session.fillsSince(T * 1000 + 500, WHOLE);

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

    const { fills } = await session.fillsSince(T * 1000, WHOLE);

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

    const reading = session.fillsSince(T * 1000, WHOLE);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('are an error, and asked for no longer, when one page comes over and over', async () => {
    const { session, requests } = await exchangeWith({
      TradesHistory: () => gives({ trades: Object.fromEntries(history(50)), count: 1_000_000 }),
      QueryOrders,
    });

    const reading = session.fillsSince(T * 1000, WHOLE);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
    expect(requests).toHaveLength(2);
  });

  test.each([
    ['a cost below zero', { cost: '-1' }],
    ['a time that no date has', { time: 1e13 }],
  ])('are an error with %s', async (_what, change) => {
    const { session } = await exchangeWith({
      TradesHistory: () => gives({ trades: { T1: { ...trade(), ...change } }, count: 1 }),
      QueryOrders,
    });

    const reading = session.fillsSince(0, WHOLE);

    await expect(reading).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' });
  });

  test('stand in the order of their ids where the times are equal', async () => {
    const trades = Object.fromEntries(['TC', 'TA', 'TB'].map((id) => [id, trade({ time: T })]));
    const { session } = await exchangeWith({ TradesHistory: () => gives({ trades, count: 3 }), QueryOrders });

    const { fills } = await session.fillsSince(0, WHOLE);

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

    const { fills } = await session.fillsSince(0, WHOLE);
    const again = (await session.fillsSince(0, WHOLE)).fills;

    expect(fills.map((fill) => [fill.fee.asset, text(fill.fee.amount)])).toEqual([
      ['USD', '30'],
      // 30.00002 ÷ 30000, rounded up to the step.
      ['BTC', '0.00100001'],
      // What was taken may have been 30.000009, written with five decimals.
      ['BTC', '0.00100001'],
    ]);
    expect(again).toEqual(fills);
    expect(requests.map((request) => request.endpoint)).toEqual([
      'TradesHistory',
      'QueryOrders',
      'TradesHistory',
    ]);
  });

  test.each([
    ['opened a position on margin', { margin: '6000.00000', posstatus: 'open' }],
    ['opened one that is closed by now', { margin: '0.00000', posstatus: 'closed' }],
    ['closed one', { misc: 'closing' }],
  ])('leave out what %s, and tell when it was', async (_what, change) => {
    const spot = trade({ time: T });
    const trades = { TS: { ...spot, margin: '0.00000', misc: '' }, TM: { ...spot, ...change } };
    const { session } = await exchangeWith({ TradesHistory: () => gives({ trades, count: 2 }), QueryOrders });

    const executions = await session.fillsSince(0, WHOLE);

    expect(executions.fills.map(({ fillId }) => fillId)).toEqual(['TS']);
    expect(executions).toMatchObject({ unlisted: [], onMargin: [T * 1000] });
  });

  test('of which nothing is said about margin moved coins', async () => {
    const untold = { ...trade({ time: T }), margin: null, misc: null, posstatus: null };
    const { session } = await exchangeWith({
      TradesHistory: () => gives({ trades: { TS: untold }, count: 1 }),
      QueryOrders,
    });

    const { fills, onMargin } = await session.fillsSince(0, WHOLE);

    expect(fills.map(({ fillId }) => fillId)).toEqual(['TS']);
    expect(onMargin).toEqual([]);
  });

  test('in a market that the session does not know hide no other, and tell what they moved where its name does', async () => {
    const { session } = await exchangeWith({
      TradesHistory: () =>
        gives({
          trades: {
            T1: trade({ pair: 'GONEUSD', time: T }),
            T2: trade({ time: T + 1 }),
            T3: trade({ pair: 'GONEXBT.d', time: T + 2 }),
          },
          count: 3,
        }),
      QueryOrders,
    });

    const { fills, unlisted } = await session.fillsSince(0, WHOLE);

    expect(fills.map(({ fillId, symbol }) => [fillId, symbol])).toEqual([['T2', 'BTC/USD']]);
    expect(unlisted).toMatchObject([
      {
        fillId: 'T1',
        pair: 'GONEUSD',
        at: T * 1000,
        read: { symbol: 'GONE/USD', side: 'BUY', fee: { asset: 'USD' } },
      },
      { fillId: 'T3', pair: 'GONEXBT.d', exchangeOrderId: 'O1' },
    ]);
    expect(unlisted[1]).not.toHaveProperty('read');
  });

  test('in a market that the session does not know are an error where they are to be recorded', async () => {
    const { session } = await exchangeWith({
      QueryOrders: () => gives({ O1: order({ vol_exec: '0.25', trades: ['T1'] }) }),
      QueryTrades: () => gives({ T1: trade({ pair: 'NEWUSD' }) }),
    });

    const reading = session.fillsOf(await session.order('O1'));

    await expect(reading).rejects.toThrow(/UNKNOWN_PAIR.*given 'NEWUSD'/);
  });

  test('come in parts where only so many pages may be read, the oldest first, and keep the key between', async () => {
    const { session, requests } = await exchangeWith({
      TradesHistory: (request) => page(history(480), request, true),
      QueryOrders,
    });
    const seen: string[] = [];
    let since = T * 1000;
    let kept = 0;
    const keep = async () => {
      kept += 1;
    };

    for (let parts = 0; ; parts += 1) {
      const { fills, readTo } = await session.fillsSince(since, { keep, mostPages: 4 });
      seen.push(...fills.map(({ fillId }) => fillId));
      expect(fills.every(({ at }) => at >= since && (readTo === undefined || at < readTo))).toBe(true);
      if (readTo === undefined) break;
      since = readTo;
      expect(parts).toBeLessThan(5);
    }

    expect(seen).toEqual(history(480).map(([id]) => id));
    const pages = requests.filter(({ endpoint }) => endpoint === 'TradesHistory').length;
    expect(pages).toBeLessThanOrEqual(16);
    expect(kept).toBeGreaterThan(0);
  });

  test('come in parts also where more of one moment are there than may be read, with others right before it', async () => {
    const at = (count: number, name: string, time: (n: number) => number) =>
      Array.from(
        { length: count },
        (_, n) => [`${name}${String(n).padStart(4, '0')}`, trade({ time: time(n) })] as const,
      );
    const before = at(120, 'B', () => T + 4.5);
    const wanted = [...at(240, 'M', () => T + 5), ...at(60, 'N', (n) => T + 6 + n / 10)];
    const { session } = await exchangeWith({
      TradesHistory: (request) => page([...before, ...wanted], request, true),
      QueryOrders,
    });
    const seen: string[] = [];
    let since = (T + 5) * 1000;

    for (let parts = 0; ; parts += 1) {
      const { fills, readTo } = await session.fillsSince(since, {
        keep: async () => undefined,
        mostPages: 3,
      });
      seen.push(...fills.map(({ fillId }) => fillId));
      if (readTo === undefined) break;
      expect(readTo).toBeGreaterThan(since);
      since = readTo;
      expect(parts).toBeLessThan(8);
    }

    expect(seen.toSorted()).toEqual(wanted.map(([id]) => id).toSorted());
  });

  test('come in parts without a gap where the list grows while its oldest pages are read', async () => {
    const { session } = await exchangeWith({
      TradesHistory: (request, count) => page(history(480 + (count >= 3 ? 7 : 0)), request, true),
      QueryOrders,
    });

    const { fills, readTo } = await session.fillsSince(T * 1000, {
      keep: async () => undefined,
      mostPages: 4,
    });

    const ids = fills.map(({ fillId }) => fillId);
    expect(readTo).toBeGreaterThan(T * 1000);
    expect(ids).toEqual(
      history(480)
        .slice(0, ids.length)
        .map(([id]) => id),
    );
    expect(ids.length).toBeGreaterThan(140);
  });

  test('are each asked for again by whoever has patience, page by page and with their orders', async () => {
    const { session, requests } = await exchangeWith({
      TradesHistory: (request, count) => (count === 2 ? TOO_SOON : page(history(120), request)),
      QueryOrders: (request, count) => (count === 1 ? TOO_SOON : QueryOrders(request)),
    });
    const { refused, again } = onceMore();

    const { fills } = await session.fillsSince(T * 1000, { ...WHOLE, patiently: again });

    expect(fills).toHaveLength(120);
    expect(refused).toMatchObject([{ code: 'RATE_LIMITED' }, { code: 'RATE_LIMITED' }]);
    expect(requests.map(({ endpoint, form }) => form['ofs'] ?? endpoint)).toEqual([
      '0',
      '50',
      '50',
      '100',
      'QueryOrders',
      'QueryOrders',
    ]);
  });
});
