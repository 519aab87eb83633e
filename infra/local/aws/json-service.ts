import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

/** An error as AWS answers it. */
export class AwsError extends Error {
  readonly code: string;
  /** The older name that query-compatible services send along. */
  readonly queryCode: string | undefined;
  readonly status: number;

  constructor(code: string, message: string, options: { status?: number; queryCode?: string } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.queryCode = options.queryCode;
    this.status = options.status ?? 400;
  }
}

export interface Caller {
  /** The access key id of the request's signature. */
  readonly accessKeyId: string;
  /** Aborts when the client has gone, or the service stops. */
  readonly signal: AbortSignal;
}

export interface Operation {
  /** What it changes is changed when this returns, also where the answer is a promise. @throws AwsError */
  run(input: unknown, caller: Caller): Promise<object> | object;
}

/** An operation whose input is checked first; `invalid` names the service's own error for bad input. */
export const operation = <S extends z.ZodType>(
  schema: S,
  invalid: string,
  run: (input: z.output<S>, caller: Caller) => Promise<object> | object,
): Operation => ({
  run: (input, caller) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw new AwsError(invalid, z.prettifyError(parsed.error));
    return run(parsed.data, caller);
  },
});

export interface JsonService {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const LARGEST_BODY = 2 * 1024 * 1024;

/**
 * One AWS JSON service on 127.0.0.1: POST requests, dispatched on `x-amz-target: <prefix>.<Operation>`.
 *
 * @throws Error when the port is taken
 */
export const startJsonService = async (options: {
  readonly prefix: string;
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly port?: number;
}): Promise<JsonService> => {
  const stopping = new AbortController();
  const type = `application/x-amz-json-${options.version}`;
  let requests = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const id = `local-${requests}`;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const caller: Caller = {
      accessKeyId: accessKeyIdOf(request),
      signal: AbortSignal.any([stopping.signal, gone.signal]),
    };
    try {
      const run = operationOf(request, options.prefix, options.operations);
      const result = await run.run(await jsonBody(request), caller);
      send(response, 200, { 'content-type': type, 'x-amzn-requestid': id }, result);
    } catch (error) {
      const known =
        error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), { status: 500 });
      const headers: Record<string, string> = { 'content-type': type, 'x-amzn-requestid': id };
      headers['x-amzn-errortype'] = known.code;
      if (known.queryCode) headers['x-amzn-query-error'] = `${known.queryCode};Sender`;
      send(response, known.status, headers, { __type: known.code, message: known.message });
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      const advice = `port ${options.port} of 127.0.0.1 is taken. Stop what uses it, or choose another port (given ${options.port})`;
      reject(
        taken
          ? new Error(`the local ${options.prefix} service cannot start: ${advice}`, { cause: error })
          : error,
      );
    });
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`the local ${options.prefix} service has no port`);

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      stopping.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setImmediate(() => server.closeAllConnections());
      });
    },
  };
};

const send = (
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: object,
): void => {
  if (response.destroyed) return;
  const payload = JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(payload) });
  response.end(payload);
};

const operationOf = (
  request: IncomingMessage,
  prefix: string,
  operations: Readonly<Record<string, Operation>>,
): Operation => {
  const target = request.headers['x-amz-target'];
  const [service, name] = typeof target === 'string' ? target.split('.') : [];
  const found = service === prefix && name !== undefined ? operations[name] : undefined;
  if (found) return found;
  throw new AwsError(
    'UnknownOperationException',
    `the local ${prefix} service has no such operation (given '${target}')`,
  );
};

const jsonBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY)
      throw new AwsError('RequestEntityTooLarge', 'the request is too large', { status: 413 });
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks, size).toString('utf8'));
  } catch (error) {
    throw new AwsError('SerializationException', `the request is not JSON: ${String(error)}`);
  }
};

const accessKeyIdOf = (request: IncomingMessage): string =>
  /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'anonymous';
