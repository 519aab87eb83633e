import { BatchGetCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  outcomeOf,
  put,
  query,
  remove,
  TABLE,
  TABLES,
  type TableUnderTest,
  update,
  words,
} from './two-tables.ts';

const INVALID = { refused: 'ValidationException' };
const PARTITION = 'q';
const SORTS = ['A#1', 'A#2', 'A#2#x', 'A#3', 'B#1', 'é', '\ufffd', '😀'];

describe.each(TABLES)('a query of $name', ({ open }) => {
  let table: TableUnderTest;
  beforeAll(async () => {
    table = await open();
    for (const sk of [...SORTS].reverse())
      await table.client.send(put({ pk: PARTITION, sk, of: SORTS.indexOf(sk) }));
    await table.client.send(put({ pk: 'other', sk: 'A#1' }));
    for (const [pk, sk, gsi1sk] of [
      ['g-2', 'A', 'k'],
      ['g-1', 'B', 'k'],
      ['g-1', 'A', 'k'],
      ['g-3', 'A', 'j'],
    ] as const)
      await table.client.send(put({ pk, sk, gsi1pk: 'G', gsi1sk, lsi1sk: gsi1sk, more: 1 }));
    await table.client.send(put({ pk: 'g-4', sk: 'A', gsi1pk: 'G' }));
    await table.client.send(put({ pk: 'g-5', sk: 'A', gsi1sk: 'k' }));
  });
  afterAll(() => table.stop());

  const asked = (
    KeyConditionExpression: string,
    values: Readonly<Record<string, unknown>>,
    rest: Partial<QueryCommandInput> = {},
  ) =>
    outcomeOf(
      table.client.send(query({ KeyConditionExpression, ...words(KeyConditionExpression, values), ...rest })),
    );
  const inPartition = (condition: string, values: Readonly<Record<string, unknown>>, rest = {}) =>
    asked(`#pk = :pk${condition}`, { ':pk': PARTITION, ...values }, rest);
  const sorts = ({ Items }: Record<string, unknown>) =>
    Array.isArray(Items) ? Items.map(({ sk }) => sk) : Items;

  it.each([
    ['', {}, SORTS],
    [' AND #sk = :v', { ':v': 'A#2' }, ['A#2']],
    [' AND #sk = :v', { ':v': 'A#9' }, []],
    [' AND #sk < :v', { ':v': 'A#2' }, ['A#1']],
    [' AND #sk <= :v', { ':v': 'A#2' }, ['A#1', 'A#2']],
    [' AND #sk > :v', { ':v': 'B#1' }, ['é', '\ufffd', '😀']],
    [' AND #sk >= :v', { ':v': '\ufffd' }, ['\ufffd', '😀']],
    [' AND #sk BETWEEN :v AND :w', { ':v': 'A#2', ':w': 'A#3' }, ['A#2', 'A#2#x', 'A#3']],
    [' AND begins_with(#sk, :v)', { ':v': 'A#2' }, ['A#2', 'A#2#x']],
    [' AND begins_with(#sk, :v)', { ':v': 'C' }, []],
    [' AND (#sk > :v)', { ':v': 'é' }, ['\ufffd', '😀']],
  ])('with the condition "#pk = :pk%s" and %o finds its items in the order of their bytes', async (condition, values, expected) => {
    const there = await inPartition(condition, values);
    const back = await inPartition(condition, values, { ScanIndexForward: false });

    expect(there).toMatchObject({ Count: expected.length, ScannedCount: expected.length });
    expect(sorts(there)).toEqual(expected);
    expect(sorts(back)).toEqual([...expected].reverse());
  });

  it('finds nothing in a partition that is empty', async () => {
    expect(await asked('#pk = :v', { ':v': 'nobody' })).toEqual({ Items: [], Count: 0, ScannedCount: 0 });
  });

  it.each([true, false])('goes on where its last page ended (forward: %s)', async (ScanIndexForward) => {
    const found: unknown[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await table.client.send(
        query({
          KeyConditionExpression: 'pk = :v AND sk < :w',
          ExpressionAttributeValues: { ':v': PARTITION, ':w': '😀' },
          Limit: 3,
          ScanIndexForward,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      found.push(...(page.Items ?? []).map(({ sk }) => sk));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);

    const expected = SORTS.slice(0, -1);
    expect(found).toEqual(ScanIndexForward ? expected : expected.reverse());
  });

  it('that ends at its limit says where, also if nothing is left', async () => {
    expect(await inPartition('', {}, { Limit: SORTS.length })).toMatchObject({
      LastEvaluatedKey: { pk: PARTITION, sk: SORTS.at(-1) },
    });
    expect(await inPartition('', {}, { Limit: SORTS.length + 1 })).not.toHaveProperty('LastEvaluatedKey');
  });

  it('goes on after a key whose item is gone', async () => {
    const from = { ExclusiveStartKey: { pk: PARTITION, sk: 'A#2#gone' } };

    expect(sorts(await inPartition('', {}, from))).toEqual(SORTS.slice(2));
    expect(sorts(await inPartition('', {}, { ...from, ScanIndexForward: false }))).toEqual(['A#2', 'A#1']);
  });

  it('gives at most 1 MB at once', async () => {
    const big = 'a'.repeat(300_000);
    for (const sk of ['1', '2', '3', '4']) await table.client.send(put({ pk: 'big', sk, big }));

    const first = await asked('#pk = :v', { ':v': 'big' });

    expect(sorts(first)).toEqual(['1', '2', '3']);
    expect(first).toMatchObject({ LastEvaluatedKey: { pk: 'big', sk: '3' } });
  });

  it('of a global index gives keys alone, of those items that have both of its keys', async () => {
    const answer = await asked('#gsi1pk = :v', { ':v': 'G' }, { IndexName: 'gsi1' });

    expect(answer['Items']).toEqual([
      { pk: 'g-3', sk: 'A', gsi1pk: 'G', gsi1sk: 'j' },
      { pk: 'g-1', sk: 'A', gsi1pk: 'G', gsi1sk: 'k' },
      { pk: 'g-1', sk: 'B', gsi1pk: 'G', gsi1sk: 'k' },
      { pk: 'g-2', sk: 'A', gsi1pk: 'G', gsi1sk: 'k' },
    ]);
  });

  it('of a global index goes on within equal keys', async () => {
    const where = { IndexName: 'gsi1', Limit: 2 };
    const first = await asked('#gsi1pk = :v', { ':v': 'G' }, where);
    const LastEvaluatedKey = { pk: 'g-1', sk: 'A', gsi1pk: 'G', gsi1sk: 'k' };
    const rest = { ...where, ExclusiveStartKey: LastEvaluatedKey };

    expect(first).toMatchObject({ LastEvaluatedKey });
    expect(await asked('#gsi1pk = :v', { ':v': 'G' }, rest)).toMatchObject({
      Items: [
        { pk: 'g-1', sk: 'B' },
        { pk: 'g-2', sk: 'A' },
      ],
    });
  });

  it('of the local index gives whole items, consistently, and their order follows its key', async () => {
    await table.client.send(put({ pk: 'l', sk: '1', lsi1sk: 'z', more: { x: 1 } }));
    await table.client.send(put({ pk: 'l', sk: '2', lsi1sk: 'y' }));
    await table.client.send(put({ pk: 'l', sk: '3' }));

    const answer = await asked(
      '#pk = :v AND #lsi1sk > :w',
      { ':v': 'l', ':w': 'a' },
      { IndexName: 'lsi1', ConsistentRead: true },
    );

    expect(answer['Items']).toEqual([
      { pk: 'l', sk: '2', lsi1sk: 'y' },
      { pk: 'l', sk: '1', lsi1sk: 'z', more: { x: 1 } },
    ]);
  });

  it('of an index follows what updates and deletions do to its keys', async () => {
    const found = async () => {
      const rest = { IndexName: 'gsi2' };
      return sorts(await asked('#gsi2pk = :v', { ':v': 'W' }, rest));
    };
    await table.client.send(put({ pk: 'w', sk: 'A', gsi2pk: 'W', gsi2sk: '2' }));
    await table.client.send(put({ pk: 'w', sk: 'B', gsi2pk: 'W', gsi2sk: '1' }));
    expect(await found()).toEqual(['B', 'A']);

    const move = 'SET #gsi2sk = :v';
    await table.client.send(update('w', 'A', move, words(move, { ':v': '0' })));
    expect(await found()).toEqual(['A', 'B']);

    await table.client.send(update('w', 'A', 'REMOVE #gsi2pk', words('#gsi2pk')));
    expect(await found()).toEqual(['B']);

    await table.client.send(remove('w', 'B'));
    expect(await found()).toEqual([]);
  });

  it.each([
    ['without the partition key', 'sk = :v', {}],
    ['with a partition key that is not named exactly', 'pk < :v', {}],
    ['with an alternative', 'pk = :v OR sk = :v', {}],
    ['with two conditions on the sort key', 'pk = :v AND sk > :v AND sk < :v', {}],
    ['with a condition on another key', 'pk = :v AND lsi1sk = :v', {}],
    ['with inequality', 'pk = :v AND sk <> :v', {}],
    ['with a list', 'pk = :v AND sk IN (:v)', {}],
    ['with a limit of nothing', 'pk = :v', { Limit: 0 }],
    ['from a key of another shape', 'pk = :v', { ExclusiveStartKey: { pk: 'q' } }],
    [
      'of an index from a key of the table',
      'gsi1pk = :v',
      { IndexName: 'gsi1', ExclusiveStartKey: { pk: 'q', sk: 'A' } },
    ],
    ['of an index that does not exist', 'pk = :v', { IndexName: 'gsi9' }],
    ['of a global index, consistently', 'gsi1pk = :v', { IndexName: 'gsi1', ConsistentRead: true }],
    [
      'with bounds the wrong way round',
      'pk = :v AND sk BETWEEN :x AND :v',
      { ExpressionAttributeValues: { ':v': 'q', ':x': 'z' } },
    ],
    ['with a value that is not used', 'pk = :v', { ExpressionAttributeValues: { ':v': 'q', ':x': 'z' } }],
  ])('%s is refused', async (_, KeyConditionExpression, rest) => {
    expect(await asked(KeyConditionExpression, { ':v': 'q' }, rest)).toEqual(INVALID);
  });

  const batchOf = (Keys: Record<string, unknown>[]) =>
    outcomeOf(
      table.client.send(new BatchGetCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } })),
    );
  const keys = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ pk: 'none', sk: `${index}` }));

  it('by many keys gives those items that are there', async () => {
    const answer = await batchOf([
      { pk: PARTITION, sk: 'A#1' },
      { pk: PARTITION, sk: 'gone' },
      { pk: 'other', sk: 'A#1' },
    ]);

    expect(answer).toEqual({
      Responses: {
        [TABLE]: expect.arrayContaining([
          { pk: PARTITION, sk: 'A#1', of: 0 },
          { pk: 'other', sk: 'A#1' },
        ]),
      },
      UnprocessedKeys: {},
    });
    expect(await batchOf(keys(100))).toEqual({ Responses: { [TABLE]: [] }, UnprocessedKeys: {} });
  });

  it.each([
    ['more than a hundred keys', keys(101)],
    ['no keys', []],
    ['a key twice', [...keys(2), ...keys(1)]],
    ['a key of another shape', [{ pk: 'none' }]],
  ])('by %s is refused', async (_, given) => {
    expect(await batchOf(given)).toEqual(INVALID);
  });

  it('by many keys gives at most 16 MB, and the rest as unprocessed', async () => {
    const big = 'a'.repeat(400_000);
    const wanted = Array.from({ length: 45 }, (_, index) => ({ pk: 'huge', sk: `${index}` }));
    for (const key of wanted) await table.client.send(put({ ...key, big }));

    const answer = await table.client.send(
      new BatchGetCommand({ RequestItems: { [TABLE]: { Keys: wanted } } }),
    );

    const found = answer.Responses?.[TABLE] ?? [];
    const rest = answer.UnprocessedKeys?.[TABLE]?.Keys ?? [];
    expect(found.length).toBe(Math.floor((16 * 1024 * 1024) / 400_014));
    expect([...found.map(({ sk }) => sk), ...rest.map(({ sk }) => sk)].sort()).toEqual(
      wanted.map(({ sk }) => sk).sort(),
    );
  });
});
