import { Agent, request } from 'node:http';
import * as z from 'zod';
import { LOCAL_REGION } from '../environment.ts';

const zRecord = z.looseObject({
  eventID: z.string(),
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.looseObject({
    SequenceNumber: z.string(),
    Keys: z.unknown(),
    NewImage: z.unknown().optional(),
    OldImage: z.unknown().optional(),
  }),
});
export type RawRecord = z.infer<typeof zRecord>;

const zPage = z.object({ Records: z.array(zRecord), NextShardIterator: z.string().optional() });
const zShards = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.string().optional() })),
    LastEvaluatedShardId: z.string().optional(),
  }),
});
const zIterator = z.object({ ShardIterator: z.string() });
const zFailure = z.looseObject({ __type: z.string().optional(), message: z.string().optional() });

export class StreamsError extends Error {
  override readonly name = 'StreamsError';
}

export interface Shard {
  readonly id: string;
  readonly parent: string | undefined;
}

/**
 * DynamoDB Streams without the SDK: its answers are already the JSON that Lambda hands to functions, and
 * this path is taken many times a second. Every method may throw a StreamsError.
 */
export interface StreamsApi {
  shards(streamArn: string): Promise<readonly Shard[]>;
  /** After a sequence number, or at an end of what the stream has. */
  iterator(
    streamArn: string,
    shardId: string,
    from: { readonly after: string } | 'TRIM_HORIZON' | 'LATEST',
  ): Promise<string>;
  /** No `next` when the shard is closed and read to its end. */
  records(
    iterator: string,
    limit: number,
  ): Promise<{ readonly records: readonly RawRecord[]; readonly next: string | undefined }>;
  close(): void;
}

export const openStreams = (endpoint: string): StreamsApi => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const call = async <T>(name: string, input: object, schema: z.ZodType<T>): Promise<T> => {
    const { status, body } = await post(endpoint, agent, name, input);
    let answer: unknown;
    try {
      answer = JSON.parse(body);
    } catch (error) {
      throw new StreamsError(`${name} was answered with something that is not JSON (status ${status})`, {
        cause: error,
      });
    }
    if (status === 200) return schema.parse(answer);
    const failure = zFailure.safeParse(answer).data;
    throw new StreamsError(`${name} failed with status ${status}: ${failure?.__type} ${failure?.message}`);
  };

  return {
    shards: async (streamArn) => {
      const found: Shard[] = [];
      let after: string | undefined;
      do {
        const input = { StreamArn: streamArn, ...(after !== undefined && { ExclusiveStartShardId: after }) };
        const { StreamDescription: page } = await call('DescribeStream', input, zShards);
        found.push(...page.Shards.map((shard) => ({ id: shard.ShardId, parent: shard.ParentShardId })));
        after = page.LastEvaluatedShardId;
      } while (after !== undefined);
      return found;
    },
    iterator: async (streamArn, shardId, from) => {
      const position =
        typeof from === 'string'
          ? { ShardIteratorType: from }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: from.after };
      const input = { StreamArn: streamArn, ShardId: shardId, ...position };
      return (await call('GetShardIterator', input, zIterator)).ShardIterator;
    },
    records: async (iterator, limit) => {
      const page = await call('GetRecords', { ShardIterator: iterator, Limit: limit }, zPage);
      return { records: page.Records, next: page.NextShardIterator };
    },
    close: () => agent.destroy(),
  };
};

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=nijalocal/20260101/${LOCAL_REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;

const post = (
  endpoint: string,
  agent: Agent,
  name: string,
  input: object,
): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const payload = JSON.stringify(input);
    const outgoing = request(
      endpoint,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': Buffer.byteLength(payload),
          'x-amz-target': `DynamoDBStreams_20120810.${name}`,
          // Emulators want to see a signature, and check none.
          authorization: AUTHORIZATION,
          'x-amz-date': '20260101T000000Z',
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('error', (error) =>
      reject(new StreamsError(`${name} had no answer: ${error.message}`, { cause: error })),
    );
    outgoing.end(payload);
  });
