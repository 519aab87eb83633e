import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../../infra/local/aws/environment.ts';
import { startSecretsManager } from '../../../infra/local/aws/secrets-manager.ts';
import { ensureTable } from '../../../infra/local/aws/table.ts';
import { operatorVault } from '../../../infra/local/operator-vault.ts';
import { awsClientConfig } from '../../../shared/aws/client-config.ts';
import { documentClient } from '../../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../../shared/ledger/dynamodb/table.ts';
import { systemClock } from '../../../shared/time/system-clock.ts';
import { deployed } from './deployed.ts';
import type { Relays } from './relay.ts';
import { relaysFor } from './routed-runtime.ts';

const STAGE = 'local';
const TABLE = 'ledger';

let stops: (() => Promise<void> | void)[] = [];
let relays: Relays;
let env: Readonly<Record<string, string>>;
/** The table as the exit function reaches it, and as an operator does. */
let exit: DynamoDBDocumentClient;
let operator: DynamoDBDocumentClient;

beforeAll(async () => {
  const database = await startDynamoDb();
  const secrets = await startSecretsManager({ clock: systemClock });
  env = localAwsEnv({ dynamodb: database.endpoint, secretsManager: secrets.endpoint });
  operator = documentClient(env);
  await ensureTable(operator, ledgerTable(TABLE));
  const vault = operatorVault(env, STAGE);
  for (const accountId of ['u-ann', 'm-apex']) await vault.store(accountId, { apiKey: 'k', apiSecret: 's' });
  relays = await relaysFor(deployed(STAGE));
  exit = documentClient(relays.route('exit', env));
  stops = [
    () => exit.destroy(),
    () => operator.destroy(),
    () => vault.stop(),
    relays.stop,
    secrets.stop,
    database.stop,
  ];
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const itemOf = (pk: string) => ({ pk, sk: 'PROFILE' });
const get = async (pk: string) => await exit.send(new GetCommand({ TableName: TABLE, Key: itemOf(pk) }));
const DENIED = { name: 'AccessDeniedException' };

beforeEach(async () => {
  for (const pk of ['u-ann', 'm-apex', 'control']) {
    await operator.send(new PutCommand({ TableName: TABLE, Item: { ...itemOf(pk), version: 1 } }));
  }
});

test('what the role allows is answered by the service itself', async () => {
  const answer = await get('u-ann');

  expect(answer.Item).toEqual({ ...itemOf('u-ann'), version: 1 });
  expect(relays.asked.at(-1)).toMatchObject({
    function: 'exit',
    action: 'dynamodb:GetItem',
    leadingKeys: ['u-ann'],
    allowed: true,
  });
});

test.each([
  'm-apex',
  'control',
  'x',
])('an item of %s is refused as AWS refuses it, and it is kept', async (pk) => {
  await expect(get(pk)).rejects.toMatchObject(DENIED);

  expect(relays.refused.at(-1)).toMatchObject({
    function: 'exit',
    action: 'dynamodb:GetItem',
    leadingKeys: [pk],
  });
});

test('a batch with one key that is not allowed is refused whole', async () => {
  const batch = new BatchGetCommand({
    RequestItems: { [TABLE]: { Keys: [itemOf('u-ann'), itemOf('m-apex')] } },
  });

  await expect(exit.send(batch)).rejects.toMatchObject(DENIED);

  expect(relays.refused.at(-1)).toMatchObject({
    action: 'dynamodb:BatchGetItem',
    leadingKeys: ['u-ann', 'm-apex'],
  });
});

test('a transaction with one item that is not allowed writes nothing', async () => {
  const transaction = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName: TABLE, Item: { ...itemOf('u-ann'), version: 2 } } },
      { Delete: { TableName: TABLE, Key: itemOf('u-bob') } },
    ],
  });

  await expect(exit.send(transaction)).rejects.toMatchObject(DENIED);

  expect((await get('u-ann')).Item).toMatchObject({ version: 1 });
});

test('a query is judged by the partition of the index that it names', async () => {
  const query = (index: string | undefined, attribute: string, value: string) =>
    exit.send(
      new QueryCommand({
        TableName: TABLE,
        ...(index === undefined ? {} : { IndexName: index }),
        KeyConditionExpression: '#key = :value',
        ExpressionAttributeNames: { '#key': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );

  await expect(query(undefined, 'pk', 'u-ann')).resolves.toMatchObject({ Count: 1 });
  await expect(query('lsi1', 'pk', 'u-ann')).resolves.toMatchObject({ Count: 0 });
  await expect(query('lsi1', 'pk', 'm-apex')).rejects.toMatchObject(DENIED);
  await expect(query('gsi1', 'gsi1pk', 'u-ann')).rejects.toMatchObject(DENIED);
});

test('a scan is refused', async () => {
  await expect(exit.send(new ScanCommand({ TableName: TABLE }))).rejects.toMatchObject(DENIED);
});

test('a user function reads a user’s secret and no master’s', async () => {
  const client = new SecretsManagerClient(awsClientConfig(relays.route('exit', env), 'SECRETS_MANAGER'));
  const read = (name: string) =>
    client.send(new GetSecretValueCommand({ SecretId: `nija/${STAGE}/${name}` }));

  await expect(read('user/u-ann')).resolves.toMatchObject({ Name: 'nija/local/user/u-ann' });
  await expect(read('master/m-apex')).rejects.toMatchObject(DENIED);
  client.destroy();
});
