import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  outcomeOf,
  put,
  putIn,
  remove,
  TABLES,
  type TableUnderTest,
  transact,
  update,
  words,
} from './two-tables.ts';

describe.each(TABLES)('the stream of $name', ({ open }) => {
  let table: TableUnderTest;
  beforeEach(async () => {
    table = await open();
  });
  afterEach(() => table.stop());

  const Keys = { pk: { S: 'u-ann' }, sk: { S: 'A' } };

  it('tells each write with its images, before and after, in their order', async () => {
    const values = { text: 't', n: 1.5, no: false, nix: null, list: [1, { x: 'y' }] };
    const image = {
      text: { S: 't' },
      n: { N: '1.5' },
      no: { BOOL: false },
      nix: { NULL: true },
      list: { L: [{ N: '1' }, { M: { x: { S: 'y' } } }] },
    };
    const expression = 'SET #text = :t REMOVE #nix';
    await table.client.send(put({ pk: 'u-ann', sk: 'A', ...values }));
    await table.client.send(update('u-ann', 'A', expression, words(expression, { ':t': 'u' })));
    await table.client.send(remove('u-ann', 'A'));

    const { nix: _, ...without } = image;
    const first = { ...Keys, ...image };
    const second = { ...Keys, ...without, text: { S: 'u' } };
    expect(await table.streamed()).toEqual([
      { eventName: 'INSERT', Keys, NewImage: first, OldImage: undefined },
      { eventName: 'MODIFY', Keys, NewImage: second, OldImage: first },
      { eventName: 'REMOVE', Keys, NewImage: undefined, OldImage: second },
    ]);
  });

  it('tells nothing of what was refused, read, or not there to be deleted', async () => {
    await outcomeOf(
      table.client.send(put({ pk: 'u-ann', sk: 'A' }, { ConditionExpression: 'attribute_exists(pk)' })),
    );
    await outcomeOf(
      table.client.send(
        transact([
          putIn({ pk: 'u-ann', sk: 'A' }),
          putIn({ pk: 'u-ann', sk: 'B' }, { ConditionExpression: 'attribute_exists(pk)' }),
        ]),
      ),
    );
    await table.client.send(remove('u-ann', 'A'));

    expect(await table.streamed()).toEqual([]);
  });

  it('tells every write of a transaction', async () => {
    await table.client.send(transact(['A', 'B', 'C'].map((sk) => putIn({ pk: 'u-ann', sk }))));

    const streamed = await table.streamed();

    expect(streamed.map(({ eventName, Keys: keys }) => ({ eventName, keys }))).toEqual(
      ['A', 'B', 'C'].map((sk) => ({ eventName: 'INSERT', keys: { ...Keys, sk: { S: sk } } })),
    );
  });
});
