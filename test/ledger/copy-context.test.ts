import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { dynamoMasterLedger } from '../../shared/ledger/dynamodb/master-ledger.ts';
import { type Ledger, LedgerError } from '../../shared/ledger/ledger.ts';
import { clientOrderIdOf } from '../../shared/order/order.ts';
import { DEFAULT_RUNAWAY_LIMITS } from '../../shared/protection/runaway.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aCopy, anAccount, anOrder, refusalOf, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
let calls = 0;
let deniedCalls: string[] = [];
beforeAll(async () => {
  table = await embeddedTable();
  ledger = dynamoLedger(table);
  table.client.middlewareStack.add(
    (next, context) => async (input) => {
      calls += 1;
      if (deniedCalls.includes(String(context.commandName))) {
        throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
      }
      return await next(input);
    },
    { step: 'initialize' },
  );
});
afterAll(() => table.stop());

const damage = (pk: string, sk: string, rest: object) =>
  table.client.send(new PutCommand({ TableName: table.table, Item: { pk, sk, ...rest } }));

const account = anAccount();
const copy = aCopy();
const clientOrderId = clientOrderIdOf({ kind: 'copy', accountId: 'u-ann', tradeId: 't-1' });

describe('what a copy is decided on', () => {
  it('is empty where nothing is known, and then nothing halts', async () => {
    const context = await ledger.copyContext('u-nobody', 't-1', 'm-apex');

    expect(context).toEqual({
      account: undefined,
      copy: undefined,
      order: undefined,
      halt: { readable: true, value: { engaged: false } },
      masterStatus: { readable: true, value: undefined },
      risk: { readable: true, value: undefined },
      runaway: { readable: true, value: { countsSince: 0, limits: DEFAULT_RUNAWAY_LIMITS } },
      circuit: { readable: true, value: undefined },
    });
  });

  it('is read in one call', async () => {
    await ledger.accounts.register(account);
    await ledger.copies.create(copy);
    await ledger.orders.create(anOrder({ clientOrderId }));
    await ledger.control.setHalt({ engaged: true, by: 'ops', why: 'drill', at: START });
    const status = { masterId: 'm-apex', healthy: true, reason: 'ok', at: START, periodMs: 1_000 };
    await dynamoMasterLedger(table).publishStatus(status);
    calls = 0;

    const context = await ledger.copyContext('u-ann', 't-1', 'm-apex');

    expect(calls).toBe(1);
    expect(context).toMatchObject({
      account,
      copy,
      order: { clientOrderId },
      halt: { readable: true, value: { engaged: true, by: 'ops' } },
      masterStatus: { readable: true, value: status },
    });
  });

  it('says for each switch that it cannot be read, and gives the rest all the same', async () => {
    await damage('control', 'HALT', { kind: 'HALT', engaged: 'perhaps' });
    await damage('status#m-apex', 'STATUS', { kind: 'MASTER_STATUS' });
    await damage('runaway', 'BREAKER', { kind: 'RUNAWAY' });
    await damage('u-ann', 'CIRCUIT', { kind: 'CIRCUIT', state: 'AJAR' });
    await damage('u-ann', 'RISK', { kind: 'RISK', accountId: 'u-ann', peakEquity: 1.5 });

    const context = await ledger.copyContext('u-ann', 't-1', 'm-apex');

    expect(context).toMatchObject({ account, copy });
    expect(context.halt).toMatchObject({ readable: false });
    expect(context.masterStatus).toMatchObject({ readable: false });
    expect(context.risk).toMatchObject({ readable: false });
    expect(context.runaway).toMatchObject({ readable: false });
    expect(context.circuit).toMatchObject({ readable: false });
    expect(!context.halt.readable && context.halt.why).toContain('control / HALT is damaged: engaged');
    await expect(ledger.control.halt()).rejects.toThrow(LedgerError);
  });

  it('is read item by item where the one call is refused', async () => {
    deniedCalls = ['BatchGetItemCommand', 'BatchGetCommand'];

    const context = await ledger.copyContext('u-ann', 't-1', 'm-apex').finally(() => {
      deniedCalls = [];
    });

    expect(context).toMatchObject({ account, copy, halt: { readable: false } });
  });
});

describe('a damaged item', () => {
  it('is never read as something else: the error names it and its fields', async () => {
    await damage('u-ann', 'POSITION#BTC/USD', {
      kind: 'POSITION',
      accountId: 'u-ann',
      symbol: 'BTC/USD',
      quantity: 1.5,
      costBasis: '-',
      openedAt: START,
      version: 1,
    });

    const refused = await refusalOf(ledger.positions.list('u-ann'));

    expect(refused).toBeInstanceOf(LedgerError);
    expect(refused.message).toContain('u-ann / POSITION#BTC/USD');
    expect(refused.message).toContain('quantity');
    expect(refused.message).toContain('costBasis');
  });

  it('that holds another account’s value is refused', async () => {
    await damage('u-bob', 'POSITION#BTC/USD', {
      kind: 'POSITION',
      accountId: 'u-ann',
      symbol: 'BTC/USD',
      quantity: '1.5',
      costBasis: '1',
      openedAt: START,
      version: 1,
    });

    await expect(ledger.positions.list('u-bob')).rejects.toThrow("must never be read as another's");
  });

  it('of another kind under the key is refused', async () => {
    await damage('u-carl', 'PROFILE', { kind: 'RISK' });

    await expect(ledger.accounts.get('u-carl')).rejects.toThrow("ACCOUNT (given 'RISK')");
  });
});
