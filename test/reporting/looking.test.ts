import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoReadingLedger } from '../../shared/ledger/dynamodb/reading-ledger.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { answerEquity } from '../../shared/reporting/equity.ts';
import type { ReportingPorts } from '../../shared/reporting/ports.ts';
import { DAY } from '../../shared/time/clock.ts';
import { bossTrade } from '../functions/causes.ts';
import { type EmbeddedTable, embeddedTable } from '../ledger/embedded-table.ts';

const NOON = Date.parse('2026-03-02T12:00:00Z');
let table: EmbeddedTable;
/** Of each read that was sent: whether it was strongly consistent. */
let reads: boolean[] = [];
/** Batches that are under way, and at most were. */
const batches = { now: 0, most: 0, all: 0 };
/** The attributes that lists were asked for. */
let projections: unknown[] = [];
beforeAll(async () => {
  table = await embeddedTable(NOON);
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        if (/^(Get|BatchGet|Query)(Item)?Command$/.test(String(commandName)))
          reads.push(JSON.stringify(call.input).includes('"ConsistentRead":true'));
        if ('ProjectionExpression' in call.input) projections.push(call.input.ProjectionExpression);
        if (!String(commandName).startsWith('BatchGet')) return await next(call);
        batches.all += 1;
        batches.now += 1;
        batches.most = Math.max(batches.most, batches.now);
        try {
          return await next(call);
        } finally {
          batches.now -= 1;
        }
      },
    { step: 'initialize', name: 'recordReads' },
  );
});
afterAll(() => table.stop());

const lookAround = async ({
  positions,
  control,
  exits,
}: Pick<Ledger, 'control'> & {
  readonly positions: Pick<Ledger['positions'], 'list'>;
  readonly exits: Pick<Ledger['exits'], 'list'>;
}): Promise<void> => {
  await positions.list('u-ann');
  await exits.list('u-ann');
  await control.halt();
};

describe('who only looks', () => {
  it('never reads with strong consistency, be it an item, many, or a list', async () => {
    const ledger = dynamoReadingLedger(table);
    reads = [];

    await ledger.history.records('u-ann');
    await ledger.history.lastSnapshot('u-ann');
    await ledger.history.trades('m-boss', { from: 0, to: NOON }, 5);
    await ledger.control.halt();
    await ledger.positions.list('u-ann');
    await ledger.strategyStates.all('m-boss');
    for await (const page of ledger.history.curve('u-ann', 0, NOON)) expect(page).toEqual([]);

    expect(reads).toEqual([false, false, false, false, false, false, false]);
  });

  it('reads of a snapshot what a curve needs, not what it was measured by', async () => {
    projections = [];

    for await (const page of dynamoReadingLedger(table).history.curve('u-ann', 0, NOON))
      expect(page).toEqual([]);

    expect(projections).toEqual([
      '#pk, #sk, #kind, #accountId, #at, #cash, #held, #equity, #flows, #flow, #paidIn, #unknownSince',
    ]);
  });

  it('asks for thousands of copies a few hundred at a time, and for each of them', async () => {
    const rows = Array.from({ length: 1_050 }, (_, index) => ({ accountId: 'u-ann', tradeId: `t-${index}` }));
    Object.assign(batches, { now: 0, most: 0, all: 0 });

    const found = await dynamoReadingLedger(table).history.copies(rows);

    expect(found).toEqual(rows.map(() => undefined));
    expect(batches.all).toBe(11);
    expect(batches.most).toBeLessThanOrEqual(3);
  });

  it('changes nothing of how others read: who acts on it reads what was written last', async () => {
    dynamoReadingLedger(table);
    reads = [];

    await lookAround(dynamoLedger(table));

    expect(reads).toEqual([true, true, true]);
  });
});

/** A ledger of so many users; each curve is asked for and empty. */
const portsOf = (users: number) => {
  const asked: { readonly accountId: string; readonly from: number; readonly to: number }[] = [];
  const seen = { now: 0, most: 0 };
  const ids = Array.from({ length: users }, (_, index) => `u-${String(index).padStart(3, '0')}`);
  const ledger = dynamoReadingLedger(table);
  const ports: ReportingPorts = {
    clock: table.clock,
    stage: 'test',
    checkEveryMs: 1,
    secretReaders: { master: [], user: [] },
    ledger: {
      ...ledger,
      accounts: {
        ...ledger.accounts,
        list: async function* (role) {
          if (role === 'user') yield ids;
        },
      },
      history: {
        ...ledger.history,
        curve: async function* (accountId, from, to) {
          asked.push({ accountId, from, to });
          seen.now += 1;
          seen.most = Math.max(seen.most, seen.now);
          await new Promise((resolve) => setImmediate(resolve));
          seen.now -= 1;
          yield [];
        },
      },
    },
  };
  return { ports, asked, seen };
};

describe('curves', () => {
  it.each([
    { users: 10, limit: 50, days: 30 },
    { users: 11, limit: 50, days: 7 },
    { users: 60, limit: 50, days: 7 },
    { users: 60, limit: 10, days: 30 },
  ])('of $users accounts, $limit at once, are of $days days unless told', async ({ users, limit, days }) => {
    const { ports, asked } = portsOf(users);

    const { from, to } = await answerEquity({ limit, points: 10 }, ports);

    expect([from, to]).toEqual([NOON - days * DAY, NOON]);
    expect(asked).toHaveLength(Math.min(users, limit));
    expect(new Set(asked.map((one) => one.from))).toEqual(new Set([NOON - days * DAY]));
  });

  it('of the last page are of the same time as those of the first', async () => {
    const { ports } = portsOf(52);
    const first = await answerEquity({ limit: 50, points: 10 }, ports);

    const last = await answerEquity({ limit: 50, points: 10, cursor: first.page.next ?? '' }, ports);

    expect(last.page.covered).toBe(2);
    expect(last.from).toBe(first.from);
  });

  it('are of the time that was asked for, however many accounts there are', async () => {
    const { ports } = portsOf(40);

    const { from } = await answerEquity({ limit: 50, points: 10, from: NOON - 90 * DAY }, ports);

    expect(from).toBe(NOON - 90 * DAY);
  });

  it('are read a few at a time', async () => {
    const { ports, seen } = portsOf(30);

    await answerEquity({ limit: 50, points: 10 }, ports);

    expect(seen.most).toBe(3);
  });
});

it('a trade of the table is as readable to who looks as to who acts', async () => {
  const trade = bossTrade(NOON);
  await dynamoLedger(table).recordExecution({
    accountId: trade.masterId,
    symbol: trade.symbol,
    fills: [],
    position: { before: undefined, after: undefined },
    trade,
    at: NOON,
  });

  const [found] = await dynamoReadingLedger(table).history.trades(trade.masterId, { from: 0, to: NOON }, 1);

  expect(found?.trade).toEqual({ readable: true, value: trade });
});
