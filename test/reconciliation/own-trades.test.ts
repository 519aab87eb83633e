import { describe, expect, it } from 'vitest';
import type { CheckFacts } from '../../shared/check/check-facts.ts';
import type { Executions, Fill, UnlistedFill } from '../../shared/exchange/exchange.ts';
import { marketSymbol } from '../../shared/exchange/market.ts';
import type { Adjustment } from '../../shared/ledger/adjustment.ts';
import { quantity, quote, text, ZERO_QUANTITY } from '../../shared/money/money.ts';
import { type HistoryBudget, ownSalesOf } from '../../shared/reconciliation/own-trades.ts';
import type { OwnTrades } from '../../shared/reconciliation/reconciliation-store.ts';
import { HOUR, MINUTE } from '../../shared/time/clock.ts';
import { aFill, anAccount, aPosition, BTC, START } from '../ledger/examples.ts';
import { atTheExchange, unasked } from '../order/at-the-exchange.ts';

const USDT = marketSymbol('BTC/USDT');
/** Long after the position was opened. */
const NOW = START + 10 * HOUR;

const sale = (fillId: string, amount: string, changes: Partial<Fill> = {}): Fill =>
  aFill({ fillId, side: 'SELL', quantity: quantity(amount), at: START + MINUTE, ...changes });

const adjusted = (changes: Partial<Adjustment>): Adjustment => ({
  accountId: 'u-ann',
  id: 'a-1',
  symbol: BTC,
  reason: 'OWN_SALE',
  quantityBefore: quantity('1'),
  quantityAfter: quantity('0.7'),
  costBefore: quote('100'),
  costAfter: quote('70'),
  by: 'check',
  why: 'sold',
  at: START + MINUTE,
  ...changes,
});

interface History {
  readonly fills?: readonly Fill[];
  readonly unlisted?: readonly UnlistedFill[];
  readonly readTo?: number;
  /** Recorded in the ledger: ours. */
  readonly ours?: readonly string[];
  readonly stored?: Partial<OwnTrades>;
  readonly adjustments?: readonly Adjustment[];
  readonly pages?: number;
  readonly positions?: readonly ReturnType<typeof aPosition>[];
}

/** What the owner of one position has sold past Nija, by this history. */
const lookedAt = (history: History = {}) => {
  const reads: { readonly since: number; readonly mostPages: number | undefined }[] = [];
  const saved: OwnTrades[] = [];
  let kept = 0;
  const executions: Executions = {
    fills: history.fills ?? [],
    unlisted: history.unlisted ?? [],
    ...(history.readTo === undefined ? {} : { readTo: history.readTo }),
  };
  const { ports } = atTheExchange();
  const session: CheckFacts['connection']['session'] = {
    ...ports.session,
    fillsSince: async (since, reading) => {
      reads.push({ since, mostPages: reading?.mostPages });
      for (let page = 1; page < (history.pages ?? 1); page += 1) await reading?.keep();
      return executions;
    },
  };
  const facts: CheckFacts = {
    account: anAccount(),
    connection: {
      session,
      lease: { next: () => 1, renew: unasked, release: unasked },
      markets: [],
      everListed: [],
      fingerprint: 'f',
      keep: async () => {
        kept += 1;
      },
    },
    balances: [],
    tickers: new Map(),
    valuation: {
      equity: quote('0'),
      cash: quote('0'),
      held: quote('0'),
      assets: [],
      complete: true,
      unpriced: [],
      owed: [],
      priced: true,
    },
    doubtful: new Map(),
    at: NOW,
  };
  const ledger: Parameters<typeof ownSalesOf>[3] = {
    fills: {
      recorded: async (_account, ids) => new Set(history.ours?.filter((id) => ids.includes(id))),
      list: unasked,
      since: unasked,
    },
    reconciliation: {
      progress: unasked,
      saveProgress: unasked,
      ownTrades: async () =>
        history.stored === undefined
          ? undefined
          : {
              accountId: 'u-ann',
              asset: 'BTC',
              since: START,
              readTo: START + HOUR,
              out: ZERO_QUANTITY,
              in: ZERO_QUANTITY,
              ...history.stored,
            },
      saveOwnTrades: async (trades) => {
        saved.push(trades);
      },
      drifts: unasked,
      saveDrift: unasked,
      adjustment: unasked,
      adjustments: unasked,
      adjustmentsSince: async (_account, symbol) =>
        (history.adjustments ?? []).filter((change) => change.symbol === symbol),
      adjust: unasked,
    },
  };
  const holding = { asset: 'BTC', positions: history.positions ?? [aPosition()] };
  return {
    reads,
    saved,
    kept: () => kept,
    within: (budget: HistoryBudget = { pages: 3 }) => ownSalesOf(holding, budget, facts, ledger),
  };
};

const soldBy = async (history: History): Promise<string> => {
  const reading = await lookedAt(history).within();
  return reading.complete ? text(reading.sold) : 'not known';
};

describe('what an owner has sold past Nija', () => {
  it.each<[string, History, string]>([
    ['nothing, where nothing was executed', {}, '0'],
    ['his sales', { fills: [sale('T1', '0.2'), sale('T2', '0.3')] }, '0.5'],
    [
      'none of what is recorded: that is ours',
      { fills: [sale('T1', '0.2'), sale('T2', '0.3')], ours: ['T2'] },
      '0.2',
    ],
    [
      'his sales less his purchases',
      { fills: [sale('T1', '0.5'), sale('T2', '0.2', { side: 'BUY' })] },
      '0.3',
    ],
    [
      'nothing, where he bought more',
      { fills: [sale('T1', '0.2'), sale('T2', '0.5', { side: 'BUY' })] },
      '0',
    ],
    [
      'what he paid with it',
      { fills: [aFill({ symbol: marketSymbol('ETH/BTC'), cost: quote('0.4') })] },
      '0.4',
    ],
    [
      'a fee that was taken in it',
      { fills: [aFill({ symbol: marketSymbol('ETH/USD'), fee: { asset: 'BTC', amount: quantity('0.1') } })] },
      '0.1',
    ],
    [
      'nothing of what other assets moved',
      { fills: [sale('T1', '5', { symbol: marketSymbol('ETH/USD') })] },
      '0',
    ],
    ['nothing from before the position was opened', { fills: [sale('T1', '5', { at: START - 1 })] }, '0'],
    ['what he sold at the moment it was opened', { fills: [sale('T1', '0.2', { at: START })] }, '0.2'],
  ])('is %s', async (_what, history, expected) => {
    expect(await soldBy(history)).toBe(expected);
  });

  it('is, too, what he sold in a market that nobody knew', async () => {
    const unlisted = { fillId: 'T9', exchangeOrderId: 'O9', pair: 'XBTEUR', at: START + MINUTE };
    const read = sale('T9', '0.2', { symbol: marketSymbol('BTC/EUR') });

    expect(
      await soldBy({
        unlisted: [
          { ...unlisted, read },
          { ...unlisted, fillId: 'T10' },
        ],
      }),
    ).toBe('0.2');
  });

  it('is counted from the first of several positions on', async () => {
    const positions = [aPosition({ openedAt: START + HOUR }), aPosition({ symbol: USDT, openedAt: START })];
    const here = lookedAt({ positions, fills: [sale('T1', '0.2')] });

    expect(await here.within()).toMatchObject({ complete: true, sold: quantity('0.2') });
    expect(here.reads).toEqual([{ since: START, mostPages: 3 }]);
  });

  it('is less by what earlier adjustments account for already, of each of its positions', async () => {
    const positions = [aPosition(), aPosition({ symbol: USDT })];
    const adjustments = [
      adjusted({}),
      adjusted({ id: 'a-2', symbol: USDT, quantityBefore: quantity('0.5'), quantityAfter: quantity('0.4') }),
    ];

    expect(await soldBy({ positions, adjustments, fills: [sale('T1', '0.9')] })).toBe('0.5');
  });

  it.each([
    'PHANTOM',
    'ADOPTED',
    'RELEASED',
  ] as const)('is not less by an adjustment as %s', async (reason) => {
    expect(await soldBy({ adjustments: [adjusted({ reason })], fills: [sale('T1', '0.9')] })).toBe('0.9');
  });
});

describe('what was read of his trades', () => {
  it('is kept as sums of all that is older than an hour, and read on from there', async () => {
    const first = lookedAt({
      fills: [sale('T1', '0.2'), sale('T2', '0.1', { side: 'BUY' }), sale('T3', '0.3', { at: NOW - HOUR })],
    });
    const known = { accountId: 'u-ann', asset: 'BTC', since: START, readTo: NOW - HOUR };

    expect(await first.within()).toMatchObject({ sold: quantity('0.4') });
    expect(first.saved).toEqual([{ ...known, out: quantity('0.2'), in: quantity('0.1') }]);

    const next = lookedAt({ stored: { ...first.saved[0] }, fills: [sale('T3', '0.3', { at: NOW - HOUR })] });
    expect(await next.within()).toMatchObject({ sold: quantity('0.4') });
    expect(next.reads).toEqual([{ since: NOW - HOUR, mostPages: 3 }]);
    expect(next.saved).toEqual([]);
  });

  it('is not counted twice where an answer goes back further than was asked', async () => {
    const stored = { readTo: START + HOUR, out: quantity('0.2') };

    expect(
      await soldBy({ stored, fills: [sale('T1', '0.2'), sale('T2', '0.3', { at: START + HOUR })] }),
    ).toBe('0.5');
  });

  it('is forgotten where the position was opened anew since', async () => {
    const here = lookedAt({ stored: { since: START - HOUR, out: quantity('9') } });

    expect(await here.within()).toMatchObject({ sold: ZERO_QUANTITY });
    expect(here.reads).toEqual([{ since: START, mostPages: 3 }]);
  });

  it('proves nothing while there is more to read, and is kept as far as it goes', async () => {
    const readTo = START + 2 * HOUR;
    const here = lookedAt({ fills: [sale('T1', '0.2')], readTo });

    expect(await here.within()).toEqual({ complete: false, readTo });
    expect(here.saved).toMatchObject([{ readTo, out: quantity('0.2') }]);
  });

  it('is not kept of the last hour, though more was read: later ones may still be listed', async () => {
    const here = lookedAt({ fills: [sale('T1', '0.2', { at: NOW - HOUR })], readTo: NOW - MINUTE });

    expect(await here.within()).toEqual({ complete: false, readTo: NOW - MINUTE });
    expect(here.saved).toMatchObject([{ readTo: NOW - HOUR, out: ZERO_QUANTITY }]);
  });
});

describe('what may be read in a check', () => {
  it('is used up page by page, each with the key kept', async () => {
    const budget: HistoryBudget = { pages: 5 };
    const here = lookedAt({ pages: 3 });

    await here.within(budget);

    expect([budget.pages, here.kept()]).toEqual([2, 2]);
    expect(here.reads).toEqual([{ since: START, mostPages: 5 }]);
  });

  it.each([
    [2, 1],
    [1, 0],
  ])('is enough for another asset with %i pages left: %i reads', async (pages, reads) => {
    const here = lookedAt();

    const reading = await here.within({ pages });

    expect(here.reads).toHaveLength(reads);
    expect(reading).toEqual(
      reads === 0 ? { complete: false, readTo: START } : { complete: true, sold: ZERO_QUANTITY },
    );
  });

  it('is read once for all assets that need no more than was read', async () => {
    const budget: HistoryBudget = { pages: 3 };
    const here = lookedAt({ fills: [sale('T1', '0.2')] });

    await here.within(budget);
    const again = await here.within(budget);

    expect(again).toMatchObject({ complete: true, sold: quantity('0.2') });
    expect(here.reads).toHaveLength(1);
  });

  it('is read again for one that needs more', async () => {
    const executions: Executions = { fills: [], unlisted: [] };
    const here = lookedAt({ fills: [sale('T1', '0.2')] });

    const reading = await here.within({ pages: 3, read: { since: START + 1, executions } });

    expect(reading).toMatchObject({ sold: quantity('0.2') });
    expect(here.reads).toHaveLength(1);
  });

  it('is not taken for all where it was only a part', async () => {
    const budget: HistoryBudget = { pages: 9 };
    const here = lookedAt({ readTo: START + HOUR });

    await here.within(budget);
    await here.within(budget);

    expect(here.reads).toHaveLength(2);
  });
});
