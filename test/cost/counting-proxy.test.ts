import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CountingProxy, startCountingProxy } from '../../infra/cost/measuring/counting-proxy.ts';
import { type LocalDynamoDb, startDynamoDb } from '../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { ensureTable } from '../../infra/local/aws/table.ts';
import { documentClient } from '../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../shared/ledger/dynamodb/table.ts';

const TableName = 'ledger';
const CALLER = 'nija-somebody';
const KB = 1_024;

let database: LocalDynamoDb;
let proxy: CountingProxy;
let client: DynamoDBDocumentClient;
beforeAll(async () => {
  database = await startDynamoDb();
  const direct = documentClient(localAwsEnv({ dynamodb: database.endpoint }));
  await ensureTable(direct, ledgerTable(TableName));
  direct.destroy();
  proxy = await startCountingProxy(() => database.endpoint, 0);
  client = documentClient(localAwsEnv({ dynamodb: proxy.url }, CALLER));
});
afterAll(async () => {
  client.destroy();
  await proxy.stop();
  await database.stop();
});

let items = 0;
const newKey = () => {
  items += 1;
  return { pk: `u-${items}`, sk: 'ITEM' };
};
const put = async (key: object, more: object = {}): Promise<void> => {
  await client.send(new PutCommand({ TableName, Item: { ...key, ...more } }));
};
beforeEach(() => {
  proxy.take(CALLER);
});

describe('the proxy counts', () => {
  it('a small item that is written and read as one unit each', async () => {
    const Key = newKey();
    await put(Key);
    const answer = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));

    expect(answer.Item).toEqual(Key);
    expect(proxy.take(CALLER)).toMatchObject({
      requests: { 'dynamodb.PutItem': 1, 'dynamodb.GetItem': 1 },
      writeUnits: 1,
      readUnits: 1,
      storedBytes: 100 + 'pku-1skITEM'.length,
    });
  });

  it('an update by the item that comes of it', async () => {
    const Key = newKey();
    await put(Key, { text: 'x'.repeat(3 * KB) });
    proxy.take(CALLER);

    await client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': 1 },
      }),
    );

    expect(proxy.take(CALLER)).toMatchObject({ writeUnits: 4, storedBytes: 3 });
  });

  it('a transaction twice, with an entry in an index', async () => {
    const followed = { gsi1pk: 'followers#m-1', gsi1sk: 'u-1' };
    await client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: newKey() } },
          { Put: { TableName, Item: { ...newKey(), ...followed } } },
        ],
      }),
    );

    expect(proxy.take(CALLER)).toMatchObject({
      requests: { 'dynamodb.TransactWriteItems': 1 },
      writeUnits: 2 * (1 + 2),
    });
  });

  it('a refused write, too', async () => {
    const Key = newKey();
    await put(Key, { text: 'x'.repeat(KB) });
    proxy.take(CALLER);
    const again = new PutCommand({ TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)' });

    await expect(client.send(again)).rejects.toThrow('conditional request failed');
    expect(proxy.take(CALLER)).toMatchObject({ writeUnits: 2, storedBytes: 0 });
  });

  it('each key of a batch alone, found or not', async () => {
    const [one, absent] = [newKey(), newKey()];
    await put(one, { text: 'x'.repeat(5 * KB) });
    proxy.take(CALLER);

    await client.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [one, absent], ConsistentRead: true } } }),
    );

    expect(proxy.take(CALLER)).toMatchObject({ requests: { 'dynamodb.BatchGetItem': 1 }, readUnits: 2 + 1 });
  });

  it('the items of a query together, at half in an index', async () => {
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'u-many' },
    };
    for (const sk of ['1', '2', '3']) await put({ pk: 'u-many', sk }, { text: 'x'.repeat(2 * KB) });
    proxy.take(CALLER);

    await client.send(new QueryCommand({ ...query, ConsistentRead: true }));
    const ofTable = proxy.take(CALLER);
    await client.send(
      new QueryCommand({
        TableName,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :pk',
        ExpressionAttributeValues: { ':pk': 'followers#m-none' },
      }),
    );

    expect(ofTable.readUnits).toBe(2);
    expect(proxy.take(CALLER).readUnits).toBe(0.5);
  });

  it('for each caller apart', async () => {
    await put(newKey());

    expect(proxy.take('nija-another')).toMatchObject({ requests: {}, writeUnits: 0 });
    expect(proxy.take(CALLER)).toMatchObject({ writeUnits: 1 });
  });
});
