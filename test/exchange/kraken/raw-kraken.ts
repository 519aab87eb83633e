import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Secret } from '../../../shared/account/credentials.ts';
import type { NonceSource, OrderToSend, PrivateSession } from '../../../shared/exchange/exchange.ts';
import { krakenExchange } from '../../../shared/exchange/kraken/kraken.ts';
import { type Market, marketSymbol } from '../../../shared/exchange/market.ts';
import { price, quantity, quote } from '../../../shared/money/money.ts';
import type { Clock } from '../../../shared/time/clock.ts';

export interface Request {
  readonly path: string;
  /** The last part of the path: `AddOrder`. */
  readonly endpoint: string;
  readonly apiKey: string | undefined;
  readonly signature: string | undefined;
  readonly body: string;
  readonly form: Readonly<Record<string, string>>;
}

/** HANG: never answers. RESET: hangs up without an answer. HALF: announces more than it sends, then hangs up. */
export type Answer =
  | { readonly status?: number; readonly body: string; readonly afterMs?: number }
  | 'HANG'
  | 'RESET'
  | 'HALF';

export const says = (...error: readonly string[]): Answer => ({ body: JSON.stringify({ error }) });
export const gives = (result: unknown): Answer => ({ body: JSON.stringify({ error: [], result }) });

/** An HTTP server that answers each request as told, and remembers it. Gone when the test ends. */
export const rawKraken = async (
  answerTo: (request: Request, count: number) => Answer,
): Promise<{ readonly url: string; readonly requests: Request[]; readonly server: Server }> => {
  const requests: Request[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
      const header = (name: string): string | undefined => {
        const value = incoming.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      const request: Request = {
        path: url.pathname,
        endpoint: url.pathname.split('/').at(-1) ?? '',
        apiKey: header('api-key'),
        signature: header('api-sign'),
        body,
        form: Object.fromEntries(incoming.method === 'GET' ? url.searchParams : new URLSearchParams(body)),
      };
      requests.push(request);
      const answer = answerTo(request, requests.length);
      if (answer === 'HANG') return;
      if (answer === 'RESET') {
        incoming.socket.resetAndDestroy();
        return;
      }
      if (answer === 'HALF') {
        outgoing.writeHead(200, { 'Content-Length': '1000' });
        outgoing.write('{"error":[],"result":', () => incoming.socket.destroy());
        return;
      }
      const reply = (): void => {
        outgoing.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json' });
        outgoing.end(answer.body);
      };
      if (answer.afterMs === undefined) reply();
      else setTimeout(reply, answer.afterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, server };
};

/** An address on which nobody listens. */
export const deafUrl = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
};

/** A clock that stands where it is put. */
export const clockAt = (now: number): Clock & { set(now: number): void } => {
  let at = now;
  return {
    now: () => at,
    sleep: async () => undefined,
    set: (next) => {
      at = next;
    },
  };
};

export const market = (base: string, exchangeId: string, altname: string, baseId = base): Market => ({
  exchange: 'kraken',
  symbol: marketSymbol(`${base}/USD`),
  base,
  quote: 'USD',
  exchangeId,
  altname,
  baseId,
  quoteId: 'ZUSD',
  quantityStep: quantity('0.00000001'),
  priceTick: price('0.1'),
  minimumQuantity: quantity('0.0001'),
  minimumCost: quote('0.5'),
  status: 'online',
});
export const BTC = market('BTC', 'XXBTZUSD', 'XBTUSD', 'XXBT');
export const ADA = market('ADA', 'ADAUSD', 'ADAUSD');

/** Of the vector that Kraken publishes for its signature. */
export const VECTOR_SECRET =
  'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==';

export const counting = (from = 1): NonceSource => {
  let last = from - 1;
  return {
    next: () => {
      last += 1;
      return last;
    },
  };
};

export const sessionAt = (
  url: string,
  options: {
    readonly accountId?: string;
    readonly apiKey?: string;
    readonly apiSecret?: string;
    readonly nonces?: NonceSource;
    readonly timeoutMs?: number;
    readonly markets?: readonly Market[];
  } = {},
): PrivateSession =>
  krakenExchange({ url, clock: clockAt(0), timeoutMs: options.timeoutMs ?? 30_000 }).session({
    accountId: options.accountId ?? 'u-ann',
    credentials: {
      apiKey: new Secret(options.apiKey ?? 'ann-key'),
      apiSecret: new Secret(options.apiSecret ?? VECTOR_SECRET),
    },
    nonces: options.nonces ?? counting(),
    markets: options.markets ?? [BTC, ADA],
  });

export const buy = (change: { readonly firstSend?: boolean } = {}): OrderToSend => ({
  clientOrderId: '0123456789abcdef0123456789abcdef',
  market: BTC,
  quantity: quantity('0.00000012'),
  deadline: Date.UTC(2026, 10, 20, 12, 0, 30),
  firstSend: change.firstSend ?? true,
  side: 'BUY',
  type: 'LIMIT_IOC',
  limitPrice: price('37500'),
});

export const sell = (): OrderToSend => ({
  clientOrderId: 'fedcba9876543210fedcba9876543210',
  market: BTC,
  quantity: quantity('1.25'),
  deadline: Date.UTC(2026, 10, 20, 12, 0, 30),
  firstSend: true,
  side: 'SELL',
  type: 'MARKET',
});
