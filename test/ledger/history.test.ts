import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoHistory } from '../../shared/ledger/dynamodb/history.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { tableAccess } from '../../shared/ledger/dynamodb/table-access.ts';
import type { PastTrade, TradePlace } from '../../shared/reporting/ports.ts';
import { bossTrade } from '../functions/causes.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
let table: EmbeddedTable;
beforeAll(async () => {
  table = await embeddedTable(NOON);
});
afterAll(() => table.stop());

const history = () => dynamoHistory(tableAccess(table));
const ledger = () => dynamoLedger(table);

const publish = async (masterId: string, tradeId: string, at: number): Promise<void> => {
  await ledger().recordExecution({
    accountId: masterId,
    symbol: bossTrade(at).symbol,
    fills: [],
    position: { before: undefined, after: undefined },
    trade: bossTrade(at, { masterId, tradeId }),
    at,
  });
};

const ids = (trades: readonly PastTrade[]): readonly string[] => trades.map(({ tradeId }) => tradeId);

describe('the trades of a master', () => {
  beforeAll(async () => {
    // Three of one moment: their order is that of their ids.
    for (const [tradeId, at] of [
      ['t-a', NOON],
      ['t-c', NOON + 1],
      ['t-b', NOON + 1],
      ['t-d', NOON + 1],
      ['t-e', NOON + 5],
    ] as const)
      await publish('m-many', tradeId, at);
  });

  it('come newest first, those of both ends of the time included', async () => {
    const all = await history().trades('m-many', { from: NOON, to: NOON + 5 }, 10);
    const middle = await history().trades('m-many', { from: NOON + 1, to: NOON + 4 }, 10);

    expect(ids(all)).toEqual(['t-e', 't-d', 't-c', 't-b', 't-a']);
    expect(ids(middle)).toEqual(['t-d', 't-c', 't-b']);
  });

  it.each([1, 2, 3, 4])('come page by page of %i, each once', async (size) => {
    const seen: string[] = [];
    let before: TradePlace | undefined;
    for (let pages = 0; pages < 10; pages += 1) {
      const range = { from: NOON, to: NOON + 5, ...(before === undefined ? {} : { before }) };
      const page = await history().trades('m-many', range, size);
      seen.push(...ids(page));
      before = page.at(-1);
      if (page.length < size) break;
    }

    expect(seen).toEqual(['t-e', 't-d', 't-c', 't-b', 't-a']);
  });

  it('of no time at all are none', async () => {
    expect(await history().trades('m-many', { from: NOON + 6, to: NOON }, 10)).toEqual([]);
  });

  it('name one that is damaged in its place, with what is known of it', async () => {
    await publish('m-hurt', 't-whole', NOON);
    const Item = {
      pk: 'm-hurt',
      sk: 'TRADE#t-hurt',
      lsi1sk: `TRADE#${String(NOON + 1).padStart(15, '0')}#t-hurt`,
    };
    await table.client.send(new PutCommand({ TableName: table.table, Item: { ...Item, kind: 'TRADE' } }));

    const trades = await history().trades('m-hurt', { from: NOON, to: NOON + 5 }, 10);

    expect(trades).toMatchObject([
      {
        tradeId: 't-hurt',
        at: NOON + 1,
        trade: { readable: false, why: expect.stringContaining('damaged') },
      },
      { tradeId: 't-whole', at: NOON, trade: { readable: true } },
    ]);
  });
});

describe('what is kept of an account', () => {
  it('that nobody has heard of is nothing, not an error', async () => {
    const records = await history().records('u-nobody');

    for (const part of Object.values(records)) expect(part).toEqual({ readable: true, value: undefined });
    expect(await history().lastSnapshot('u-nobody')).toBeUndefined();
    expect(await history().orders('u-nobody', 5)).toEqual({ orders: [], complete: true });
  });

  it('that is damaged in one part can be read in the others', async () => {
    const Item = { pk: 'u-hurt', sk: 'KEYSTATE', kind: 'KEY_STATE', usable: 'perhaps' };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));

    const { keyState, profile } = await history().records('u-hurt');

    expect(keyState).toMatchObject({ readable: false });
    expect(profile).toEqual({ readable: true, value: undefined });
  });

  it('says so in every part where the table cannot be reached', async () => {
    const gone = dynamoHistory(tableAccess({ ...table, table: 'no-such-table' }));

    const records = await gone.records('u-ann');

    for (const part of Object.values(records)) expect(part).toMatchObject({ readable: false });
  });
});

describe('copies by account and trade', () => {
  it('come in the order they were asked for, and none where there is no row', async () => {
    const trade = bossTrade(NOON);
    await ledger().copies.create({ accountId: 'u-one', trade, createdAt: NOON });

    const found = await history().copies([
      { accountId: 'u-none', tradeId: trade.tradeId },
      { accountId: 'u-one', tradeId: trade.tradeId },
    ]);

    expect(found[0]).toBeUndefined();
    expect(found[1]).toMatchObject({ readable: true, value: { accountId: 'u-one' } });
  });
});
