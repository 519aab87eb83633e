import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Copy, CopyOutcome } from '../../shared/copying/copy.ts';
import type { Fill } from '../../shared/exchange/exchange.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import type { Execution, Ledger } from '../../shared/ledger/ledger.ts';
import { type OrderEnd, recordClosedOrder } from '../../shared/ledger/record-order.ts';
import { bps, notional, price, quantity, quote, text } from '../../shared/money/money.ts';
import { ConcurrentChange, type OrderRecord } from '../../shared/order/order.ts';
import { BTC, market, NOON, trade } from '../copying/made.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';

let table: EmbeddedTable;
let ledger: Ledger;
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());

let accounts = 0;

/** An order of a new account in the ledger as INTENT, filled at the exchange by `count` fills of 0.01 at 100. */
const filledOrder = async (
  count: number,
): Promise<OrderEnd & { readonly copy: { readonly before: Copy; readonly outcome: CopyOutcome } }> => {
  accounts += 1;
  const accountId = `u-${accounts}`;
  const before: OrderRecord = {
    accountId,
    clientOrderId: `c-${accounts}`,
    cause: 'test',
    symbol: BTC,
    side: 'BUY',
    type: 'LIMIT_IOC',
    quantity: quantity('2'),
    limitPrice: price('100'),
    state: 'INTENT',
    attempt: 1,
    createdAt: NOON,
    intendedAt: NOON,
    deadline: NOON + 5_000,
  };
  const fills = Array.from({ length: count }, (_, i): Fill => {
    const amount = quantity('0.01');
    return {
      fillId: `${accountId}-T${i}`,
      exchangeOrderId: 'O-1',
      symbol: BTC,
      side: 'BUY',
      quantity: amount,
      price: price('100'),
      cost: notional(amount, price('100')),
      fee: { asset: 'USD', amount: quantity('0.004') },
      at: NOON + i,
    };
  });
  const filled = quantity(quantity('0.01').times(count));
  const after: OrderRecord = { ...before, state: 'CLOSED', exchangeOrderId: 'O-1', filledQuantity: filled };
  const copy: Copy = { accountId, trade: trade(), createdAt: NOON };
  const outcome: CopyOutcome =
    count === 0
      ? { state: 'SKIPPED', reason: 'NOT_FILLED', detail: 'nothing was offered' }
      : {
          state: 'FILLED',
          quantity: filled,
          price: price('100'),
          fees: quote('0.004'),
          orderLatencyMs: 1,
          fillLatencyMs: 2,
          slippageBps: bps('0'),
          clientOrderId: before.clientOrderId,
        };
  await ledger.orders.create(before);
  await ledger.copies.create(copy);
  return {
    market: market('BTC/USD'),
    before,
    after,
    fills,
    copy: { before: copy, outcome },
    at: NOON + 1_000,
  };
};

const recorded = async ({ before: { accountId, clientOrderId } }: OrderEnd) => ({
  order: (await ledger.orders.get(accountId, clientOrderId))?.state,
  copy: (await ledger.copies.get(accountId, 't-1'))?.outcome?.state,
  fills: (await ledger.fills.list(accountId)).length,
  position: await ledger.positions.get(accountId, BTC).then((position) =>
    position === undefined
      ? undefined
      : {
          quantity: text(position.quantity),
          cost: text(position.costBasis),
          version: position.version,
        },
  ),
});

/** The ledger, and what is done to it right before its n-th execution. */
const interrupted = (at: number, meanwhile: () => Promise<void>) => {
  const executions: Execution[] = [];
  const shared: Ledger = {
    ...ledger,
    recordExecution: async (execution) => {
      executions.push(execution);
      if (executions.length === at) await meanwhile();
      await ledger.recordExecution(execution);
    },
  };
  return { shared, executions };
};

describe('the end of an order', () => {
  it('is recorded with its fills, its position and its copy', async () => {
    const end = await filledOrder(2);
    await recordClosedOrder(end, ledger);
    expect(await recorded(end)).toEqual({
      order: 'CLOSED',
      copy: 'FILLED',
      fills: 2,
      position: { quantity: '0.02', cost: '2.008', version: 1 },
    });
  });

  it('changes nothing when recorded again, from what was known before or from what is known now', async () => {
    const end = await filledOrder(3);
    await recordClosedOrder(end, ledger);
    const once = await recorded(end);

    await recordClosedOrder(end, ledger);
    await recordClosedOrder({ ...end, before: end.after }, ledger);
    const { copy: _, ...withoutCopy } = end;
    await recordClosedOrder(withoutCopy, ledger);

    expect(await recorded(end)).toEqual(once);
  });

  it('of 200 fills is one closed order, one ended copy and the whole position', async () => {
    const end = await filledOrder(200);
    await recordClosedOrder(end, ledger);
    expect(await recorded(end)).toEqual({
      order: 'CLOSED',
      copy: 'FILLED',
      fills: 200,
      position: { quantity: '2', cost: '200.8', version: 3 },
    });
  });

  it('closes the order and ends the copy only with the last of its fills', async () => {
    const end = await filledOrder(200);
    const { shared, executions } = interrupted(0, async () => undefined);

    await recordClosedOrder(end, shared);

    expect(
      executions.map(({ fills, order, copy }) => [fills.length, order?.after.state, copy?.outcome.state]),
    ).toEqual([
      [90, undefined, undefined],
      [90, undefined, undefined],
      [20, 'CLOSED', 'FILLED'],
    ]);
  });

  it('takes one transaction for as many fills as one carries, and none where all is recorded', async () => {
    const end = await filledOrder(90);
    const { copy: _, ...withoutCopy } = end;
    const { shared, executions } = interrupted(0, async () => undefined);

    await recordClosedOrder(end, shared);
    await recordClosedOrder({ ...withoutCopy, before: end.after }, shared);

    expect(
      executions.map(({ fills, order, copy }) => [fills.length, order?.after.state, copy?.outcome.state]),
    ).toEqual([[90, 'CLOSED', 'FILLED']]);
  });

  it('is recorded with what the only writer read, without asking which fills are known', async () => {
    const end = await filledOrder(2);
    const asked: unknown[] = [];
    const fills = {
      ...ledger.fills,
      recorded: async (...of: Parameters<typeof ledger.fills.recorded>) => {
        asked.push(of);
        return await ledger.fills.recorded(...of);
      },
    };

    await recordClosedOrder({ ...end, asRead: {} }, { ...ledger, fills });

    expect(asked).toEqual([]);
    expect(await recorded(end)).toMatchObject({ order: 'CLOSED', copy: 'FILLED', fills: 2 });
  });

  it('ends its copy also where the order was recorded as closed by somebody else in between', async () => {
    const end = await filledOrder(2);
    const { copy: _, ...withoutCopy } = end;
    const { shared } = interrupted(1, () => recordClosedOrder(withoutCopy, ledger));

    await recordClosedOrder(end, shared);

    expect(await recorded(end)).toMatchObject({
      order: 'CLOSED',
      copy: 'FILLED',
      fills: 2,
      position: { quantity: '0.02', version: 1 },
    });
  });

  it.each([
    1, 2, 3,
  ])('is completed by a second try when the first died before transaction %i of three', async (at) => {
    const end = await filledOrder(200);
    const { shared } = interrupted(at, async () => {
      throw new Error('the process died');
    });
    await expect(recordClosedOrder(end, shared)).rejects.toThrow('the process died');
    expect(await recorded(end)).toMatchObject({ order: 'INTENT', copy: undefined, fills: 90 * (at - 1) });

    await recordClosedOrder(end, ledger);

    expect(await recorded(end)).toMatchObject({
      order: 'CLOSED',
      copy: 'FILLED',
      fills: 200,
      position: { quantity: '2', cost: '200.8' },
    });
  });

  it('without fills moves no position', async () => {
    const end = await filledOrder(0);
    await recordClosedOrder(end, ledger);
    expect(await recorded(end)).toEqual({ order: 'CLOSED', copy: 'SKIPPED', fills: 0, position: undefined });
  });

  it('is computed again where another writer moved the position in between', async () => {
    const end = await filledOrder(2);
    const other = { ...(await filledOrder(5)) };
    const { accountId } = end.before;
    const { shared } = interrupted(1, async () => {
      const fills = other.fills.map((fill) => ({ ...fill, fillId: `other-${fill.fillId}` }));
      await ledger.recordExecution({
        accountId,
        symbol: BTC,
        fills,
        position: {
          before: undefined,
          after: {
            accountId,
            symbol: BTC,
            quantity: quantity('0.05'),
            costBasis: quote('5'),
            openedAt: NOON,
            version: 1,
          },
        },
        at: NOON,
      });
    });

    await recordClosedOrder(end, shared);

    expect(await recorded(end)).toMatchObject({
      order: 'CLOSED',
      fills: 7,
      position: { quantity: '0.07', cost: '7.008', version: 2 },
    });
  });

  it('is recorded once by two workers that record it at the same time', async () => {
    const end = await filledOrder(200);
    const { shared } = interrupted(2, () => recordClosedOrder(end, ledger));

    await recordClosedOrder(end, shared);

    expect(await recorded(end)).toMatchObject({
      order: 'CLOSED',
      fills: 200,
      position: { quantity: '2', cost: '200.8' },
    });
  });

  it('keeps its fills although the copy has ended otherwise, and leaves that end as it is', async () => {
    const end = await filledOrder(2);
    await ledger.copies.finish(end.copy.before, { state: 'SKIPPED', reason: 'STALE', detail: 'late' }, NOON);

    await recordClosedOrder(end, ledger);

    expect(await recorded(end)).toMatchObject({
      order: 'CLOSED',
      copy: 'SKIPPED',
      fills: 2,
      position: { quantity: '0.02' },
    });
  });

  it('is refused, with nothing written, where the order is not in the ledger as it was read', async () => {
    const end = await filledOrder(2);
    await ledger.orders.replace(end.before, { ...end.before, state: 'NOT_PLACED' });

    await expect(recordClosedOrder(end, ledger)).rejects.toThrow(ConcurrentChange);

    expect(await recorded(end)).toEqual({
      order: 'NOT_PLACED',
      copy: undefined,
      fills: 0,
      position: undefined,
    });
  });
});
