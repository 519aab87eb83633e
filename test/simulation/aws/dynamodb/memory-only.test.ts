import { BatchGetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { matches } from '../../../../infra/local/aws/event-sources/event-pattern.ts';
import { ledgerTable } from '../../../../shared/ledger/dynamodb/table.ts';
import { TRADE_INSERTS } from '../../../../shared/ledger/dynamodb/trade-items.ts';
import { SECOND } from '../../../../shared/time/clock.ts';
import {
  type MemoryDynamoDbOptions,
  memoryDynamoDb,
} from '../../../../simulation/aws/dynamodb/memory-dynamodb.ts';
import { get, NOW, outcomeOf, put, query, remove, TABLE, transact, update, words } from './two-tables.ts';

const INVALID = { refused: 'ValidationException' };
const UNKNOWN = { refused: 'NotSimulated' };

const open = (options: Partial<MemoryDynamoDbOptions> = {}) =>
  memoryDynamoDb({ table: ledgerTable(TABLE), now: () => NOW, ...options });

describe('where AWS refuses what the embedded table lets pass, the memory table', () => {
  const ITEM = { pk: 'p', sk: 'A', text: 'x', map: { a: 1 }, flag: true };

  it.each([
    ['a map that is ordered', '#map < :v', { ':v': { a: 1 } }],
    ['a boolean that is ordered', '#flag >= :v', { ':v': true }],
    ['an attribute compared with itself', '#text = #text', undefined],
  ])('refuses %s', async (_, ConditionExpression, values) => {
    const { client } = open();
    const command = put(ITEM, { ConditionExpression, ...words(ConditionExpression, values) });

    expect(await outcomeOf(client.send(command))).toEqual(INVALID);
  });

  it('refuses to remove what is in a map that is missing', async () => {
    const { client } = open();
    const REMOVE = 'REMOVE #none.#x';

    expect(await outcomeOf(client.send(update('p', 'A', REMOVE, words(REMOVE))))).toEqual(INVALID);
  });

  it.each([
    ['for a partition key that is a number', 'pk = :v', { ':v': 1 }, {}],
    ['for an empty partition key', 'pk = :v', { ':v': '' }, {}],
    ['for an empty sort key', 'pk = :v AND sk = :w', { ':v': 'p', ':w': '' }, {}],
    [
      'from a key of another partition',
      'pk = :v',
      { ':v': 'p' },
      { ExclusiveStartKey: { pk: 'o', sk: 'A' } },
    ],
    [
      'from a key beyond its range',
      'pk = :v AND sk < :w',
      { ':v': 'p', ':w': 'B' },
      { ExclusiveStartKey: { pk: 'p', sk: 'C' } },
    ],
  ])('refuses a query %s', async (_, KeyConditionExpression, values, rest) => {
    const { client } = open();
    const command = query({ KeyConditionExpression, ExpressionAttributeValues: values, ...rest });

    expect(await outcomeOf(client.send(command))).toEqual(INVALID);
  });

  it('refuses a transaction with a condition without sense as a whole', async () => {
    const items = [{ Put: { TableName: TABLE, Item: ITEM, ConditionExpression: 'pk = ' } }];

    expect(await outcomeOf(open().client.send(transact(items)))).toEqual(INVALID);
  });

  it('tells nothing in its stream of a write that changes nothing', async () => {
    const { client, stream } = open();
    await client.send(put(ITEM));
    await client.send(put(ITEM));
    await client.send(update('p', 'A', 'SET #text = :x', words('#text', { ':x': 'x' })));

    expect(stream.since(undefined).map(({ eventName }) => eventName)).toEqual(['INSERT']);
  });
});

describe('what the memory table does not simulate', () => {
  const sending = (command: object) => outcomeOf(open().client.send(command as never));

  it.each([
    ['another command', new ScanCommand({ TableName: TABLE })],
    ['a parameter of a query', query({ KeyConditionExpression: 'pk = :v', Select: 'COUNT' })],
    ['a parameter of a put', put({ pk: 'p', sk: 'A' }, { ReturnConsumedCapacity: 'TOTAL' })],
    [
      'another answer',
      update('p', 'A', 'SET #a = :a', { ...words('#a', { ':a': 1 }), ReturnValues: 'UPDATED_NEW' }),
    ],
    ['the new item of a put', put({ pk: 'p', sk: 'A' }, { ReturnValues: 'ALL_NEW' })],
    [
      'a name that may be reserved',
      put({ pk: 'p', sk: 'A' }, { ConditionExpression: 'attribute_exists(status)' }),
    ],
    [
      'a place in a list',
      put({ pk: 'p', sk: 'A' }, { ConditionExpression: 'attribute_exists(#a[0])', ...words('#a') }),
    ],
    [
      'another function',
      put(
        { pk: 'p', sk: 'A' },
        { ConditionExpression: 'attribute_type(#a, :s)', ...words('#a', { ':s': 'S' }) },
      ),
    ],
    ['calculating in a SET', update('p', 'A', 'SET #a = #a + :n', words('#a', { ':n': 1 }))],
    ['a list that grows', update('p', 'A', 'SET #a = list_append(#a, :n)', words('#a', { ':n': [1] }))],
    ['a sum that is not whole', update('p', 'A', 'ADD #a :n', words('#a', { ':n': 0.1 }))],
    ['a set', put({ pk: 'p', sk: 'A', set: new Set(['a']) })],
    ['a date', put({ pk: 'p', sk: 'A', at: new Date(NOW) })],
    ['half a surrogate pair', put({ pk: 'p', sk: 'A', text: '\ud83d' })],
    [
      'two tables at once',
      new BatchGetCommand({ RequestItems: { [TABLE]: { Keys: [] }, other: { Keys: [] } } }),
    ],
  ])('is refused by name: %s', async (_, command) => {
    expect(await sending(command)).toEqual(UNKNOWN);
  });

  it.each([
    ['without a sort key', { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] }],
    ['whose keys are no texts', { AttributeDefinitions: [] }],
    ['without a name', { TableName: '' }],
  ])('is a table %s', (_, changes) => {
    expect(() => open({ table: { ...ledgerTable(TABLE), ...changes } })).toThrow(/given|name/);
  });
});

describe('what the caller of the memory table chooses', () => {
  const indexed = (sk: string, gsi1sk = sk) => put({ pk: 'p', sk, gsi1pk: 'G', gsi1sk });
  const byIndex = query({
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :v',
    ExpressionAttributeValues: { ':v': 'G' },
  });

  it('is how long a change stays unseen in global indexes, and there alone', async () => {
    let now = NOW;
    const { client } = open({ now: () => now, indexLagMs: () => 100 });
    const seen = async () => (await client.send(byIndex)).Items?.map(({ sk, gsi1sk }) => `${sk} ${gsi1sk}`);
    await client.send(indexed('A'));
    expect(await seen()).toEqual([]);
    expect((await client.send(get('p', 'A'))).Item).toBeDefined();

    now += 100;
    expect(await seen()).toEqual(['A A']);
    await client.send(indexed('A', 'B'));
    await client.send(remove('p', 'A'));
    expect(await seen()).toEqual(['A A']);

    now += 100;
    expect(await seen()).toEqual([]);
  });

  it('never turns the changes of one item round, however their lags differ', async () => {
    let now = NOW;
    const lags = [100, 0];
    const { client } = open({ now: () => now, indexLagMs: () => lags.shift() ?? 0 });
    // Each change is seen by two global indexes, and each of them draws a lag of its own.
    lags.push(100, 0);
    await client.send(indexed('A'));
    await client.send(remove('p', 'A'));

    expect((await client.send(byIndex)).Items).toEqual([]);
    now += 1_000;
    expect((await client.send(byIndex)).Items).toEqual([]);
  });

  it('is how long pages are, and all items come for it', async () => {
    const { client } = open({ pageItems: () => 2 });
    for (const sk of ['A', 'B', 'C', 'D', 'E']) await client.send(indexed(sk));
    const sizes: number[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        query({
          KeyConditionExpression: 'pk = :v',
          ExpressionAttributeValues: { ':v': 'p' },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      sizes.push(page.Items?.length ?? 0);
      from = page.LastEvaluatedKey;
    } while (from !== undefined);

    expect(sizes).toEqual([2, 2, 1]);
    await expect(open({ pageItems: () => 0 }).client.send(byIndex)).rejects.toThrow('given 0');
  });

  it('is how many keys of a batch are answered', async () => {
    const { client } = open({ batchKeys: () => 1 });
    await client.send(indexed('A'));
    const Keys = [
      { pk: 'p', sk: 'A' },
      { pk: 'p', sk: 'B' },
    ];

    const answer = await client.send(new BatchGetCommand({ RequestItems: { [TABLE]: { Keys } } }));

    expect(answer.Responses?.[TABLE]).toHaveLength(1);
    expect(answer.UnprocessedKeys?.[TABLE]?.Keys).toEqual([{ pk: 'p', sk: 'B' }]);
  });

  it('is when items whose time is over are forgotten', async () => {
    const { client, stream, item, forgetExpired } = open();
    const due = NOW / SECOND;
    await client.send(put({ pk: 'p', sk: 'due', expiresAt: due }));
    await client.send(put({ pk: 'p', sk: 'later', expiresAt: due + 1 }));
    await client.send(put({ pk: 'p', sk: 'never', expiresAt: 'soon' }));

    expect(forgetExpired('expiresAt', NOW - 1)).toBe(0);
    expect(forgetExpired('expiresAt', NOW)).toBe(1);

    expect(item('p', 'due')).toBeUndefined();
    expect(item('p', 'later')).toBeDefined();
    expect(stream.since(undefined).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    });
  });
});

describe('the records of the memory table', () => {
  it('have the shape in which a function gets them, with sequence numbers that rise', async () => {
    const { client, stream } = open();
    await client.send(put({ pk: 'm-apex', sk: 'TRADE#1', kind: 'TRADE', n: 1 }));
    await client.send(put({ pk: 'm-apex', sk: 'FILL#1', kind: 'FILL' }));

    const records = stream.since(undefined);

    const [trade, fill] = records;
    expect(trade).toEqual({
      eventID: expect.any(String),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: expect.stringContaining(`:table/${TABLE}/stream/`),
      dynamodb: {
        ApproximateCreationDateTime: NOW / SECOND,
        Keys: { pk: { S: 'm-apex' }, sk: { S: 'TRADE#1' } },
        NewImage: { pk: { S: 'm-apex' }, sk: { S: 'TRADE#1' }, kind: { S: 'TRADE' }, n: { N: '1' } },
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: 46,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    const [first = '', second = ''] = records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
    expect(BigInt(second)).toBeGreaterThan(BigInt(first));
    expect(stream.last).toBe(second);
    expect(stream.since(first)).toEqual([fill]);
    expect(records.filter((record) => matches(TRADE_INSERTS, record))).toEqual([trade]);
    expect(stream.since(undefined, ({ after }) => after?.['kind'] === 'TRADE')).toEqual([trade]);
  });

  it('hold what was true then, whatever readers do with what they got', async () => {
    const { client, stream, item } = open();
    await client.send(
      transact([{ Put: { TableName: TABLE, Item: { pk: 'p', sk: 'A', list: [{ x: 1 }] } } }]),
    );
    const got = (await client.send(get('p', 'A'))).Item ?? {};
    got['list'] = [];

    expect(item('p', 'A')).toEqual({ pk: 'p', sk: 'A', list: [{ x: 1 }] });
    expect(stream.changesSince(undefined)[0]?.after).toEqual({ pk: 'p', sk: 'A', list: [{ x: 1 }] });
  });
});
