import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoHistory } from '../../shared/ledger/dynamodb/history.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { tableAccess } from '../../shared/ledger/dynamodb/table-access.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { price, quantity, quote } from '../../shared/money/money.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import type { RiskState } from '../../shared/protection/risk.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

const snapshot = (accountId: string, at: number): EquitySnapshot => ({
  accountId,
  at,
  cash: quote('90.5'),
  held: quote('9.5'),
  equity: quote('150'),
  holdings: [
    { asset: 'USD', total: quantity('100'), price: price('1') },
    { asset: 'BTC', total: quantity('0.00000001') },
  ],
  flows: [
    {
      kind: 'WITHDRAWAL',
      asset: 'USD',
      amount: quantity('12.000000000001'),
      value: quote('12.000000000001'),
    },
    { kind: 'DEPOSIT', asset: 'KFEE', amount: quantity('3') },
  ],
  flow: quote('-12.000000000001'),
  paidIn: quote('140'),
  counted: [{ fillId: 'T1', at: at - MINUTE }],
  countedFrom: at - 10 * MINUTE,
});

const risk = (of: EquitySnapshot, version: number): RiskState => ({
  accountId: of.accountId,
  day: '2026-11-20',
  dayOpenEquity: quote('150'),
  peakEquity: quote('160'),
  measured: { at: of.at, holdings: of.holdings },
  lastEquity: quote('150'),
  lastCash: quote('90.5'),
  lastAt: of.at,
  recentOrders: [],
  version,
});

const listed = async (accountId: string, from: number, to: number) => {
  const points: EquitySnapshot[] = [];
  for await (const page of ledger.snapshots.list(accountId, from, to)) points.push(...page);
  return points;
};

describe('equity snapshots', () => {
  it('are read for a curve without what they were measured by, and are the same in all else', async () => {
    const one = snapshot('u-curve', START);
    await ledger.snapshots.record(one, risk(one, 1));
    const { holdings, counted, countedFrom, ...drawn } = one;

    const pages: unknown[] = [];
    for await (const page of dynamoHistory(tableAccess(table)).curve('u-curve', START, START))
      pages.push(page);

    expect(pages).toEqual([[drawn]]);
    expect([holdings, counted, countedFrom]).not.toContain(undefined);
  });

  it('come back as they were recorded, with the risk state that they lead to', async () => {
    const first = snapshot('u-ann', START);
    await ledger.snapshots.record(first, risk(first, 1));

    expect(await ledger.snapshots.get('u-ann', START)).toEqual(first);
    expect(await ledger.risk.get('u-ann')).toEqual(risk(first, 1));
    expect(await ledger.snapshots.get('u-ann', START + 1)).toBeUndefined();
  });

  it('are recorded together with the risk state or not at all', async () => {
    const first = snapshot('u-bob', START);
    await ledger.snapshots.record(first, risk(first, 1));
    const overtaken = snapshot('u-bob', START + MINUTE);

    await expect(ledger.snapshots.record(overtaken, risk(overtaken, 1))).rejects.toThrow(ConcurrentChange);
    await expect(ledger.snapshots.record(first, risk(first, 2))).rejects.toThrow(ConcurrentChange);
    expect(await ledger.snapshots.get('u-bob', overtaken.at)).toBeUndefined();
    expect(await ledger.risk.get('u-bob')).toEqual(risk(first, 1));
  });

  it('are found one by one, the last until a moment and the first from one', async () => {
    const times = [START, START + DAY, START + 2 * DAY];
    for (const [index, at] of times.entries()) {
      const one = snapshot('u-fay', at);
      await ledger.snapshots.record(one, risk(one, index + 1));
    }
    const { lastUntil, firstFrom } = ledger.snapshots;

    expect((await lastUntil('u-fay', START + DAY))?.at).toBe(START + DAY);
    expect((await lastUntil('u-fay', START + 2 * DAY - 1))?.at).toBe(START + DAY);
    expect(await lastUntil('u-fay', START - 1)).toBeUndefined();
    expect((await firstFrom('u-fay', START + 1))?.at).toBe(START + DAY);
    expect(await firstFrom('u-fay', START + 3 * DAY)).toBeUndefined();
  });

  it('are listed by time, between two moments, of one account alone', async () => {
    const times = [5, 3, 1, 4, 2].map((day) => START + day * DAY);
    for (const [index, at] of times.entries()) {
      const one = snapshot('u-cat', at);
      await ledger.snapshots.record(one, risk(one, index + 1));
    }
    const other = snapshot('u-catherine', START + 3 * DAY);
    await ledger.snapshots.record(other, risk(other, 1));

    const found = await listed('u-cat', START + 2 * DAY, START + 4 * DAY);
    expect(found.map(({ at }) => (at - START) / DAY)).toEqual([2, 3, 4]);
    expect(await listed('u-cat', -1, Number.MAX_SAFE_INTEGER)).toHaveLength(5);
    expect(await listed('u-cat', START + 4 * DAY, START + 2 * DAY)).toEqual([]);
  });

  it('are forgotten by the table after 400 days', async () => {
    const one = snapshot('u-dan', START + 1);
    await ledger.snapshots.record(one, risk(one, 1));

    const Key = { pk: 'u-dan', sk: `EQUITY#00${START + 1}` };
    const { Item } = await table.client.send(new GetCommand({ TableName: table.table, Key }));
    expect(Item?.['expiresAt']).toBe(Math.floor((START + 1 + 400 * DAY) / 1000));
  });

  it('leave a risk state that was stored before there were any readable', async () => {
    const { measured: _none, ...old } = risk(snapshot('u-old', START), 3);
    const texts = { dayOpenEquity: '150', peakEquity: '160', lastEquity: '150', lastCash: '90.5' };
    const Item = { ...old, ...texts, pk: 'u-old', sk: 'RISK', kind: 'RISK' };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));

    expect(await ledger.risk.get('u-old')).toEqual(old);
  });
});
