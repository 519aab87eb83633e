import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  get,
  outcomeOf,
  put,
  putIn,
  remove,
  TABLE,
  TABLES,
  type TableUnderTest,
  transact,
  update,
  words,
} from './two-tables.ts';

const INVALID = { refused: 'ValidationException' };
const ABSENT = { ConditionExpression: 'attribute_not_exists(pk)' };
const OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
const FAILED = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
const cancelledFor = (...CancellationReasons: object[]) => ({
  refused: 'TransactionCanceledException',
  CancellationReasons,
});

describe.each(TABLES)('a transaction on $name', ({ open }) => {
  let table: TableUnderTest;
  beforeAll(async () => {
    table = await open();
  });
  afterAll(() => table.stop());

  const sent = (...given: Parameters<typeof transact>) => outcomeOf(table.client.send(transact(...given)));
  const read = async (pk: string, sk: string) => (await table.client.send(get(pk, sk))).Item;
  const set = 'SET #x = :x';
  const setting = (pk: string, sk: string, x: unknown) => ({
    Update: { ...update(pk, sk, set, words(set, { ':x': x })).input, UpdateExpression: set },
  });
  const checking = (pk: string, sk: string, ConditionExpression: string) => ({
    ConditionCheck: { TableName: TABLE, Key: { pk, sk }, ConditionExpression },
  });

  it('does all of its writes', async () => {
    await table.client.send(put({ pk: 't-1', sk: 'gone' }));
    await table.client.send(put({ pk: 't-1', sk: 'checked' }));

    const outcome = await sent([
      putIn({ pk: 't-1', sk: 'put', x: [1] }),
      setting('t-1', 'set', 2),
      { Delete: { ...remove('t-1', 'gone').input } },
      checking('t-1', 'checked', 'attribute_exists(pk)'),
    ]);

    expect(outcome).toEqual({});
    expect(await read('t-1', 'put')).toEqual({ pk: 't-1', sk: 'put', x: [1] });
    expect(await read('t-1', 'set')).toEqual({ pk: 't-1', sk: 'set', x: 2 });
    expect(await read('t-1', 'gone')).toBeUndefined();
    expect(await read('t-1', 'checked')).toEqual({ pk: 't-1', sk: 'checked' });
  });

  it('does none of them where a condition fails, and says why for each, in their order', async () => {
    await table.client.send(put({ pk: 't-2', sk: 'there', n: 1 }));

    const outcome = await sent([
      putIn({ pk: 't-2', sk: 'new' }),
      putIn({ pk: 't-2', sk: 'there' }, { ...ABSENT, ...OLD }),
      { ConditionCheck: { ...checking('t-2', 'none', 'attribute_exists(pk)').ConditionCheck, ...OLD } },
      { Delete: { ...remove('t-2', 'there-too', { ConditionExpression: 'attribute_exists(pk)' }).input } },
    ]);

    const Item = { pk: { S: 't-2' }, sk: { S: 'there' }, n: { N: '1' } };
    expect(outcome).toEqual(cancelledFor({ Code: 'None' }, { ...FAILED, Item }, FAILED, FAILED));
    expect(await read('t-2', 'new')).toBeUndefined();
    expect(await read('t-2', 'there')).toMatchObject({ n: 1 });
  });

  it('is cancelled with the error that tells why, in words too', async () => {
    const failing = transact([
      putIn({ pk: 't-3', sk: 'A' }, { ConditionExpression: 'attribute_exists(pk)' }),
    ]);

    await expect(table.client.send(failing)).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(table.client.send(failing)).rejects.toThrow(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed]',
    );
  });

  it('is cancelled where an update does not suit what is stored', async () => {
    await table.client.send(put({ pk: 't-4', sk: 'A', x: 'text' }));
    const add = 'ADD #x :x';
    const adding = { ...update('t-4', 'A', add, words(add, { ':x': 1 })).input, UpdateExpression: add };

    const outcome = await sent([putIn({ pk: 't-4', sk: 'B' }), { Update: adding }]);

    expect(outcome).toEqual(
      cancelledFor({ Code: 'None' }, { Code: 'ValidationError', Message: expect.any(String) }),
    );
    expect(await read('t-4', 'B')).toBeUndefined();
  });

  it.each([
    ['no writes', []],
    ['more than a hundred writes', Array.from({ length: 101 }, (_, n) => putIn({ pk: 't-5', sk: `${n}` }))],
    ['two writes to one item', [putIn({ pk: 't-5', sk: 'A' }), checking('t-5', 'A', 'attribute_exists(pk)')]],
    ['a key that is empty', [putIn({ pk: 't-5', sk: 'B' }), putIn({ pk: 't-5', sk: '' })]],
  ])('with %s is refused as a whole', async (_, items) => {
    expect(await sent(items)).toEqual(INVALID);
    expect(await read('t-5', 'B')).toBeUndefined();
  });

  it('of a hundred writes is done', async () => {
    expect(await sent(Array.from({ length: 100 }, (_, n) => putIn({ pk: 't-6', sk: `${n}` })))).toEqual({});
    expect(await read('t-6', '99')).toBeDefined();
  });

  it('that comes again with its token is not done again, and another cannot have that token', async () => {
    const write = [putIn({ pk: 't-7', sk: 'A', x: 1 }, ABSENT)];

    expect(await sent(write, 'token-7')).toEqual({});
    expect(await sent(write, 'token-7')).toEqual({});
    expect(await sent([putIn({ pk: 't-7', sk: 'A', x: 2 })], 'token-7')).toEqual({
      refused: 'IdempotentParameterMismatchException',
    });
    expect(await sent(write)).toEqual(cancelledFor(FAILED));
  });
});
