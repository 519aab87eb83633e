import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FaultSpec } from './faults.ts';
import { type Answer, type Call, respond } from './respond.ts';
import type { World } from './world.ts';

export interface ServerOptions {
  /** Real milliseconds that every answer takes. */
  readonly latencyMs: number;
  /** 0: any free one. */
  readonly port: number;
  /** Told of every request that arrives, faults or not. */
  readonly onRequest: (apiKey: string | undefined, endpoint: string) => void;
}

const MOST_BODY_BYTES = 100_000;
const PAGE_BODY =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Cloudflare</body></html>';

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
  readonly #world: World;
  readonly #options: ServerOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #server: Server | undefined;
  #port: number;

  constructor(world: World, options: ServerOptions) {
    this.#world = world;
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
    const endpoint = url.pathname.split('/').at(-1) ?? '';
    this.#options.onRequest(call.apiKey, endpoint);
    const accountId = call.apiKey === undefined ? undefined : this.#world.keys.get(call.apiKey)?.accountId;
    const fault = this.#world.faults.hit({ apiKey: call.apiKey, accountId, endpoint });
    const half = this.#options.latencyMs / 2;
    this.#after(half, () => {
      const send = (answer: Answer): void => this.#after(half, () => this.#send(response, answer));
      if (fault === undefined) send(respond(this.#world, call));
      else this.#fail(fault, call, response, send);
    });
  }

  #fail(fault: FaultSpec, call: Call, response: ServerResponse, send: (answer: Answer) => void): void {
    const accepted = (): Answer | undefined =>
      fault.accept === true ? respond(this.#world, call) : undefined;
    const html = (status: number): Answer => ({ status, type: 'text/html', body: PAGE_BODY });
    switch (fault.kind) {
      case 'TIMEOUT_BEFORE':
        return;
      case 'TIMEOUT_AFTER':
        respond(this.#world, call);
        return;
      case 'RESET_BEFORE':
        response.destroy();
        return;
      case 'RESET_AFTER':
        respond(this.#world, call);
        response.destroy();
        return;
      case 'HTTP_5XX':
      case 'HTTP_520':
        accepted();
        send(html(fault.kind === 'HTTP_520' ? 520 : (fault.status ?? 503)));
        return;
      case 'HTML':
        accepted();
        send(html(200));
        return;
      case 'EMPTY':
        accepted();
        send({ status: 200, type: 'application/json', body: '' });
        return;
      case 'EMPTY_RESULT':
        accepted();
        send({ status: 200, type: 'application/json', body: '{"error":[]}' });
        return;
      case 'TRUNCATED': {
        const whole = accepted()?.body ?? '{"error":[],"result":{"descr":{"order":""}}}';
        send({ status: 200, type: 'application/json', body: whole.slice(0, Math.ceil(whole.length / 2)) });
        return;
      }
      case 'SLOW': {
        const answer = respond(this.#world, call);
        this.#after(fault.ms ?? 1000, () => send(answer));
        return;
      }
      case 'LATE':
        this.#after(fault.ms ?? 1000, () => send(respond(this.#world, call)));
        return;
      case 'ERROR_TEXT':
        accepted();
        send({
          status: fault.status ?? 200,
          type: 'application/json',
          body: JSON.stringify({ error: [fault.text ?? 'EGeneral:Internal error'] }),
        });
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
