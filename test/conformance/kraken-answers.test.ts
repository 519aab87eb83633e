import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openVenue, orderForm, type RawAnswer, type Venue } from '../local/kraken/exchange.ts';
import { differences, type Reading, shapeOf } from './shape.ts';

const FIXTURES = join(import.meta.dirname, '../../../shared/data/kraken');

interface Case extends Reading {
  readonly file: string;
  readonly answer: (venue: Venue) => Promise<RawAnswer>;
  /** Where the snapshot is older than the exchange, or a case of its own: what differs, and why. */
  readonly known?: Readonly<Record<string, string>>;
}

const resting = orderForm({ ordertype: 'limit', price: '40000' });
const NEWER = 'the snapshot is from 2017; the exchange has sent it for years';

const CASES: readonly Case[] = [
  {
    file: 'add-order.json',
    answer: ({ call }) => call('AddOrder', resting),
    tables: [],
    lists: ['error', 'result.txid'],
  },
  {
    file: 'cancel-order.json',
    answer: async ({ call }) => {
      await call('AddOrder', { ...resting, cl_ord_id: 'x' });
      return call('CancelOrder', { cl_ord_id: 'x' });
    },
    tables: [],
    lists: ['error'],
  },
  {
    file: 'open-orders.json',
    answer: async ({ call }) => {
      await call('AddOrder', resting);
      return call('OpenOrders');
    },
    tables: ['result.open'],
    lists: ['error'],
    known: {
      'answer.result.open.*.descr.close: only here': NEWER,
      'answer.result.open.*.stopprice: only here': NEWER,
      'answer.result.open.*.limitprice: only here': NEWER,
    },
  },
  {
    file: 'closed-orders.json',
    answer: async ({ call }) => {
      await call('AddOrder', { ...resting, cl_ord_id: 'x' });
      await call('CancelOrder', { cl_ord_id: 'x' });
      return call('ClosedOrders');
    },
    tables: ['result.closed'],
    lists: ['error'],
    known: {
      'answer.result.closed.*.cl_ord_id: only here': 'sent for orders that were given one',
      'answer.result.closed.*.userref: number there, null here':
        'a number where one was given, as in open-orders',
    },
  },
  {
    file: 'trades-history.json',
    answer: async ({ call }) => {
      await call('AddOrder', orderForm({ volume: '0.001' }));
      return call('TradesHistory');
    },
    tables: ['result.trades'],
    lists: ['error', 'result.trades.*.ledgers'],
  },
  {
    file: 'spot-trade-balance.json',
    answer: ({ call }) => call('TradeBalance'),
    tables: [],
    lists: ['error'],
    known: {
      'answer.result.ml: missing here': 'the margin level of accounts with margin positions; there are none',
    },
  },
  {
    file: 'system-status.json',
    answer: ({ publicly }) => publicly('SystemStatus'),
    tables: [],
    lists: ['error'],
  },
  {
    file: 'assets.json',
    answer: ({ publicly }) => publicly('Assets'),
    tables: ['result'],
    lists: ['error'],
    known: { 'answer.result.*.status: only here': 'newer than the snapshot' },
  },
  {
    file: 'asset-pairs.json',
    answer: ({ publicly }) => publicly('AssetPairs'),
    tables: ['result'],
    lists: [
      'error',
      'result.*.leverage_buy',
      'result.*.leverage_sell',
      'result.*.fees',
      'result.*.fees_maker',
    ],
    known: {
      'answer.result.*.cost_decimals: only here': 'newer than the snapshot',
      'answer.result.*.costmin: only here': 'newer than the snapshot',
      'answer.result.*.tick_size: only here': 'newer than the snapshot',
      'answer.result.*.status: only here': 'newer than the snapshot',
      'answer.result.*.ordermin: only here': 'newer than most entries of the snapshot',
    },
  },
  {
    file: 'ticker.json',
    answer: ({ publicly }) => publicly('Ticker', { pair: 'XBTUSD' }),
    tables: ['result'],
    lists: ['error'],
    known: {
      'answer.result.*.a: 2 places there, 3 here': 'price, whole lots and lots: the snapshot has no lots yet',
      'answer.result.*.b: 2 places there, 3 here': 'price, whole lots and lots: the snapshot has no lots yet',
    },
  },
  {
    file: 'ohlc.json',
    answer: async ({ publicly }) => {
      const { error, result } = await publicly('OHLC', { pair: 'XBTUSD', interval: '5' });
      const { XXBTZUSD, last } = result as { XXBTZUSD: unknown; last: unknown };
      return { error, result: { XXBTZUSD, last } };
    },
    tables: [],
    lists: ['error', 'result.XXBTZUSD'],
  },
];

describe.skipIf(!existsSync(FIXTURES))(
  "the shape of the simulated exchange's answers (skipped where the real ones in ../shared/data are absent)",
  () => {
    it.each(CASES)('is that of $file, but for what is known to differ', async ({
      file,
      answer,
      known,
      ...reading
    }) => {
      const venue = await openVenue();
      const real: unknown = JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));

      const ours = await answer(venue);
      const found = differences([shapeOf(real, reading)], [shapeOf(ours, reading)], 'answer');

      expect([...found].sort()).toEqual(Object.keys(known ?? {}).sort());
    });

    it('covers every file there is', () => {
      expect(readdirSync(FIXTURES).sort()).toEqual(CASES.map(({ file }) => file).sort());
    });
  },
);

describe('the comparison of shapes', () => {
  const reading: Reading = { tables: ['rows'], lists: ['names'] };
  const compared = (real: unknown, ours: unknown) =>
    differences([shapeOf(real, reading)], [shapeOf(ours, reading)], 'x');

  it('takes other values, other keys of a table and other lengths of a list for the same', () => {
    const real = { rows: { a: { n: 1 } }, names: ['a'], pair: ['1', 2] };

    expect(compared(real, { rows: { b: { n: 2 }, c: { n: 3 } }, names: ['b', 'c'], pair: ['3', 4] })).toEqual(
      [],
    );
  });

  it('finds missing and additional keys, other types and other tuples, at any depth', () => {
    const real = { rows: { a: { n: 1, m: '' } }, names: ['a'], pair: ['1', 2] };

    expect(compared(real, { rows: { b: { n: '2', o: null } }, names: [1], pair: ['3'] })).toEqual([
      'x.rows.*.n: number there, string here',
      'x.rows.*.m: missing here',
      'x.rows.*.o: only here',
      'x.names.*: string there, number here',
      'x.pair: 2 places there, 1 here',
    ]);
  });
});
