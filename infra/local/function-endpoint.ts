import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { FUNCTION_NAMES, type FunctionName } from '../functions/specs.ts';

const LARGEST_BODY = 256 * 1024;
/** What Lambda's calls begin with; all else is the page's. */
const CALLS = '/2015-03-31/';
const PATH = /^\/2015-03-31\/functions\/([a-z-]+)\/invocations$/;

/** The message says which port, and what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface FunctionEndpoint {
  readonly url: string;
  /** Of the page: `http://127.0.0.1:4600/`. */
  readonly pageUrl: string;
  stop(): Promise<void>;
}

/**
 * Lambda's Invoke call on 127.0.0.1, so that `curl` and `aws lambda invoke --endpoint-url` reach the functions, and
 * the page at every other address.
 *
 * @throws PortTaken
 */
export const startFunctionEndpoint = async (
  call: (name: FunctionName, event: unknown) => Promise<unknown>,
  page: RequestListener,
  port?: number,
): Promise<FunctionEndpoint> => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith(CALLS) !== true) {
      page(request, response);
      return;
    }
    answer(request, call).then(
      (reply) => send(response, reply),
      (error: unknown) =>
        send(response, {
          status: 500,
          body: { Message: error instanceof Error ? error.message : String(error) },
        }),
    );
  });
  await listen(server, port ?? 0);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/2015-03-31/functions/<name>/invocations`,
    pageUrl: `http://127.0.0.1:${bound}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly failed?: boolean;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortTaken(`port ${port} is taken: stop what listens there, or choose another with --port`, {
              cause: error,
            })
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });

const answer = async (
  request: IncomingMessage,
  call: (name: FunctionName, event: unknown) => Promise<unknown>,
): Promise<Reply> => {
  // Programs name no origin; a page that somebody looks at does, and no page calls functions.
  if (request.headers.origin !== undefined)
    return {
      status: 403,
      body: { Message: 'functions are called by programs, not from a page in a browser' },
    };
  const asked = PATH.exec(request.url ?? '')?.[1];
  const name = FUNCTION_NAMES.find((known) => known === asked);
  if (request.method !== 'POST' || name === undefined) {
    return {
      status: 404,
      body: {
        Message: `POST to /2015-03-31/functions/<name>/invocations with one of ${FUNCTION_NAMES.join(', ')}`,
      },
    };
  }
  const text = await bodyOf(request);
  let event: unknown;
  try {
    event = JSON.parse(text === '' ? '{}' : text);
  } catch {
    return { status: 400, body: { Message: 'the event is not JSON' } };
  }
  try {
    return { status: 200, body: await call(name, event) };
  } catch (error) {
    // As Lambda answers a function's error: status 200 and a header.
    const { name: errorType, message: errorMessage } =
      error instanceof Error ? error : new Error(String(error));
    return { status: 200, failed: true, body: { errorType, errorMessage } };
  }
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    size += part.length;
    if (size > LARGEST_BODY) throw new Error(`an event has at most ${LARGEST_BODY} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const send = (response: ServerResponse, { status, body, failed }: Reply): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(failed === true ? { 'x-amz-function-error': 'Unhandled' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
};
