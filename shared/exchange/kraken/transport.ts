import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

/** What came back, unread: the HTTP status and the body as text. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * NEVER_OPENED: no connection came about, so not one byte of the request left. TIMEOUT and BROKEN: the
 * connection was open, so the exchange may have acted. STALE: a kept-alive connection, already closed by the
 * other side, broke before any answer; the exchange may have acted too.
 */
export type TransportFailureKind = 'NEVER_OPENED' | 'TIMEOUT' | 'BROKEN' | 'STALE';

/** A request without a complete answer. Carries neither URL, headers nor body. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';
  readonly kind: TransportFailureKind;

  constructor(kind: TransportFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly timeoutMs: number;
}

/** One request, one attempt. @throws TransportFailure when no complete answer came within `timeoutMs` */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

// Shared by all accounts of the process: connections carry no identity, each request signs for itself.
const plainAgent = new PlainAgent({ keepAlive: true, maxFreeSockets: 64 });
const secureAgent = new SecureAgent({ keepAlive: true, maxFreeSockets: 64 });

const errorCode = (error: Error): string =>
  'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{1,40}$/.test(error.code)
    ? error.code
    : 'no code';

const readBody = (response: IncomingMessage, done: (body: string) => void): void => {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
};

/** Over the network; redirects are answers like any other. */
export const send: Transport = (input) =>
  new Promise((resolve, reject) => {
    const secure = input.url.startsWith('https:');
    let opened = false;
    let answered = false;
    const request = (secure ? secureRequest : plainRequest)(input.url, {
      method: input.method,
      agent: secure ? secureAgent : plainAgent,
      headers: {
        Accept: 'application/json',
        'User-Agent': 'nija',
        ...input.headers,
        ...(input.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(input.body)) }),
      },
    });
    const fail = (kind: TransportFailureKind, message: string): void => {
      clearTimeout(timer);
      reject(new TransportFailure(opened ? kind : 'NEVER_OPENED', message));
      request.destroy();
    };
    const failedBy = (error: Error): void => {
      const stale = request.reusedSocket && !answered;
      fail(stale ? 'STALE' : 'BROKEN', `the connection ${opened ? 'broke' : 'failed'} (${errorCode(error)})`);
    };
    const timer = setTimeout(
      () => fail('TIMEOUT', `${opened ? 'no answer' : 'no connection'} within ${input.timeoutMs} ms`),
      input.timeoutMs,
    );
    request.on('socket', (socket) => {
      if (request.reusedSocket) opened = true;
      else {
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          opened = true;
        });
      }
    });
    request.on('error', failedBy);
    request.on('response', (response) => {
      answered = true;
      response.on('error', failedBy);
      readBody(response, (body) => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.end(input.body);
  });
