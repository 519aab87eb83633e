import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createHandler } from '../../functions/notify/handler.ts';
import { localAwsEnv } from '../../infra/local/aws/environment.ts';
import { startStreamSource } from '../../infra/local/aws/event-sources/stream-source.ts';
import { contextOf } from '../../infra/local/aws/lambda.ts';
import { startSecretsManager } from '../../infra/local/aws/secrets-manager.ts';
import { type LogLine, localHost } from '../../infra/local/local-host.ts';
import { openRows } from '../../infra/local/state/rows.ts';
import { addressName } from '../../shared/notification/address.ts';
import { type Channel, zChannel } from '../../shared/notification/channel.ts';
import { NOTICED_CHANGES } from '../../shared/notification/dynamodb/changes.ts';
import { dynamoOutbox } from '../../shared/notification/dynamodb/outbox.ts';
import { type Post, post } from '../../shared/notification/http/post.ts';
import type { TopicClient } from '../../shared/notification/sns/topic.ts';
import { SECOND } from '../../shared/time/clock.ts';
import { embeddedTable } from '../ledger/embedded-table.ts';

/** In it a receiver may be on this machine. */
const STAGE = 'local';
export const SIGNING_KEY = 'canary-signing-key-0123456789abcdef';

export interface CallOptions {
  /** Of a process that dies, or whose requests are seen. */
  readonly client?: DynamoDBDocumentClient;
  readonly post?: Post;
  readonly topics?: TopicClient;
  readonly remainingMs?: number;
}

/** The notify function on a real table, with a real vault. */
export const openNotifyWorld = async () => {
  const table = await embeddedTable();
  const { clock } = table;
  const secrets = await startSecretsManager({ clock });
  const endpoint = await table.client.config.endpoint?.();
  const database = `http://127.0.0.1:${endpoint?.port}`;
  const env = localAwsEnv({ dynamodb: database, secretsManager: secrets.endpoint });
  const vault = new SecretsManagerClient({
    region: 'us-east-1',
    endpoint: secrets.endpoint,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const lines: LogLine[] = [];
  let channels: Channel[] = [];
  const rows = openRows();

  const call = async (event: unknown, options: CallOptions = {}): Promise<unknown> => {
    const host = localHost({
      env: {
        ...env,
        NIJA_STAGE: STAGE,
        NIJA_TABLE: table.table,
        NIJA_NOTIFY_CHANNELS: JSON.stringify(channels),
      },
      clock,
      chance: table.chance,
      write: (line) => lines.push(line),
    });
    const handler = createHandler({
      ...host,
      clients: {
        documents: options.client ?? table.client,
        post: options.post ?? post,
        ...(options.topics === undefined ? {} : { topics: options.topics }),
      },
    });
    return await handler(
      event,
      contextOf('notify', 'r-1', () => options.remainingMs ?? 60 * SECOND),
    );
  };

  /** What the event source of a deployment would have delivered since the last time. */
  const streamed = async (): Promise<readonly { readonly Records: readonly unknown[] }[]> => {
    const described = await table.client.send(new DescribeTableCommand({ TableName: table.table }));
    const events: { Records: readonly unknown[] }[] = [];
    const source = await startStreamSource({
      endpoint: database,
      streamArn: described.Table?.LatestStreamArn ?? '',
      fn: {
        name: 'notify',
        timeoutMs: 10 * SECOND,
        handler: async (event: { Records: unknown[] }) => {
          events.push(event);
        },
      },
      clock: { ...clock, at: () => () => undefined },
      rows,
      filters: NOTICED_CHANGES,
      batchSize: 100,
      report: () => undefined,
    });
    await source.settle();
    await source.stop();
    return events;
  };
  return {
    table,
    clock,
    lines,
    env,
    outbox: dynamoOutbox(table),
    call,
    streamed,
    /** Hands over what the ledger has told since the last time. */
    hear: async (options: CallOptions = {}): Promise<void> => {
      for (const event of await streamed()) await call(event, options);
    },
    pass: (ms: number): void => clock.set(clock.now() + ms),
    /** The channels of the stage from now on. */
    open: (...opened: readonly Record<string, unknown>[]): void => {
      channels = opened.map((channel) => zChannel.parse(channel));
    },
    store: async (channel: string, address: Readonly<Record<string, unknown>>): Promise<void> => {
      const Name = addressName(STAGE, channel);
      await vault.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(address) }));
    },
    metrics: (name: string) => lines.filter(({ level, message }) => level === 'metric' && message === name),
    stop: async (): Promise<void> => {
      rows.close();
      vault.destroy();
      await secrets.stop();
      await table.stop();
    },
  };
};
export type NotifyWorld = Awaited<ReturnType<typeof openNotifyWorld>>;
