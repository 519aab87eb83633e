import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFills } from '../../shared/ledger/apply-fills.ts';
import { TooManyFills } from '../../shared/ledger/dynamodb/execution.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { type Ledger, LedgerError } from '../../shared/ledger/ledger.ts';
import { bps, price, quantity, quote, text } from '../../shared/money/money.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aCopy, aFill, aMarket, anOrder, aPosition, aTrade, BTC, ETH, refusalOf, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

let accounts = 0;
const newAccountId = () => {
  accounts += 1;
  return `u-test-${accounts}`;
};

const filled = {
  state: 'FILLED',
  quantity: quantity('0.5'),
  price: price('64000.1'),
  fees: quote('12.8'),
  orderLatencyMs: 120,
  fillLatencyMs: 230,
  slippageBps: bps('-1.5'),
  clientOrderId: anOrder().clientOrderId,
} as const;

describe('recording an execution', () => {
  it('records fills, position, order and copy together', async () => {
    const accountId = newAccountId();
    const order = anOrder({ accountId });
    const copy = aCopy({ accountId });
    await ledger.orders.create(order);
    await ledger.copies.create(copy);
    const after = aPosition({ accountId, quantity: quantity('0.50000001') });

    await ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [aFill({ fillId: 'T1' }), aFill({ fillId: 'T2', at: START + 1 })],
      position: { before: undefined, after },
      order: { before: order, after: { ...order, state: 'CLOSED', exchangeOrderId: 'O1' } },
      copy: { before: copy, outcome: filled },
      at: START + 2,
    });

    expect(await ledger.positions.get(accountId, BTC)).toEqual(after);
    expect(
      (await ledger.fills.list(accountId)).map(({ fillId, recordedAt }) => [fillId, recordedAt]),
    ).toEqual([
      ['T1', START + 2],
      ['T2', START + 2],
    ]);
    expect(await ledger.orders.get(accountId, order.clientOrderId)).toMatchObject({ state: 'CLOSED' });
    expect(await ledger.orders.inDoubt(accountId)).toEqual([]);
    expect(await ledger.copies.get(accountId, 't-1')).toEqual({
      ...copy,
      outcome: filled,
      finishedAt: START + 2,
    });
  });

  it('records nothing at all when one of its parts changed in between, and names that part', async () => {
    const accountId = newAccountId();
    const order = anOrder({ accountId });
    const copy = aCopy({ accountId });
    await ledger.orders.create(order);
    await ledger.copies.create(copy);
    await ledger.copies.finish(copy, { state: 'SKIPPED', reason: 'STALE', detail: 'late' }, START);

    const recording = await refusalOf(
      ledger.recordExecution({
        accountId,
        symbol: BTC,
        fills: [aFill()],
        position: { before: undefined, after: aPosition({ accountId }) },
        order: { before: order, after: { ...order, state: 'CLOSED' } },
        copy: { before: copy, outcome: filled },
        at: START,
      }),
    );

    expect(recording).toBeInstanceOf(ConcurrentChange);
    expect(recording.message).toContain(`the copy of trade t-1 for ${accountId}`);
    expect(await ledger.positions.get(accountId, BTC)).toBeUndefined();
    expect(await ledger.fills.list(accountId)).toEqual([]);
    expect(await ledger.orders.get(accountId, order.clientOrderId)).toEqual(order);
  });

  it('records a fill once: the same execution again is refused and changes nothing', async () => {
    const accountId = newAccountId();
    const first = aPosition({ accountId });
    const execution = { accountId, symbol: BTC, fills: [aFill()], at: START };
    await ledger.recordExecution({ ...execution, position: { before: undefined, after: first } });

    const again = await refusalOf(
      ledger.recordExecution({
        ...execution,
        position: { before: first, after: aPosition({ accountId, version: 2, quantity: quantity('2') }) },
      }),
    );

    expect(again).toBeInstanceOf(ConcurrentChange);
    expect(again.message).toContain('fill T1');
    expect(await ledger.positions.get(accountId, BTC)).toEqual(first);
  });

  it('refuses a writer that read an earlier life of a closed position', async () => {
    const accountId = newAccountId();
    const opened = aPosition({ accountId });
    const closed = aPosition({ accountId, quantity: quantity('0'), costBasis: quote('0'), version: 2 });
    const buy = { accountId, symbol: BTC, at: START };
    await ledger.recordExecution({
      ...buy,
      fills: [aFill({ fillId: 'T1' })],
      position: { before: undefined, after: opened },
    });
    await ledger.recordExecution({
      ...buy,
      fills: [aFill({ fillId: 'T2', side: 'SELL' })],
      position: { before: opened, after: closed },
    });

    const asNew = await refusalOf(
      ledger.recordExecution({
        ...buy,
        fills: [aFill({ fillId: 'T3' })],
        position: { before: undefined, after: opened },
      }),
    );
    const asOpened = await refusalOf(
      ledger.recordExecution({
        ...buy,
        fills: [aFill({ fillId: 'T3' })],
        position: { before: opened, after: aPosition({ accountId, version: 2 }) },
      }),
    );

    expect(asNew).toBeInstanceOf(ConcurrentChange);
    expect(asOpened).toBeInstanceOf(ConcurrentChange);
    expect(await ledger.positions.list(accountId)).toEqual([]);
    expect(await ledger.positions.get(accountId, BTC)).toEqual(closed);
  });

  it('refuses fills that leave a position unchanged when that position has changed', async () => {
    const accountId = newAccountId();
    const position = aPosition({ accountId });
    await ledger.recordExecution({
      accountId,
      symbol: BTC,
      fills: [aFill({ fillId: 'T1' })],
      position: { before: undefined, after: position },
      at: START,
    });

    const sale = await refusalOf(
      ledger.recordExecution({
        accountId,
        symbol: BTC,
        fills: [aFill({ fillId: 'T2', side: 'SELL' })],
        position: { before: undefined, after: undefined },
        at: START,
      }),
    );

    expect(sale).toBeInstanceOf(ConcurrentChange);
    expect(await ledger.fills.recorded(accountId, ['T1', 'T2'])).toEqual(new Set(['T1']));
  });

  it('takes 90 fills at once and refuses more with an error of its own', async () => {
    const accountId = newAccountId();
    const fills = Array.from({ length: 91 }, (_, index) => aFill({ fillId: `T${index}` }));
    const order = anOrder({ accountId });
    const copy = aCopy({ accountId });
    await ledger.orders.create(order);
    await ledger.copies.create(copy);
    const position = { before: undefined, after: aPosition({ accountId }) };
    const rest = {
      accountId,
      symbol: BTC,
      position,
      order: { before: order, after: { ...order, state: 'CLOSED' as const } },
      copy: { before: copy, outcome: filled },
      at: START,
    };

    await expect(ledger.recordExecution({ ...rest, fills })).rejects.toThrow(TooManyFills);
    await ledger.recordExecution({ ...rest, fills: fills.slice(0, 90) });

    expect(await ledger.fills.list(accountId)).toHaveLength(90);
    const all = await ledger.fills.recorded(
      accountId,
      Array.from({ length: 250 }, (_, index) => `T${index}`),
    );
    expect(all.size).toBe(90);
  });

  it('publishes a trade of a master with its fills, once', async () => {
    const master = dynamoMasterLedger(table);
    const accountId = 'm-publisher';
    const trade = aTrade({ masterId: accountId });
    const before = aPosition({ accountId });
    const execution = { accountId, symbol: BTC, trade, at: START };
    await master.recordExecution({
      ...execution,
      fills: [aFill({ fillId: 'T1' })],
      position: { before: undefined, after: before },
    });

    const again = await refusalOf(
      master.recordExecution({
        ...execution,
        fills: [aFill({ fillId: 'T2' })],
        position: { before, after: aPosition({ accountId, version: 2 }) },
      }),
    );

    expect(again.message).toContain('trade t-1 of m-publisher');
    expect(await master.trades(accountId)).toEqual([trade]);
    expect(await master.fills.list(accountId)).toHaveLength(1);
  });

  it.each([
    ['a fill of another symbol', { fills: [aFill({ symbol: ETH })] }],
    ['the same fill twice', { fills: [aFill(), aFill()] }],
    [
      'a position of another account',
      { position: { before: undefined, after: aPosition({ accountId: 'u-bob' }) } },
    ],
    [
      'a position that skips a version',
      { position: { before: undefined, after: aPosition({ version: 2 }) } },
    ],
    ['a position that vanishes', { position: { before: aPosition(), after: undefined } }],
    [
      'an order of another account',
      { order: { before: anOrder({ accountId: 'u-bob' }), after: anOrder({ accountId: 'u-bob' }) } },
    ],
    ['a copy of another account', { copy: { before: aCopy({ accountId: 'u-bob' }), outcome: filled } }],
    ['a trade of another account', { trade: aTrade() }],
  ])('refuses %s', async (_, wrong) => {
    const execution = {
      accountId: 'u-ann',
      symbol: BTC,
      fills: [aFill()],
      position: { before: undefined, after: aPosition() },
      at: START,
      ...wrong,
    };

    await expect(ledger.recordExecution(execution)).rejects.toThrow(LedgerError);

    expect(await ledger.fills.list('u-ann')).toEqual([]);
  });

  it('lets exactly one of two writers that race for the same fill win', async () => {
    const market = aMarket();
    for (let round = 0; round < 20; round += 1) {
      const accountId = newAccountId();
      const fill = aFill({ fillId: `T${round}`, quantity: quantity('1'), cost: quote('10') });
      const writer = async () => {
        const before = await ledger.positions.get(accountId, BTC);
        const after = applyFills(before, [fill], market, accountId);
        await ledger.recordExecution({
          accountId,
          symbol: BTC,
          fills: [fill],
          position: { before, after },
          at: START,
        });
      };

      const results = await Promise.allSettled([writer(), writer(), writer()]);

      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const position = await ledger.positions.get(accountId, BTC);
      expect(position?.version).toBe(1);
      expect(position && text(position.quantity)).toBe('1');
    }
  });

  it('adds up whatever several writers record of overlapping lists of fills', async () => {
    const market = aMarket();
    const ids = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { minLength: 2, maxLength: 4 }), async (lists) => {
        const accountId = newAccountId();
        const writer = async (list: readonly number[]): Promise<void> => {
          const fills = [...new Set(list)].map((id) =>
            aFill({ fillId: `T${id}`, quantity: quantity(`0.${id + 1}`), cost: quote('10') }),
          );
          const recorded = await ledger.fills.recorded(
            accountId,
            fills.map(({ fillId }) => fillId),
          );
          const fresh = fills.filter(({ fillId }) => !recorded.has(fillId));
          const before = await ledger.positions.get(accountId, BTC);
          const after = applyFills(before, fresh, market, accountId);
          try {
            await ledger.recordExecution({
              accountId,
              symbol: BTC,
              fills: fresh,
              position: { before, after },
              at: START,
            });
          } catch (error) {
            if (!(error instanceof ConcurrentChange)) throw error;
            await writer(list);
          }
        };

        await Promise.all(lists.map(writer));

        const fills = await ledger.fills.list(accountId);
        const position = await ledger.positions.get(accountId, BTC);
        const sum = fills.reduce((total, fill) => total.plus(fill.quantity), quantity('0').plus(0));
        expect(new Set(fills.map(({ fillId }) => fillId)).size).toBe(new Set(lists.flat()).size);
        expect(position && text(position.quantity)).toBe(sum.toFixed());
      }),
      { numRuns: 15 },
    );
  });
});
