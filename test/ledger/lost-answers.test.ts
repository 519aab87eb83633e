import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { dynamoLedger } from '../../shared/ledger/dynamodb/ledger.ts';
import { type Ledger, LedgerError } from '../../shared/ledger/ledger.ts';
import { quantity } from '../../shared/money/money.ts';
import { ConcurrentChange } from '../../shared/order/order.ts';
import { dynamoLeases } from '../../shared/vault/dynamodb/leases.ts';
import { type EmbeddedTable, embeddedTable } from './embedded-table.ts';
import { aCopy, aFill, anOrder, aPosition, BTC, refusalOf, START } from './examples.ts';

let table: EmbeddedTable;
let ledger: Ledger;
/** What befalls the next calls: their answers are lost after the table has done them, or they conflict. */
let faults: ('lost' | 'conflict')[] = [];
beforeAll(async () => {
  table = await embeddedTable();
  table.client.middlewareStack.add(
    (next) => async (input) => {
      const fault = faults.shift();
      if (fault === 'conflict') {
        throw new TransactionCanceledException({
          message: 'Transaction cancelled',
          $metadata: {},
          CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
        });
      }
      const answer = await next(input);
      if (fault === 'lost') throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      return answer;
    },
    { step: 'deserialize', name: 'faults', priority: 'low' },
  );
  ledger = dynamoLedger(table);
});
afterAll(() => table.stop());
beforeEach(() => {
  faults = [];
});

let accounts = 0;
const newAccountId = () => {
  accounts += 1;
  return `u-lost-${accounts}`;
};
const execution = (accountId: string) => ({
  accountId,
  symbol: BTC,
  fills: [aFill()],
  position: { before: undefined, after: aPosition({ accountId }) },
  at: START,
});

describe('a write whose answer is lost', () => {
  it('is recognised as done when an order is begun', async () => {
    const accountId = newAccountId();
    faults = ['lost'];

    const created = await ledger.orders.create(anOrder({ accountId }));
    const createdAgain = await ledger.orders.create(anOrder({ accountId }));

    expect([created, createdAgain]).toEqual([true, false]);
  });

  it('is recognised as done when an order is replaced', async () => {
    const accountId = newAccountId();
    const order = anOrder({ accountId });
    await ledger.orders.create(order);
    faults = ['lost', 'lost'];

    await ledger.orders.replace(order, { ...order, state: 'NOT_PLACED' });

    await expect(ledger.orders.replace(order, { ...order, state: 'CLOSED' })).rejects.toThrow(
      ConcurrentChange,
    );
  });

  it('is recognised as done when an execution is recorded, and is done once', async () => {
    const accountId = newAccountId();
    faults = ['lost'];

    await ledger.recordExecution(execution(accountId));

    expect(await ledger.fills.list(accountId)).toHaveLength(1);
    expect(await ledger.positions.get(accountId, BTC)).toMatchObject({ version: 1, quantity: quantity('1') });
  });

  it('ends as an error that leaves it open when no answer comes at all, and is then found recorded', async () => {
    const accountId = newAccountId();
    faults = Array<'lost'>(4).fill('lost');

    const refused = await refusalOf(ledger.recordExecution(execution(accountId)));

    expect(refused).toBeInstanceOf(LedgerError);
    expect(await ledger.fills.recorded(accountId, ['T1'])).toEqual(new Set(['T1']));
  });

  it('is recognised as done when a copy is ended', async () => {
    const accountId = newAccountId();
    const copy = aCopy({ accountId });
    await ledger.copies.create(copy);
    faults = ['lost'];

    await ledger.copies.finish(copy, { state: 'SKIPPED', reason: 'HALTED', detail: 'by ops' }, START);

    expect(await ledger.copies.get(accountId, 't-1')).toMatchObject({ outcome: { reason: 'HALTED' } });
  });

  it('is recognised as done when a key is leased and renewed', async () => {
    const accountId = newAccountId();
    const leases = dynamoLeases(table);
    const ask = { accountId, fingerprint: 'f0', holder: 'tick', priority: 'normal', waitMs: 0 } as const;
    faults = ['lost'];
    const lease = await leases.acquire(ask);
    const first = lease.next();
    faults = ['lost'];
    await lease.renew();

    expect(lease.next()).toBe(first + 1_000);
    await expect(leases.acquire(ask)).rejects.toThrow('tick has it');
  });
});

describe('a transaction in the way of others', () => {
  it('is tried again until it passes', async () => {
    const accountId = newAccountId();
    faults = ['conflict', 'conflict', 'conflict'];

    await ledger.recordExecution(execution(accountId));

    expect(await ledger.fills.list(accountId)).toHaveLength(1);
  });

  it('ends as a concurrent change when it never passes', async () => {
    const accountId = newAccountId();
    faults = Array<'conflict'>(6).fill('conflict');

    await expect(ledger.recordExecution(execution(accountId))).rejects.toThrow(ConcurrentChange);

    expect(await ledger.fills.list(accountId)).toEqual([]);
  });
});

describe('a table that does not answer', () => {
  it('is a ledger error that says what was tried', async () => {
    const client = documentClient(localAwsEnv({ dynamodb: 'http://127.0.0.1:1' }));
    const unreachable = dynamoLedger({ ...table, client });

    await expect(unreachable.positions.get('u-ann', BTC)).rejects.toThrow(
      "the ledger could not read the position BTC/USD of u-ann (table 'ledger')",
    );
  });
});
