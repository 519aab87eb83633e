import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { startDynamoDb } from '../../../../infra/local/aws/dynamodb.ts';
import { localAwsEnv } from '../../../../infra/local/aws/environment.ts';
import { openStreams } from '../../../../infra/local/aws/event-sources/streams-api.ts';
import { ensureTable } from '../../../../infra/local/aws/table.ts';
import { documentClient, type LedgerClient } from '../../../../shared/ledger/dynamodb/document-client.ts';
import { ledgerTable } from '../../../../shared/ledger/dynamodb/table.ts';
import { memoryDynamoDb } from '../../../../simulation/aws/dynamodb/memory-dynamodb.ts';

export const TABLE = 'ledger';
export const NOW = Date.parse('2026-11-20T12:00:00Z');

/** What both tables tell of a write in their streams, whatever else the records hold. */
export interface StreamedWrite {
  readonly eventName: unknown;
  readonly Keys: unknown;
  readonly NewImage: unknown;
  readonly OldImage: unknown;
}

export interface TableUnderTest {
  readonly client: LedgerClient;
  /** All writes so far that changed something, in their order. */
  streamed(): Promise<readonly StreamedWrite[]>;
  stop(): Promise<void>;
}

const streamedWrite = (record: {
  readonly eventName?: unknown;
  readonly dynamodb?:
    | { readonly Keys?: unknown; readonly NewImage?: unknown; readonly OldImage?: unknown }
    | undefined;
}): StreamedWrite => ({
  eventName: record.eventName,
  Keys: record.dynamodb?.Keys,
  NewImage: record.dynamodb?.NewImage,
  OldImage: record.dynamodb?.OldImage,
});

const inMemory = async (): Promise<TableUnderTest> => {
  const { client, stream } = memoryDynamoDb({ table: ledgerTable(TABLE), now: () => NOW });
  return {
    client,
    streamed: async () => stream.since(undefined).map(streamedWrite),
    stop: async () => {},
  };
};

const PAGE = 1_000;

const embedded = async (): Promise<TableUnderTest> => {
  const database = await startDynamoDb();
  const client: DynamoDBDocumentClient = documentClient(localAwsEnv({ dynamodb: database.endpoint }));
  const { streamArn } = await ensureTable(client, ledgerTable(TABLE));
  const streams = openStreams(database.endpoint);
  return {
    client,
    streamed: async () => {
      const [shard] = await streams.shards(streamArn);
      if (shard === undefined) throw new Error('the stream has no shard');
      const found: StreamedWrite[] = [];
      let from: string | undefined = await streams.iterator(streamArn, shard.id, 'TRIM_HORIZON');
      while (from !== undefined) {
        const page = await streams.records(from, PAGE);
        found.push(...page.records.map(streamedWrite));
        from = page.records.length === 0 ? undefined : page.next;
      }
      return found;
    },
    stop: async () => {
      streams.close();
      client.destroy();
      await database.stop();
    },
  };
};

export const TABLES = [
  { name: 'the memory table', open: inMemory },
  { name: 'the embedded table', open: embedded },
] as const;

type Rest<T> = Omit<T, 'TableName' | 'Key' | 'Item'>;

/** Commands with the least words. */
export const put = (Item: Record<string, unknown>, rest: Partial<Rest<PutCommand['input']>> = {}) =>
  new PutCommand({ TableName: TABLE, Item, ...rest });

export const get = (pk: string, sk: string) =>
  new GetCommand({ TableName: TABLE, Key: { pk, sk }, ConsistentRead: true });

export const remove = (pk: string, sk: string, rest: Partial<Rest<DeleteCommand['input']>> = {}) =>
  new DeleteCommand({ TableName: TABLE, Key: { pk, sk }, ...rest });

export const update = (
  pk: string,
  sk: string,
  UpdateExpression: string,
  rest: Partial<Rest<UpdateCommand['input']>> = {},
) => new UpdateCommand({ TableName: TABLE, Key: { pk, sk }, UpdateExpression, ...rest });

export const query = (rest: Rest<QueryCommandInput>) => new QueryCommand({ TableName: TABLE, ...rest });

export const transact = (
  TransactItems: TransactWriteCommandInput['TransactItems'],
  ClientRequestToken?: string,
) =>
  new TransactWriteCommand({
    TransactItems,
    ...(ClientRequestToken === undefined ? {} : { ClientRequestToken }),
  });

export const putIn = (Item: Record<string, unknown>, rest: Partial<Rest<PutCommand['input']>> = {}) => ({
  Put: { TableName: TABLE, Item, ...rest },
});

const NAME = /#(\w+)/g;
/** An expression's names, each standing for itself, beside its values. */
export const words = (expression: string, values?: Readonly<Record<string, unknown>>) => {
  const names = Object.fromEntries([...expression.matchAll(NAME)].map(([sign, name]) => [sign, name ?? '']));
  return {
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
  };
};

/** What a call ended with, in what both tables share: the answer, or the error's name with what it carries. */
export const outcomeOf = async (call: Promise<object>): Promise<Record<string, unknown>> => {
  try {
    const { $metadata: _, ...answer } = { $metadata: undefined, ...(await call) };
    return answer;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { Item, CancellationReasons } = { Item: undefined, CancellationReasons: undefined, ...error };
    return {
      refused: error.name,
      ...(Item === undefined ? {} : { Item }),
      ...(CancellationReasons === undefined ? {} : { CancellationReasons }),
    };
  }
};
