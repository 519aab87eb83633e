import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../../infra/local/aws/environment.ts';

const client = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

const createTable = (db: DynamoDBClient) =>
  db.send(
    new CreateTableCommand({
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
};

describe('the embedded DynamoDB', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nija-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('keeps what was written in its file from one run to the next', async () => {
    const file = join(folder, 'kept', 'ledger.db');
    const first = await startDynamoDb({ file });
    const before = client(first.endpoint);
    await createTable(before);
    await before.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'a' } } }));
    await first.stop();

    const second = await startDynamoDb({ file });
    const found = await client(second.endpoint).send(
      new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'a' } } }),
    );
    await second.stop();

    expect(found.Item).toEqual({ pk: { S: 'a' } });
  });

  it('is gone after stop', async () => {
    const db = await startDynamoDb();
    const before = await answers(db.endpoint);

    await db.stop();

    expect([before, await answers(db.endpoint)]).toEqual([true, false]);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('does not outlive a process ended by %s', async (signal) => {
    const module = new URL('../../../infra/local/aws/dynamodb.ts', import.meta.url).href;
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startDynamoDb } from '${module}';
         console.log((await startDynamoDb()).endpoint);
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const endpoint = line.toString().trim();
    const before = await answers(endpoint);

    parent.kill(signal);
    await once(parent, 'exit');
    await expect.poll(() => answers(endpoint), { timeout: 10_000, interval: 20 }).toBe(false);

    expect(before).toBe(true);
  });

  it('says that a port is taken, and which', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const address = occupant.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;

    const start = startDynamoDb({ port });

    await expect(start).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
    occupant.close();
  });

  it('refuses a file that is no database, and leaves it as it was', async () => {
    const file = join(folder, 'broken.db');
    await writeFile(file, 'these are not the bytes of a database'.repeat(200));

    const start = startDynamoDb({ file });

    await expect(start).rejects.toThrow(`damaged. Restore it from a copy`);
    expect(existsSync(file)).toBe(true);
  });

  it('is reached by SDK clients through the standard variables alone', async () => {
    const db = await startDynamoDb();
    const env = localAwsEnv({ dynamodb: db.endpoint, sqs: 'http://127.0.0.1:1' }, 'copy-worker');

    expect(env).toEqual({
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'copy-worker',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_DYNAMODB: db.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB_STREAMS: db.endpoint,
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
    });
    await db.stop();
  });
});
