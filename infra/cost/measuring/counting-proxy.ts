import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { type WireItem, zWireItem } from '../dynamodb-units.ts';
import {
  type ItemKey,
  mustKnow,
  NO_USAGE,
  plusUsage,
  readUnitsOf,
  type Usage,
  usageOfWrites,
  writtenBy,
} from './aws-usage.ts';

/** AWS services by the prefix of their `x-amz-target`. */
const SERVICES = {
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AmazonSQS: 'sqs',
} as const;
export type Service = (typeof SERVICES)[keyof typeof SERVICES];

export interface CountingProxy {
  readonly url: string;
  /** What this access key id used since the last call. */
  take(caller: string): Usage;
  stop(): Promise<void>;
}

interface Forwarded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const PASSED_ON = /^(content-type|authorization|x-amz-.*|amz-sdk-.*)$/;

/**
 * Stands before the local AWS endpoints and counts what goes through. A write's item is read before and
 * after, past the count, because its units depend on both.
 *
 * @param answerMs no answer is given earlier, as it would not over a network
 */
export const startCountingProxy = async (
  upstream: (service: Service) => string,
  answerMs: number,
): Promise<CountingProxy> => {
  const used = new Map<string, Usage>();

  const forward = async (
    service: Service,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Forwarded> => {
    const answer = await fetch(upstream(service), { method: 'POST', headers, body });
    const passed = [...answer.headers].filter(([name]) => PASSED_ON.test(name) || name.startsWith('x-amzn-'));
    return { status: answer.status, headers: Object.fromEntries(passed), body: await answer.text() };
  };

  const itemAt = async (
    { table, key }: ItemKey,
    headers: Readonly<Record<string, string>>,
  ): Promise<WireItem | undefined> => {
    const body = JSON.stringify({ TableName: table, Key: key, ConsistentRead: true });
    const target = { ...headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' };
    const answer = await forward('dynamodb', target, body);
    return z.object({ Item: zWireItem.optional() }).parse(JSON.parse(answer.body)).Item;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const earliest = performance.now() + answerMs;
    const body = await textOf(request);
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && PASSED_ON.test(name) ? [[name, value]] : [],
      ),
    );
    const { service, operation } = targetOf(headers['x-amz-target']);
    const input: unknown = JSON.parse(body);
    if (service === 'dynamodb') mustKnow(operation);
    const written = service === 'dynamodb' ? writtenBy(operation, input) : [];
    const before = await Promise.all(written.map((item) => itemAt(item, headers)));
    const answer = await forward(service, headers, body);
    const after = await Promise.all(written.map((item) => itemAt(item, headers)));
    const items = before.map((item, index) => ({ before: item, after: after[index] }));
    const read =
      service === 'dynamodb' && answer.status === 200
        ? readUnitsOf(operation, input, JSON.parse(answer.body))
        : 0;
    const usage = {
      requests: { [`${service}.${operation}`]: 1 },
      readUnits: read,
      ...usageOfWrites(operation, items),
    };
    const caller = callerOf(headers['authorization']);
    used.set(caller, plusUsage(used.get(caller) ?? NO_USAGE, usage));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, earliest - performance.now())));
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the counting proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    take: (caller) => {
      const usage = used.get(caller) ?? NO_USAGE;
      used.delete(caller);
      return usage;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

const targetOf = (target: string | undefined): { readonly service: Service; readonly operation: string } => {
  const [prefix = '', operation = ''] = (target ?? '').split('.');
  const service = Object.entries(SERVICES).find(([known]) => known === prefix)?.[1];
  if (service === undefined)
    throw new Error(`a request to a service that is not counted (given x-amz-target '${target}')`);
  return { service, operation };
};

const callerOf = (authorization: string | undefined): string =>
  /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1] ?? 'anonymous';
