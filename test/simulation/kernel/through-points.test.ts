import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { TransportFailure } from '../../../shared/exchange/kraken/transport.ts';
import { tableAccess } from '../../../shared/ledger/dynamodb/table-access.ts';
import type { Fault } from '../../../simulation/kernel/faults.ts';
import { withPartialBatches } from '../../../simulation/kernel/partial-batches.ts';
import type { Process } from '../../../simulation/kernel/process.ts';
import { faultyProfiles } from '../../../simulation/kernel/profiles.ts';
import { httpThroughPoints, storeCall, throughPoints } from '../../../simulation/kernel/through-points.ts';
import { aSim, FOREVER, START, stateOf } from './made.ts';

/** The fault of that name, as the profiles have it. */
const faultOf = (port: 'store' | 'exchange', name: string): Fault => {
  const fault = faultyProfiles[port].faults.find((one) => one.name === name);
  if (fault === undefined) throw new RangeError(`no such fault (given '${name}')`);
  return fault;
};

/** A table that holds nothing and remembers what it was asked. */
const emptyTable = (asked: string[]) => ({
  send: (command: object): Promise<object> => {
    asked.push(command.constructor.name);
    const keys: unknown = Reflect.get(Reflect.get(command, 'input'), 'RequestItems')?.['ledger']?.Keys;
    return Promise.resolve(Array.isArray(keys) ? { Responses: { ledger: keys } } : {});
  },
});

const adapterOver = (client: object, process: Process) =>
  tableAccess({
    client: throughPoints(client as DynamoDBDocumentClient, process, storeCall),
    table: 'ledger',
    clock: process.clock,
    chance: { id: () => process.random.uuid() },
  });
const write = { type: 'put', what: 'an order', item: { pk: 'A#u-1', sk: 'ORDER#1' } } as const;

describe('the ledger over a faulty store', () => {
  it('waits out conflicts, of single writes and within transactions', async () => {
    const sim = aSim();
    const asked: string[] = [];
    const table = adapterOver(emptyTable(asked), sim.process('p'));
    sim.plan.next(() => true, faultOf('store', 'conflict'));
    sim.plan.next((_process, _point, { items }) => items === 2, faultOf('store', 'conflict'));

    const written = stateOf(table.write(write));
    const transacted = stateOf(table.transact('record', [write, { ...write, what: 'a fill' }]));
    await sim.run(FOREVER);

    expect([written.now, transacted.now]).toEqual(['resolved: undefined', 'resolved: undefined']);
    expect(asked).toEqual(expect.arrayContaining(['PutCommand', 'TransactWriteCommand']));
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['throttled', 0, /ThrottlingException|ProvisionedThroughputExceededException/],
    ['failed before', 0, /InternalServerError/],
    ['lost request', 0, /TimeoutError|ECONNRESET/],
    ['lost answer', 1, /TimeoutError|ECONNRESET/],
  ])('tells the fault "%s" as the error that the SDK would throw', async (name, done, said) => {
    const sim = aSim();
    const asked: string[] = [];
    const table = adapterOver(emptyTable(asked), sim.process('p'));
    sim.plan.next(() => true, faultOf('store', name));
    let message = '';

    const failed = table.write(write).catch((error: unknown) => {
      message = String(error);
    });
    await sim.run(FOREVER);
    await failed;

    expect(message).toMatch(said);
    expect(asked).toHaveLength(done);
  });

  it('asks again for the keys that a batch left out', async () => {
    const sim = aSim();
    const asked: string[] = [];
    let left = 1;
    const partial = withPartialBatches(emptyTable(asked), () => left-- > 0);
    const table = adapterOver(partial, sim.process('p'));
    const keys = ['1', '2', '3'].map((sk) => ({ pk: 'A#u-1', sk }));

    const found = table.getAll('orders', keys).then((items) => [...items.keys()].sort());
    await sim.run(FOREVER);

    expect(await found).toEqual(['A#u-1 / 1', 'A#u-1 / 2', 'A#u-1 / 3']);
    expect(asked).toEqual(['BatchGetCommand', 'BatchGetCommand']);
  });

  it('is told in the trace with the keys that a call is about', async () => {
    const sim = aSim();
    const table = adapterOver(emptyTable([]), sim.process('copy-worker'));

    stateOf(table.write(write));
    await sim.run(FOREVER);

    expect(sim.trace.render()).toContain('store Put A#u-1 / ORDER#1 → ok');
  });
});

class SendMessageBatchCommand {
  readonly input: { readonly Entries: readonly { readonly Id: string }[] };
  constructor(ids: readonly string[]) {
    this.input = { Entries: ids.map((Id) => ({ Id })) };
  }
}

describe('a queue that takes a part of a batch', () => {
  it('names those that it did not take', async () => {
    const taken: string[] = [];
    const queue = {
      send: (command: object): Promise<object> => {
        const { Entries } = (command as SendMessageBatchCommand).input;
        taken.push(...Entries.map(({ Id }) => Id));
        return Promise.resolve({ Successful: Entries });
      },
    };

    const answer = await withPartialBatches(queue, () => true).send(new SendMessageBatchCommand(['a', 'b']));

    expect(taken).toEqual(['a']);
    expect(answer).toMatchObject({ Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', SenderFault: false }] });
  });
});

describe('an exchange over a faulty network', () => {
  const request = {
    url: 'https://api.kraken.com/0/private/AddOrder',
    method: 'POST',
    headers: { 'API-Key': 'CANARY' },
    body: 'nonce=1&cl_ord_id=c-1',
    timeoutMs: 10_000,
  };

  it.each([
    ['never opened', 'NEVER_OPENED', 0],
    ['reset before', 'BROKEN', 0],
    ['reset after', 'BROKEN', 1],
    ['stale before', 'STALE', 0],
    ['stale after', 'STALE', 1],
    ['lost request', 'TIMEOUT', 0],
    ['lost answer', 'TIMEOUT', 1],
  ] as const)('ends a call with the fault "%s" as the transport does: %s', async (name, kind, done) => {
    const sim = aSim();
    let sent = 0;
    const send = httpThroughPoints(() => {
      sent += 1;
      return Promise.resolve({ status: 200, body: '{}' });
    }, sim.process('p'));
    sim.plan.next(() => true, faultOf('exchange', name));
    let failure: unknown;

    const failed = send(request).catch((error: unknown) => {
      failure = error;
    });
    await sim.run(START + 10_000);
    await failed;

    expect(failure).toBeInstanceOf(TransportFailure);
    expect([(failure as TransportFailure).kind, sent]).toEqual([kind, done]);
    expect(sim.trace.render()).toContain('exchange AddOrder nonce=1&cl_ord_id=c-1');
    expect(sim.trace.render()).not.toContain('CANARY');
  });
});
