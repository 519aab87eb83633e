import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalDynamoDb, startDynamoDb } from '../../../infra/local/aws/dynamodb.ts';
import type { EventPattern } from '../../../infra/local/aws/event-sources/event-pattern.ts';
import {
  type StreamSource,
  type StreamSourceOptions,
  startStreamSource,
} from '../../../infra/local/aws/event-sources/stream-source.ts';
import { ensureTable } from '../../../infra/local/aws/table.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { openRows, type Rows } from '../../../infra/local/state/rows.ts';
import { ledgerTable } from '../../../shared/ledger/dynamodb/table.ts';
import { connection } from './connection.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const TRADES: EventPattern = {
  eventName: ['INSERT'],
  dynamodb: { Keys: { sk: { S: [{ prefix: 'TRADE#' }] } } },
};

const sortKeys = (records: readonly DynamoDBRecord[]) =>
  records.map(({ dynamodb }) => dynamodb?.Keys?.['sk']?.S);

describe('a stream source', () => {
  let db: LocalDynamoDb;
  let client: DynamoDBClient;
  beforeAll(async () => {
    db = await startDynamoDb();
    client = new DynamoDBClient(connection(db.endpoint));
  });
  afterAll(async () => {
    client.destroy();
    await db.stop();
  });

  let tables = 0;
  let table: string;
  let streamArn: string;
  let clock: VirtualClock;
  let rows: Rows;
  let problems: string[];
  let batches: (readonly (string | undefined)[])[];
  let source: StreamSource | undefined;
  beforeEach(async () => {
    tables += 1;
    table = `ledger-${tables}`;
    ({ streamArn } = await ensureTable(client, ledgerTable(table)));
    clock = new VirtualClock(START);
    rows = openRows();
    problems = [];
    batches = [];
  });
  afterEach(async () => {
    await source?.stop();
    source = undefined;
    rows.close();
  });

  const put = (sk: string, value = '1') =>
    client.send(
      new PutItemCommand({
        TableName: table,
        Item: { pk: { S: 'm-apex' }, sk: { S: sk }, value: { N: value } },
      }),
    );
  const putAll = async (...keys: readonly string[]) => {
    for (const key of keys) await put(key);
  };
  const start = async (
    handler: (event: DynamoDBStreamEvent) => unknown,
    options: Partial<StreamSourceOptions> = {},
  ): Promise<StreamSource> => {
    source = await startStreamSource({
      endpoint: db.endpoint,
      streamArn,
      fn: {
        name: 'trade-copier',
        timeoutMs: 5_000,
        handler: async (event) => {
          batches.push(sortKeys(event.Records));
          return handler(event);
        },
      },
      clock,
      rows,
      report: ({ message }) => problems.push(message),
      writeStamp: db.writeStamp,
      retry: { backoffMs: 1 },
      ...options,
    });
    return source;
  };
  const failingOn =
    (...bad: readonly string[]) =>
    async (event: DynamoDBStreamEvent): Promise<void> => {
      const found = sortKeys(event.Records).find((key) => key !== undefined && bad.includes(key));
      if (found) throw new Error(`cannot bear ${found}`);
    };

  it('delivers in the order of writing, in batches, as Lambda shows records', async () => {
    const events: DynamoDBStreamEvent[] = [];
    await putAll('TRADE#1', 'TRADE#2', 'TRADE#3');

    const running = await start((event) => events.push(event), { batchSize: 2 });
    await running.settle();

    expect(batches).toEqual([['TRADE#1', 'TRADE#2'], ['TRADE#3']]);
    expect(events[0]?.Records[0]).toEqual({
      eventID: expect.any(String),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: START / 1000,
        Keys: { pk: { S: 'm-apex' }, sk: { S: 'TRADE#1' } },
        NewImage: { pk: { S: 'm-apex' }, sk: { S: 'TRADE#1' }, value: { N: '1' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  it('delivers only what a filter asks for, and nothing for a write that changes nothing', async () => {
    await putAll('TRADE#1', 'ORDER#1');
    await put('TRADE#1', '2');
    await put('ORDER#1');
    await client.send(
      new DeleteItemCommand({ TableName: table, Key: { pk: { S: 'm-apex' }, sk: { S: 'TRADE#1' } } }),
    );

    const filtered = await start(() => {}, { filters: [TRADES] });
    await filtered.settle();
    await filtered.stop();
    const ofFilter = batches.splice(0);
    const all = await start(() => {}, { rows: openRows() });
    await all.settle();

    expect(ofFilter).toEqual([['TRADE#1']]);
    expect(batches).toEqual([['TRADE#1', 'ORDER#1', 'TRADE#1', 'TRADE#1']]);
  });

  it('retries a failing batch until it succeeds, and lets nothing overtake it', async () => {
    let failures = 3;
    const running = await start(
      () => {
        if (failures > 0) {
          failures -= 1;
          throw new Error('not yet');
        }
      },
      { batchSize: 1 },
    );
    await putAll('TRADE#1', 'TRADE#2');

    await running.settle();

    expect(batches).toEqual([['TRADE#1'], ['TRADE#1'], ['TRADE#1'], ['TRADE#1'], ['TRADE#2']]);
    expect(problems).toHaveLength(3);
  });

  it('goes on from the lowest sequence number that the function names', async () => {
    await putAll('TRADE#1', 'TRADE#2', 'TRADE#3', 'TRADE#4');
    let first = true;

    const running = await start((event) => {
      if (!first) return { batchItemFailures: [] };
      first = false;
      const failed = [event.Records[3], event.Records[1]];
      return {
        batchItemFailures: failed.map((record) => ({ itemIdentifier: record?.dynamodb?.SequenceNumber })),
      };
    });
    await running.settle();

    expect(batches).toEqual([
      ['TRADE#1', 'TRADE#2', 'TRADE#3', 'TRADE#4'],
      ['TRADE#2', 'TRADE#3', 'TRADE#4'],
    ]);
  });

  it('takes an answer that names an unknown record for a failure of all', async () => {
    await putAll('TRADE#1');
    let first = true;

    const running = await start(() => {
      const answer = { batchItemFailures: first ? [{ itemIdentifier: 'no such' }] : [] };
      first = false;
      return answer;
    });
    await running.settle();

    expect(batches).toEqual([['TRADE#1'], ['TRADE#1']]);
  });

  it('halves a failing batch until the bad record stands alone, and sends only that to the destination', async () => {
    await putAll('TRADE#1', 'TRADE#2', 'TRADE#3', 'TRADE#4');
    const failures: object[] = [];

    const running = await start(failingOn('TRADE#3'), {
      retry: { backoffMs: 1, maxRetries: 1 },
      onFailure: (record) => void failures.push(record),
    });
    await running.settle();

    expect(batches).toEqual([
      ['TRADE#1', 'TRADE#2', 'TRADE#3', 'TRADE#4'],
      ['TRADE#1', 'TRADE#2'],
      ['TRADE#3', 'TRADE#4'],
      ['TRADE#3'],
      ['TRADE#3'],
      ['TRADE#4'],
    ]);
    expect(failures).toEqual([
      expect.objectContaining({
        requestContext: {
          requestId: expect.any(String),
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:trade-copier',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        version: '1.0',
        DDBStreamBatchInfo: expect.objectContaining({
          batchSize: 1,
          streamArn,
          startSequenceNumber: '3',
          endSequenceNumber: '3',
        }),
      }),
    ]);
  });

  it('does not go past a record that the destination did not take', async () => {
    await putAll('TRADE#1', 'TRADE#2');
    let refusals = 2;

    const running = await start(failingOn('TRADE#1'), {
      batchSize: 1,
      retry: { backoffMs: 1, maxRetries: 0 },
      onFailure: () => {
        refusals -= 1;
        if (refusals >= 0) throw new Error('the destination is away');
      },
    });
    await running.settle();

    expect(refusals).toBe(-1);
    expect(batches).toEqual([['TRADE#1'], ['TRADE#2']]);
    expect(problems.filter((problem) => problem.includes('destination'))).toHaveLength(2);
  });

  it('gives up records that have become too old, by its own clock', async () => {
    const conditions: unknown[] = [];
    const running = await start(
      () => {
        clock.advanceTo(clock.now() + 2 * HOUR);
        throw new Error('too slow');
      },
      {
        retry: { backoffMs: 1, maxRecordAgeMs: HOUR },
        onFailure: (record) => void conditions.push(record),
      },
    );
    await putAll('TRADE#1');

    await running.settle();

    expect(batches).toEqual([['TRADE#1']]);
    expect(conditions).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({ condition: 'RecordAgeExceeded' }),
      }),
    ]);
  });

  it('counts a function that does not answer in time as failed', async () => {
    await putAll('TRADE#1');
    let calls = 0;

    const running = await start(() => {}, {
      fn: {
        name: 'trade-copier',
        timeoutMs: 20,
        handler: () => {
          calls += 1;
          return calls === 1 ? new Promise(() => {}) : Promise.resolve();
        },
      },
    });
    await running.settle();

    expect(calls).toBe(2);
    expect(problems).toHaveLength(1);
  });

  it('finishes what runs when it stops, and a next one starts after that', async () => {
    await putAll('TRADE#1', 'TRADE#2');
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const running = await start(
      () => {
        begun.resolve();
        return finish.promise;
      },
      { batchSize: 1 },
    );
    await begun.promise;

    const stopped = running.stop();
    finish.resolve();
    await stopped;
    const next = await start(() => {}, { batchSize: 1 });
    await next.settle();

    expect(batches).toEqual([['TRADE#1'], ['TRADE#2']]);
  });

  it('delivers what is written while it runs, without being nudged', async () => {
    const running = await start(() => {});
    await running.settle();

    await putAll('TRADE#1');

    await expect.poll(() => batches, { timeout: 10_000, interval: 5 }).toEqual([['TRADE#1']]);
  });

  it('goes on where it was when the database was away for a while', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
    const file = join(folder, 'ledger.db');
    const first = await startDynamoDb({ file });
    const port = Number(new URL(first.endpoint).port);
    const otherClient = new DynamoDBClient({ ...connection(first.endpoint), maxAttempts: 3 });
    const found = await ensureTable(otherClient, ledgerTable(table));
    const write = (sk: string) =>
      otherClient.send(
        new PutItemCommand({ TableName: table, Item: { pk: { S: 'm-apex' }, sk: { S: sk } } }),
      );
    await write('TRADE#1');
    const running = await start(() => {}, {
      endpoint: first.endpoint,
      streamArn: found.streamArn,
      writeStamp: () => undefined,
    });
    await running.settle();

    await first.stop();
    await expect.poll(() => problems.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0);
    const second = await startDynamoDb({ file, port });
    await write('TRADE#2');
    await running.settle();
    await running.stop();
    otherClient.destroy();
    await second.stop();
    await rm(folder, { recursive: true, force: true });

    expect(problems[0]).toContain('could not be read');
    expect(batches).toEqual([['TRADE#1'], ['TRADE#2']]);
  });

  it('refuses a filter with a condition it does not know', async () => {
    const unknown = { eventName: [{ regex: '.*' }] } as unknown as EventPattern;

    await expect(start(() => {}, { filters: [unknown] })).rejects.toThrow();
  });
});

describe('a stream source whose process is killed', () => {
  it('delivers the batch again that was not finished, and none that was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
    const db = await startDynamoDb();
    const client = new DynamoDBClient(connection(db.endpoint));
    const { streamArn } = await ensureTable(client, ledgerTable('ledger'));
    for (const sk of ['TRADE#1', 'TRADE#2', 'TRADE#3', 'TRADE#4', 'TRADE#5']) {
      await client.send(
        new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: 'm-apex' }, sk: { S: sk } } }),
      );
    }
    const run = (hangOn: string) =>
      spawn(
        process.execPath,
        [
          join(import.meta.dirname, 'stream-child.ts'),
          db.endpoint,
          streamArn,
          join(folder, 'positions.db'),
          hangOn,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
    const linesUntil = async (child: ReturnType<typeof run>, last: string) => {
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        if (line === last) break;
      }
      return lines;
    };

    const first = run('TRADE#3,TRADE#4');
    const before = await linesUntil(first, 'TRADE#3,TRADE#4');
    first.kill('SIGKILL');
    await once(first, 'exit');
    const second = run('nothing');
    const after = await linesUntil(second, 'settled');
    await db.stop();
    await rm(folder, { recursive: true, force: true });

    expect(before).toEqual(['TRADE#1,TRADE#2', 'TRADE#3,TRADE#4']);
    expect(after).toEqual(['TRADE#3,TRADE#4', 'TRADE#5', 'settled']);
  });
});
