import { describe, expect, it } from 'vitest';
import type { Copy } from '../../shared/copying/copy.ts';
import { type ReachLedger, reachOf } from '../../shared/copying/reach.ts';
import type { Adjustment } from '../../shared/ledger/adjustment.ts';
import type { RecordedFill } from '../../shared/ledger/ledger.ts';
import type { Position } from '../../shared/ledger/position.ts';
import { quantity, quote, text } from '../../shared/money/money.ts';
import { type Cause, causeText } from '../../shared/order/order.ts';
import { MINUTE } from '../../shared/time/clock.ts';
import { aFill, aPosition } from '../ledger/examples.ts';
import { unasked } from '../order/at-the-exchange.ts';
import { NOON, trade } from './made.ts';

const accountId = 'u-ann';
/** The master's SELL that comes late, and his trades around it. */
const SELL = trade({ tradeId: 't-sell', side: 'SELL', at: NOON });
const EARLIER = trade({ tradeId: 't-old', at: NOON - MINUTE });
const LATER = trade({ tradeId: 't-new', at: NOON + MINUTE });

const copyOf = (tradeId: string): Cause => ({ kind: 'copy', accountId, tradeId });
let count = 0;
const filled = (
  side: 'BUY' | 'SELL',
  amount: string,
  minutes: number,
  cause?: Cause,
  changes: Partial<RecordedFill> = {},
): RecordedFill => {
  count += 1;
  return {
    ...aFill({ fillId: `T${count}`, side, quantity: quantity(amount), at: NOON + minutes * MINUTE }),
    recordedAt: NOON,
    ...(cause === undefined ? {} : { cause: causeText(cause) }),
    ...changes,
  };
};
const adjusted = (before: string, after: string, minutes: number): Adjustment => ({
  accountId,
  id: 'asked#1',
  symbol: SELL.symbol,
  reason: 'ADOPTED',
  quantityBefore: quantity(before),
  quantityAfter: quantity(after),
  costBefore: quote('0'),
  costAfter: quote('0'),
  by: 'ann',
  why: 'mine',
  at: NOON + minutes * MINUTE,
});

interface Known {
  readonly fills?: readonly RecordedFill[];
  readonly changes?: readonly Adjustment[];
}

const ledgerOf = ({ fills = [], changes = [] }: Known) => {
  const asked: unknown[] = [];
  const copies: readonly Copy[] = [SELL, EARLIER, LATER].map((of) => ({
    accountId,
    trade: of,
    createdAt: NOON,
  }));
  const ledger: ReachLedger = {
    fills: {
      recorded: unasked,
      list: unasked,
      since: async (...of) => {
        asked.push(of);
        return fills;
      },
    },
    copies: {
      create: unasked,
      get: async (_account, tradeId) => copies.find((copy) => copy.trade.tradeId === tradeId),
      progress: unasked,
      finish: unasked,
      list: unasked,
      unfinished: unasked,
      saveOwed: unasked,
    },
    reconciliation: {
      progress: unasked,
      saveProgress: unasked,
      ownTrades: unasked,
      saveOwnTrades: unasked,
      drifts: unasked,
      saveDrift: unasked,
      adjustment: unasked,
      adjustments: unasked,
      adjustmentsSince: async (...of) => {
        asked.push(of);
        return changes;
      },
      adjust: unasked,
    },
  };
  return { ledger, asked };
};

const reach = async (known: Known, position: Partial<Position> | undefined) => {
  const { ledger } = ledgerOf(known);
  const held = position && aPosition({ grewAt: NOON, ...position });
  return text(await reachOf({ accountId, trade: SELL }, held, ledger));
};

describe('what a late SELL may touch', () => {
  it.each<[string, Known, string, string]>([
    ['all, where nothing was executed since', {}, '2', '2'],
    [
      'all but what was bought for a later trade',
      { fills: [filled('BUY', '0.5', 2, copyOf('t-new'))] },
      '2',
      '1.5',
    ],
    [
      'what was bought for an earlier trade, however late',
      { fills: [filled('BUY', '0.5', 2, copyOf('t-old'))] },
      '2',
      '2',
    ],
    [
      'what was bought for no trade that is known',
      { fills: [filled('BUY', '0.5', 2), filled('BUY', '0.5', 3, copyOf('t-lost'))] },
      '2',
      '2',
    ],
    [
      'less what came later, of which an exit took its part',
      {
        fills: [
          filled('BUY', '1', 2, copyOf('t-new')),
          filled('SELL', '1', 3, {
            kind: 'exit',
            accountId,
            requestId: 'out',
            symbol: SELL.symbol,
            round: 1,
          }),
        ],
      },
      '1',
      '0.5',
    ],
    [
      'nothing of later coins, where an owed sale of an earlier trade took only its own',
      {
        fills: [
          filled('BUY', '1', 2, copyOf('t-new')),
          filled('SELL', '1', 3, { kind: 'owed', accountId, tradeId: 't-old', round: 1 }),
        ],
      },
      '1',
      '0',
    ],
    ['not what its owner has put under management since', { changes: [adjusted('1', '1.4', 1)] }, '1.4', '1'],
    [
      'a part of what was closed or lost since',
      { fills: [filled('BUY', '1', 1, copyOf('t-new'))], changes: [adjusted('2', '1', 2)] },
      '1',
      '0.5',
    ],
    [
      'what is left by events in their order, in whatever order they are read',
      {
        fills: [filled('SELL', '1', 3), filled('BUY', '1', 2, copyOf('t-new'))],
        changes: [adjusted('1', '2', 1)],
      },
      '2',
      '0.666666666666666667',
    ],
    [
      'not what a fee in the coin itself has eaten',
      {
        fills: [filled('BUY', '0.5', 2, copyOf('t-new'), { fee: { asset: 'BTC', amount: quantity('0.1') } })],
      },
      '1.4',
      '1',
    ],
  ])('is %s', async (_what, known, held, expected) => {
    expect(await reach(known, { quantity: quantity(held) })).toBe(expected);
  });

  it('is nothing, where there is no position, and no ledger is asked', async () => {
    expect(await reach({}, undefined)).toBe('0');
  });

  it.each([
    ['nothing is held', { quantity: quantity('0') }],
    ['it never grew', { grewAt: undefined }],
    ['it grew last before the trade', { grewAt: NOON - 1 }],
  ])('is all there is, and nothing is read, where %s', async (_where, {
    grewAt,
    ...facts
  }: { grewAt?: number | undefined; quantity?: Position['quantity'] }) => {
    const { ledger, asked } = ledgerOf({ fills: [filled('BUY', '0.5', 2, copyOf('t-new'))] });
    const held = aPosition({ ...facts, ...(grewAt === undefined ? {} : { grewAt }) });

    expect(await reachOf({ accountId, trade: SELL }, held, ledger)).toBe(held.quantity);
    expect(asked).toEqual([]);
  });

  it('is read since the trade, where the position grew at that moment', async () => {
    const { ledger, asked } = ledgerOf({});

    await reachOf({ accountId, trade: SELL }, aPosition({ grewAt: NOON }), ledger);

    expect(asked).toEqual([
      [accountId, SELL.symbol, NOON],
      [accountId, SELL.symbol, NOON],
    ]);
  });
});
