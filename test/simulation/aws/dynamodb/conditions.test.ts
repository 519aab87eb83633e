import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, outcomeOf, put, remove, TABLES, type TableUnderTest, update, words } from './two-tables.ts';

const STORED = {
  pk: 'u-ann',
  sk: 'ITEM',
  text: 'middle',
  count: 5,
  flag: true,
  nothing: null,
  empty: '',
  list: ['a', 1, { deep: 2 }],
  map: { inner: { version: 3 }, text: 'x' },
  // Sorts after U+FFFD by its bytes, and before it by its UTF-16 units.
  emoji: '😀',
};

describe.each(TABLES)('a condition on $name', ({ open }) => {
  let table: TableUnderTest;
  beforeAll(async () => {
    table = await open();
    await table.client.send(put(STORED));
  });
  afterAll(() => table.stop());

  const judged = async (ConditionExpression: string, values?: Readonly<Record<string, unknown>>) => {
    const { refused } = await outcomeOf(
      table.client.send(put(STORED, { ConditionExpression, ...words(ConditionExpression, values) })),
    );
    if (refused === undefined) return true;
    return refused === 'ConditionalCheckFailedException' ? false : refused;
  };

  it.each([
    ['#text = :v', { v: 'middle' }, true],
    ['#text = :v', { v: 'other' }, false],
    ['#count = :v', { v: '5' }, false],
    ['#count = :v', { v: 5 }, true],
    ['#flag = :v', { v: true }, true],
    ['#nothing = :v', { v: null }, true],
    ['#empty = :v', { v: '' }, true],
    ['#list = :v', { v: ['a', 1, { deep: 2 }] }, true],
    ['#list = :v', { v: ['a', 1] }, false],
    ['#map = :v', { v: { text: 'x', inner: { version: 3 } } }, true],
    ['#map = :v', { v: { text: 'x' } }, false],
    ['#missing = :v', { v: 1 }, false],
    ['#missing <> :v', { v: 1 }, true],
    ['#missing < :v', { v: 1 }, false],
    ['#missing > :v', { v: 1 }, false],
    ['#missing = #absent', undefined, false],
    ['#missing <> #absent', undefined, true],
    ['#text <> :v', { v: 1 }, true],
    ['#text < :v', { v: 'middlf' }, true],
    ['#text < :v', { v: 'middle' }, false],
    ['#text <= :v', { v: 'middle' }, true],
    ['#text > :v', { v: 'middl' }, true],
    ['#text >= :v', { v: 'middle' }, true],
    ['#text < :v', { v: 9 }, false],
    ['#count < :v', { v: 10 }, true],
    ['#count > :v', { v: 4.5 }, true],
    [':v < #count', { v: 4 }, true],
    ['#emoji > :v', { v: '\ufffd' }, true],
    ['#map.#inner.#version = :v', { v: 3 }, true],
    ['#map.#inner.#nix = :v', { v: 3 }, false],
    ['#text.#inner = :v', { v: 3 }, false],
    ['#count BETWEEN :a AND :b', { a: 5, b: 6 }, true],
    ['#count BETWEEN :a AND :b', { a: 6, b: 7 }, false],
    ['#text BETWEEN :a AND :b', { a: 'm', b: 'n' }, true],
    ['#missing BETWEEN :a AND :b', { a: 'm', b: 'n' }, false],
    ['#text IN (:a, :b)', { a: 'x', b: 'middle' }, true],
    ['#text IN (:a, :b)', { a: 'x', b: 5 }, false],
    ['#missing IN (:a)', { a: 'x' }, false],
    ['attribute_exists(#empty)', undefined, true],
    ['attribute_exists(#nothing)', undefined, true],
    ['attribute_exists(#missing)', undefined, false],
    ['attribute_exists(#map.#text)', undefined, true],
    ['attribute_not_exists(#missing)', undefined, true],
    ['attribute_not_exists(#pk)', undefined, false],
    ['begins_with(#text, :v)', { v: 'mid' }, true],
    ['begins_with(#text, :v)', { v: 'dle' }, false],
    ['begins_with(#count, :v)', { v: '5' }, false],
    ['begins_with(#missing, :v)', { v: 'x' }, false],
    ['contains(#text, :v)', { v: 'ddl' }, true],
    ['contains(#list, :v)', { v: 1 }, true],
    ['contains(#list, :v)', { v: 2 }, false],
    ['contains(#count, :v)', { v: '5' }, false],
    ['size(#text) = :v', { v: 6 }, true],
    ['size(#list) = :v', { v: 3 }, true],
    ['size(#map) = :v', { v: 2 }, true],
    ['size(#missing) < :v', { v: 100 }, false],
    ['NOT #text = :v', { v: 'middle' }, false],
    ['NOT attribute_exists(#missing)', undefined, true],
    ['#count = :v AND #text = :w', { v: 5, w: 'x' }, false],
    ['#count = :v OR #text = :w', { v: 5, w: 'x' }, true],
    // AND binds more tightly than OR, NOT than both.
    ['#count = :v OR #count = :v AND #text = :w', { v: 5, w: 'x' }, true],
    ['(#count = :v OR #count = :v) AND #text = :w', { v: 5, w: 'x' }, false],
    ['NOT #count = :w OR #count = :v', { v: 5, w: 5 }, true],
    ['NOT (#count = :v OR #text = :w)', { v: 5, w: 'x' }, false],
    ['#count between :a and :b and not #text = :c', { a: 1, b: 9, c: 'x' }, true],
    ['(#count = :v)', { v: 5 }, true],
    ['((#count = :v))', { v: 5 }, 'ValidationException'],
    ['', undefined, 'ValidationException'],
    ['#count = = :v', { v: 5 }, 'ValidationException'],
    ['#count = :v AND', { v: 5 }, 'ValidationException'],
    ['(#count = :v', { v: 5 }, 'ValidationException'],
    ['#count = :v)', { v: 5 }, 'ValidationException'],
    ['#count ! :v', { v: 5 }, 'ValidationException'],
    ['begins_with(#text, :v)', { v: 5 }, 'ValidationException'],
    ['#count BETWEEN :a AND :b', { a: 6, b: 5 }, 'ValidationException'],
    ['#count BETWEEN :a AND :b', { a: 'a', b: 5 }, 'ValidationException'],
    ['#count = :v', undefined, 'ValidationException'],
    ['#count = :v', { v: 5, unused: 1 }, 'ValidationException'],
  ])('%s with %o is judged %s', async (expression, values, expected) => {
    const given =
      values && Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));

    expect(await judged(expression, given)).toBe(expected);
  });

  it.each([
    [
      'a name that is not used',
      { ConditionExpression: 'attribute_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk', '#b': 'b' } },
    ],
    ['a name that is not given', { ConditionExpression: 'attribute_exists(#pk)' }],
    ['names without an expression', { ExpressionAttributeNames: { '#pk': 'pk' } }],
    ['no names at all', { ConditionExpression: 'attribute_exists(pk)', ExpressionAttributeNames: {} }],
  ])('is refused with %s', async (_, rest) => {
    expect(await outcomeOf(table.client.send(put(STORED, rest)))).toEqual({ refused: 'ValidationException' });
  });

  it('that fails carries what is stored, where that was asked', async () => {
    await table.client.send(put({ pk: 'u-old', sk: 'A', n: 1.5, list: [null], map: { t: 'x' }, no: false }));
    const ConditionExpression = 'attribute_not_exists(#pk)';
    const refusal = { ConditionExpression, ...words(ConditionExpression) };
    const old = { ...refusal, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
    const Item = {
      pk: { S: 'u-old' },
      sk: { S: 'A' },
      n: { N: '1.5' },
      list: { L: [{ NULL: true }] },
      map: { M: { t: { S: 'x' } } },
      no: { BOOL: false },
    };

    const refused = { refused: 'ConditionalCheckFailedException' };
    expect(await outcomeOf(table.client.send(put({ pk: 'u-old', sk: 'A' }, old)))).toEqual({
      ...refused,
      Item,
    });
    expect(await outcomeOf(table.client.send(remove('u-old', 'A', old)))).toEqual({ ...refused, Item });
    expect(await outcomeOf(table.client.send(put({ pk: 'u-old', sk: 'A' }, refusal)))).toEqual(refused);
    await expect(table.client.send(put({ pk: 'u-old', sk: 'A' }, old))).rejects.toBeInstanceOf(
      ConditionalCheckFailedException,
    );
  });

  it('that fails for what does not exist carries nothing, and creates nothing', async () => {
    const ConditionExpression = 'attribute_exists(#pk)';
    const outcome = await outcomeOf(
      table.client.send(
        update('u-none', 'A', 'SET #x = :x', {
          ConditionExpression,
          ...words(`${ConditionExpression} #x`, { ':x': 1 }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );

    expect(outcome).toEqual({ refused: 'ConditionalCheckFailedException' });
    expect(await outcomeOf(table.client.send(get('u-none', 'A')))).toEqual({});
  });
});
