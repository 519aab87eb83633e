import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Reaction } from './reception.ts';
import type { Answer, Call } from './respond.ts';

export interface ServerOptions {
  /** Real milliseconds that every answer takes. */
  readonly latencyMs: number;
  /** 0: any free one. */
  readonly port: number;
  /** What comes of a request. */
  readonly receive: (call: Call) => Reaction;
}

const MOST_BODY_BYTES = 100_000;

const read = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MOST_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** The exchange on a socket: 127.0.0.1 only. */
export class KrakenServer {
  readonly #options: ServerOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #server: Server | undefined;
  #port: number;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** @throws Error before the first start */
  get url(): string {
    if (this.#port === 0) throw new Error('the Kraken simulator has no address yet: call start() first');
    return `http://127.0.0.1:${this.#port}`;
  }

  /** After a stop it starts again on the same port. @throws Error when the port is taken */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        // A caller that hangs up is its own business; anything else is a defect that must not pass unseen.
        if (request.destroyed || response.destroyed) return;
        response.destroy();
        queueMicrotask(() => {
          throw error;
        });
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'EADDRINUSE'
            ? new Error(
                `the Kraken simulator cannot start: port ${this.#port} on 127.0.0.1 is taken; stop what uses it or choose another port`,
              )
            : error,
        );
      });
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address !== 'string') this.#port = address.port;
    this.#server = server;
  }

  /** Hangs up on everybody, also on those who wait for an answer that a fault withholds. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
      server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = await read(request);
    if (body === undefined) {
      response.writeHead(413).end();
      return;
    }
    const call: Call = {
      path: url.pathname,
      query: url.searchParams,
      body,
      isJson: (header(request, 'content-type') ?? '').includes('application/json'),
      apiKey: header(request, 'api-key'),
      signature: header(request, 'api-sign'),
      address: request.socket.remoteAddress ?? '',
    };
    const half = this.#options.latencyMs / 2;
    this.#after(half, () => this.#react(this.#options.receive(call), response, half));
  }

  #react(reaction: Reaction, response: ServerResponse, wayBackMs: number): void {
    switch (reaction.kind) {
      case 'ANSWER':
        this.#after(reaction.afterMs + wayBackMs, () => this.#send(response, reaction.answer));
        return;
      case 'LATER':
        this.#after(reaction.afterMs, () => {
          const answer = reaction.carryOut();
          this.#after(wayBackMs, () => this.#send(response, answer));
        });
        return;
      case 'SILENCE':
        return;
      case 'HANG_UP':
        response.destroy();
        return;
    }
  }

  #send(response: ServerResponse, answer: Answer): void {
    if (response.destroyed) return;
    const body = Buffer.from(answer.body, 'utf8');
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': body.length,
    });
    response.end(body);
  }

  #after(ms: number, run: () => void): void {
    if (ms <= 0) {
      run();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}
