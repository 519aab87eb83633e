import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { FILLS_PER_TRANSACTION, recordClosedOrder } from '../../shared/ledger/record-order.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aFill, aMarket, anOrder, BTC, ETH, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

const record = async (accountId: string, ...fills: readonly Fill[]): Promise<void> => {
  for (const fill of fills) {
    const unchanged = await ledger.positions.get(accountId, fill.symbol);
    const position = { before: unchanged, after: unchanged };
    await ledger.recordExecution({ accountId, symbol: fill.symbol, fills: [fill], position, at: START });
  }
};
const idsSince = async (accountId: string, at: number): Promise<readonly string[]> =>
  (await ledger.fills.since(accountId, BTC, at)).map(({ fillId }) => fillId);

describe("a user's fills since a time", () => {
  it('are those of the symbol from then on, oldest first', async () => {
    await record(
      'u-some',
      aFill({ fillId: 'A-last', at: START + 2 }),
      aFill({ fillId: 'Z-first', at: START }),
      aFill({ fillId: 'before', at: START - 1 }),
      aFill({ fillId: 'sale', at: START + 1, side: 'SELL' }),
      aFill({ fillId: 'other', at: START + 1, symbol: ETH }),
    );
    await record('u-other', aFill({ fillId: 'not-mine', at: START + 1 }));

    expect(await idsSince('u-some', START)).toEqual(['Z-first', 'sale', 'A-last']);
    expect(await idsSince('u-some', START + 3)).toEqual([]);
  });

  it('know the cause of their order, also where one transaction does not take them all', async () => {
    const accountId = 'u-many';
    const before = anOrder({ accountId });
    await ledger.orders.create(before);
    const fills = Array.from({ length: FILLS_PER_TRANSACTION + 1 }, (_, index) =>
      aFill({ fillId: `F${index}`, at: START + index }),
    );
    const after = { ...before, state: 'CLOSED', exchangeOrderId: 'O1' } as const;

    await recordClosedOrder({ market: aMarket(), before, after, fills, at: START }, ledger);

    const found = await ledger.fills.since(accountId, BTC, START);
    expect(found).toHaveLength(fills.length);
    expect(new Set(found.map(({ cause }) => cause))).toEqual(new Set([before.cause]));
    const position = await ledger.positions.get(accountId, BTC);
    expect(position?.grewAt).toBe(START + FILLS_PER_TRANSACTION);
  });

  it('stand beside trades and orders in doubt without being among them', async () => {
    const order = anOrder({ accountId: 'u-mixed' });
    await ledger.orders.create(order);
    await record('u-mixed', aFill());

    expect(await ledger.orders.inDoubt('u-mixed')).toEqual([order]);
    expect(await ledger.copies.unfinished('u-mixed')).toEqual([]);
  });

  it('are not kept of a master, whom nobody asks for them', async () => {
    const master = dynamoMasterLedger(table);
    await record('m-boss', aFill());

    expect(await master.fills.list('m-boss')).toHaveLength(1);
    expect(await master.fills.since('m-boss', BTC, 0)).toEqual([]);
  });
});
