import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, outcomeOf, put, remove, TABLES, type TableUnderTest, update, words } from './two-tables.ts';

const INVALID = { refused: 'ValidationException' };
const MOST_BYTES = 400 * 1024;

describe.each(TABLES)('an item of $name', ({ open }) => {
  let table: TableUnderTest;
  beforeAll(async () => {
    table = await open();
  });
  afterAll(() => table.stop());

  const sent = (command: ReturnType<typeof put>) => outcomeOf(table.client.send(command));
  const read = async (pk: string, sk = 'A') => (await table.client.send(get(pk, sk))).Item;
  const updated = (pk: string, expression: string, values?: Readonly<Record<string, unknown>>) =>
    outcomeOf(
      table.client.send(
        update(pk, 'A', expression, { ...words(expression, values), ReturnValues: 'ALL_NEW' }),
      ),
    );

  it('is given back as it was put, without what is undefined, and replaces the one before', async () => {
    const item = { pk: 'p-1', sk: 'A', n: 0.1, small: 1e-7, no: false, nix: null, list: [[], {}], text: '' };
    await sent(put({ ...item, old: 1 }));
    await sent(put({ ...item, left: undefined, minus: -0 }));

    expect(await read('p-1')).toStrictEqual({ ...item, minus: 0 });
    expect(await read('p-1', 'B')).toBeUndefined();
  });

  it('is a copy: neither what was given nor what was got changes it', async () => {
    const given = { pk: 'p-2', sk: 'A', map: { list: [1] } };
    await sent(put(given));
    given.map.list.push(2);
    const got = await read('p-2');
    if (got !== undefined) got['more'] = true;

    expect(await read('p-2')).toEqual({ pk: 'p-2', sk: 'A', map: { list: [1] } });
  });

  it.each([
    ['undefined within a map', { pk: 'p-3', sk: 'A', map: { x: undefined } }],
    ['a number that is none', { pk: 'p-3', sk: 'A', x: Number.NaN }],
    ['a number that is not exact', { pk: 'p-3', sk: 'A', x: 2 ** 60 }],
  ])('is refused by the client with %s', async (_, item) => {
    expect(await sent(put(item))).toEqual({ refused: 'Error' });
  });

  it.each([
    ['without a sort key', { pk: 'p-4' }],
    ['with an empty partition key', { pk: '', sk: 'A' }],
    ['with an empty sort key', { pk: 'p-4', sk: '' }],
    ['with a sort key that is a number', { pk: 'p-4', sk: 1 }],
    ['with an empty key of a global index', { pk: 'p-4', sk: 'A', gsi1pk: '', gsi1sk: 'x' }],
    ['with an empty key of the local index', { pk: 'p-4', sk: 'A', lsi1sk: '' }],
    ['with an index key that is a number', { pk: 'p-4', sk: 'A', gsi1pk: 1, gsi1sk: 'x' }],
    ['with a partition key that is too long', { pk: 'p'.repeat(2_049), sk: 'A' }],
    ['with a sort key that is too long', { pk: 'p-4', sk: 'é'.repeat(513) }],
  ])('is refused %s', async (_, item) => {
    expect(await sent(put(item))).toEqual(INVALID);
  });

  it('has at most 400 kB, names and keys included', async () => {
    const room = MOST_BYTES - 'pk+p-5+sk+A+x'.replaceAll('+', '').length;

    expect(await sent(put({ pk: 'p-5', sk: 'A', x: 'a'.repeat(room + 1) }))).toEqual(INVALID);
    expect(await sent(put({ pk: 'p-5', sk: 'A', x: 'a'.repeat(room) }))).toEqual({});
    expect(await sent(put({ pk: 'p-5', sk: 'A', x: 'é'.repeat(room) }))).toEqual(INVALID);
    expect(await updated('p-5', 'SET #y = :y', { ':y': 'y' })).toEqual(INVALID);
  });

  it.each([
    ['with another attribute', { pk: 'p-6', sk: 'A', z: 1 }],
    ['without the sort key', { pk: 'p-6' }],
    ['of another type', { pk: 'p-6', sk: 1 }],
  ])('is not found by a key %s', async (_, Key) => {
    expect(await outcomeOf(table.client.send(new GetCommand({ TableName: 'ledger', Key })))).toEqual(INVALID);
  });

  it('is not looked for in a table that does not exist', async () => {
    const Key = { pk: 'p-6', sk: 'A' };

    expect(await outcomeOf(table.client.send(new GetCommand({ TableName: 'others', Key })))).toEqual({
      refused: 'ResourceNotFoundException',
    });
  });

  it('is created by an update, with what it sets', async () => {
    expect(await updated('p-7', 'SET #a = :a, #b.#c = :a', { ':a': 1 })).toEqual(INVALID);
    expect(await updated('p-7', 'REMOVE #a')).toEqual({ Attributes: { pk: 'p-7', sk: 'A' } });
    expect(await updated('p-8', 'SET #a = :a ADD #n :n', { ':a': { x: [1] }, ':n': 3 })).toEqual({
      Attributes: { pk: 'p-8', sk: 'A', a: { x: [1] }, n: 3 },
    });
  });

  it('is changed by an update in what that names, from what was there before', async () => {
    await sent(put({ pk: 'p-9', sk: 'A', a: 1, b: 'b', map: { x: 1, y: 2 }, n: 5 }));

    const changed = await updated(
      'p-9',
      'SET #a = #b, #b = #a, #map.#x = :x, #c = if_not_exists(#a, :x), #d = if_not_exists(#d, :x) REMOVE #map.#y ADD #n :n, #m :n',
      { ':x': 'new', ':n': -7 },
    );

    expect(changed).toEqual({
      Attributes: { pk: 'p-9', sk: 'A', a: 'b', b: 1, map: { x: 'new' }, c: 1, d: 'new', n: -2, m: -7 },
    });
    expect(await read('p-9')).toEqual(changed['Attributes']);
  });

  it.each([
    ['the key', 'SET #pk = :v', { ':v': 'x' }],
    ['one attribute twice', 'SET #a = :v, #a = :v', { ':v': 'x' }],
    ['a map and what is in it', 'SET #map = :v REMOVE #map.#x', { ':v': 'x' }],
    ['in two sections of a kind', 'SET #a = :v SET #b = :v', { ':v': 'x' }],
    ['what is in a map that is missing', 'SET #none.#x = :v', { ':v': 'x' }],
    ['what is in a text', 'SET #text.#x = :v', { ':v': 'x' }],
    ['from an attribute that is missing', 'SET #a = #none', undefined],
    ['a text by adding', 'ADD #text :v', { ':v': 1 }],
    ['a number by adding a text', 'ADD #n :v', { ':v': 'x' }],
    ['an index key to nothing', 'SET #gsi1pk = :v', { ':v': '' }],
    ['an index key to a number', 'SET #gsi1pk = :v', { ':v': 1 }],
    ['nothing', '', undefined],
    ['by an expression without sense', 'SET #a :v', { ':v': 1 }],
  ])('is not updated in %s, and stays as it is', async (_, expression, values) => {
    const item = { pk: 'p-10', sk: 'A', text: 't', n: 1, map: { x: 1 }, a: 1, b: 2 };
    await sent(put(item));

    expect(await updated('p-10', expression, values)).toEqual(INVALID);
    expect(await read('p-10')).toEqual(item);
  });

  it('is deleted, if it is there', async () => {
    await sent(put({ pk: 'p-12', sk: 'A', x: 1 }));
    const deleted = () => outcomeOf(table.client.send(remove('p-12', 'A', { ReturnValues: 'ALL_OLD' })));

    expect(await deleted()).toEqual({ Attributes: { pk: 'p-12', sk: 'A', x: 1 } });
    expect(await deleted()).toEqual({});
    expect(await read('p-12')).toBeUndefined();
  });

  it('that is replaced is shown where that was asked', async () => {
    const replacing = (x: number) => sent(put({ pk: 'p-13', sk: 'A', x }, { ReturnValues: 'ALL_OLD' }));

    expect(await replacing(1)).toEqual({});
    expect(await replacing(2)).toEqual({ Attributes: { pk: 'p-13', sk: 'A', x: 1 } });
  });
});
