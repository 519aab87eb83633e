import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { LEDGER_EXPIRY } from '../../shared/ledger/dynamodb/table.ts';
import { type Ledger, LedgerError } from '../../shared/ledger/ledger.ts';
import { plus, quote, text, ZERO_QUOTE } from '../../shared/money/money.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import { DEFAULT_RUNAWAY_LIMITS, type RunawayBreaker } from '../../shared/protection/runaway.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/time/clock.ts';
import { decimals } from '../copying/made.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

let since = 0;
/** One that has counted nothing yet. */
const fresh = (): RunawayBreaker => {
  since += 1;
  return { countsSince: since, limits: DEFAULT_RUNAWAY_LIMITS };
};
let buys = 0;
const buy = (notional: string, at = START) => {
  buys += 1;
  return { accountId: 'u-ann', clientOrderId: `order-${buys}`, notional: quote(notional), at };
};
const boughtAt = async (breaker: RunawayBreaker, now: number) => {
  const { orders, notional } = await ledger.runaway.bought(breaker, now);
  return { orders, notional: text(notional) };
};

describe('what all accounts bought', () => {
  it('is the sum of all that was counted, by whomever and in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(decimals(1n, 1_000_000n, 2), { maxLength: 12 }), async (amounts) => {
        const breaker = fresh();

        await Promise.all(amounts.map((amount) => ledger.runaway.count(buy(amount), breaker)));

        const sum = amounts.reduce((total, amount) => plus(total, quote(amount)), ZERO_QUOTE);
        expect(await boughtAt(breaker, START)).toEqual({ orders: amounts.length, notional: text(sum) });
      }),
      { numRuns: 15 },
    );
  });

  it('rounds each amount up, so that many small ones never look like less', async () => {
    const breaker = fresh();

    for (let count = 0; count < 3; count += 1) await ledger.runaway.count(buy('0.001'), breaker);

    expect(await boughtAt(breaker, START)).toEqual({ orders: 3, notional: '0.03' });
  });

  it('is forgotten when its window is over, and not before', async () => {
    const breaker = fresh();
    await ledger.runaway.count(buy('10'), breaker);
    const seenAfter = async (ms: number) => (await boughtAt(breaker, START + ms)).orders;

    expect(await seenAfter(5 * MINUTE)).toBe(1);
    expect(await seenAfter(6 * MINUTE)).toBe(0);
  });

  it('holds what a sender counted whose clock is ahead', async () => {
    const breaker = fresh();
    await ledger.runaway.count(buy('10', START + MINUTE), breaker);

    expect(await boughtAt(breaker, START + MINUTE - 1)).toEqual({ orders: 1, notional: '10' });
  });

  it('lies in several partitions, and goes by itself', async () => {
    const breaker = fresh();
    for (let count = 0; count < 40; count += 1) await ledger.runaway.count(buy('1'), breaker);

    const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.table }));
    const counters = Items.filter((item) => item['countsSince'] === breaker.countsSince);

    expect(new Set(counters.map(({ pk }) => String(pk))).size).toBe(4);
    for (const item of counters) expect(item[LEDGER_EXPIRY]).toBe((START + HOUR) / SECOND);
  });

  it('cannot be read where a counter is damaged', async () => {
    const breaker = fresh();
    const minute = String(START).padStart(15, '0');
    const sk = `SINCE#${String(breaker.countsSince).padStart(15, '0')}`;
    const Item = { pk: `rate#${minute}#0`, sk, kind: 'RATE', orders: 'many' };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));

    await expect(ledger.runaway.bought(breaker, START)).rejects.toThrow(LedgerError);
  });
});

describe('the breaker over all accounts', () => {
  const trip = { by: 'u-ann', at: START, why: '3 BUYs; at most 2', orders: 3, notional: quote('30') };
  const asked = { by: 'ops', why: 'seen', at: START };

  it('trips once, stays so until somebody resumes, and counts anew then', async () => {
    const before = await ledger.runaway.breaker();
    const trips = await Promise.all([1, 2, 3].map(() => ledger.runaway.trip(trip, before)));
    const tripped = await ledger.runaway.breaker();
    const { cleared } = await ledger.control.setHalt({ engaged: false, ...asked });
    const after = await ledger.runaway.breaker();

    expect(trips.filter(Boolean)).toHaveLength(1);
    expect(tripped).toEqual({ trip, countsSince: 0, limits: DEFAULT_RUNAWAY_LIMITS });
    expect(cleared).toMatchObject({ ...asked, setting: 'runaway', before: trip, after: 'cleared' });
    expect(after).toEqual({ countsSince: START, limits: DEFAULT_RUNAWAY_LIMITS });
    expect(await ledger.control.trail('halt')).toContainEqual(cleared);
  });

  it('is not tripped again by who counted before somebody resumed', async () => {
    const before = await ledger.runaway.breaker();
    await ledger.runaway.trip(trip, before);
    await ledger.control.setHalt({ engaged: false, ...asked });

    expect(await ledger.runaway.trip(trip, before)).toBe(false);
    const now = await ledger.runaway.breaker();
    expect(now.trip).toBeUndefined();
    expect(now.countsSince).toBeGreaterThan(before.countsSince);
  });

  it('that is damaged stops reading it, until somebody resumes', async () => {
    const Item = { pk: 'runaway', sk: 'BREAKER', kind: 'RUNAWAY', countsSince: 'lately' };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));
    await expect(ledger.runaway.breaker()).rejects.toThrow('runaway / BREAKER is damaged');

    const { cleared } = await ledger.control.setHalt({ engaged: false, ...asked });

    expect(cleared).toMatchObject({ before: 'unreadable', after: 'cleared' });
    expect((await ledger.runaway.breaker()).trip).toBeUndefined();
  });

  it('is left alone by a halt', async () => {
    const before = await ledger.runaway.breaker();
    await ledger.control.setHalt({ engaged: true, ...asked });
    const { cleared } = await ledger.control.setHalt({ engaged: false, ...asked });

    expect(cleared).toBeUndefined();
    expect(await ledger.runaway.breaker()).toEqual(before);
  });

  it('takes other limits, those that are named, and the trail says who set them', async () => {
    const changed = await ledger.control.setRunawayLimits({ ...asked, limits: { maxOrders: 7 } });

    expect(changed).toMatchObject({
      now: { ...DEFAULT_RUNAWAY_LIMITS, maxOrders: 7 },
      entry: { ...asked, setting: 'runaway-limits', before: { maxOrders: 2_000 }, after: { maxOrders: 7 } },
    });
    expect((await ledger.runaway.breaker()).limits).toEqual(changed.now);
    expect(await ledger.control.trail('halt')).toContainEqual(changed.entry);
  });

  it('with damaged limits stops reading it, until somebody names new ones', async () => {
    const Item = { pk: 'control', sk: 'RUNAWAY_LIMITS', kind: 'RUNAWAY_LIMITS', maxOrders: 'many' };
    await table.client.send(new PutCommand({ TableName: table.table, Item }));
    await expect(ledger.runaway.breaker()).rejects.toThrow('damaged');

    const { now, entry } = await ledger.control.setRunawayLimits({ ...asked, limits: { maxOrders: 9 } });

    expect(now).toEqual({ ...DEFAULT_RUNAWAY_LIMITS, maxOrders: 9 });
    expect(entry).toMatchObject({ before: 'unreadable', after: { maxOrders: 9 } });
    expect((await ledger.runaway.breaker()).limits).toEqual(now);
  });
});

describe('how an exchange has been answering an account', () => {
  it('is kept, and written by one writer at a time', async () => {
    const open = {
      accountId: 'u-ann',
      version: 1,
      state: 'OPEN',
      openings: 1,
      until: START,
      lastFailure: 'TIMEOUT',
    } as const;
    await ledger.circuits.save(open);

    expect(await ledger.circuits.get('u-ann')).toEqual(open);
    expect(await ledger.circuits.get('u-bob')).toBeUndefined();
    await expect(ledger.circuits.save(open)).rejects.toThrow(ConcurrentChange);
    await ledger.circuits.save({ accountId: 'u-ann', version: 2, state: 'CLOSED', failures: 0 });
    expect(await ledger.circuits.get('u-ann')).toMatchObject({ state: 'CLOSED' });
  });
});
