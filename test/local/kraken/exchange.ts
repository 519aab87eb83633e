import { createHash, createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import type { Permission } from '../../../infra/local/kraken/accounts.ts';
import {
  createKrakenSimulator,
  type KrakenSimulator,
  type KrakenSimulatorOptions,
} from '../../../infra/local/kraken/simulator.ts';
import { fixedPrice, type PriceSource } from '../../../infra/local/prices/price-source.ts';
import { marketSymbol } from '../../../shared/exchange/market.ts';
import type { Clock } from '../../../shared/time/clock.ts';

export const NOON = Date.parse('2026-03-02T12:00:00Z');

/** A clock that moves when told to. */
export class ManualClock implements Clock {
  #now: number;

  constructor(now = NOON) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

export const BTC = marketSymbol('BTC/USD');
export const ETH = marketSymbol('ETH/USD');
export const SOL = marketSymbol('SOL/USD');

export const flatPrices: readonly PriceSource[] = [
  fixedPrice(BTC, '50000'),
  fixedPrice(ETH, '2500'),
  fixedPrice(SOL, '100'),
];

const zAnswer = z.object({ error: z.array(z.string()), result: z.unknown().optional() });
export type RawAnswer = z.infer<typeof zAnswer>;

export interface Venue {
  readonly simulator: KrakenSimulator;
  readonly clock: ManualClock;
  /** A signed call; the nonce rises by itself. */
  call(endpoint: string, form?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  /** The same, the result checked for its shape. Fails the test on an error of the exchange. */
  result<T>(endpoint: string, form: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T>;
  publicly(endpoint: string, query?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export const signature = (secret: string, path: string, nonce: string, body: string): string =>
  createHmac('sha512', Buffer.from(secret, 'base64'))
    .update(path)
    .update(
      createHash('sha256')
        .update(nonce + body)
        .digest(),
    )
    .digest('base64');

export interface SignedCall {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly endpoint: string;
  readonly nonce: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A request that its key has signed. */
export const signed = (call: Omit<SignedCall, 'signal'>) => {
  const path = `/0/private/${call.endpoint}`;
  const body = new URLSearchParams({ nonce: call.nonce, ...call.form }).toString();
  return {
    url: `${call.url}${path}`,
    method: 'POST',
    body,
    headers: {
      'API-Key': call.apiKey,
      'API-Sign': signature(call.apiSecret, path, call.nonce, body),
      'Content-Type': 'application/x-www-form-urlencoded',
    },
  };
};

/** One signed request, as it comes back. */
export const send = async (call: SignedCall): Promise<Response> => {
  const { url, ...request } = signed(call);
  return await fetch(url, { ...request, ...(call.signal && { signal: call.signal }) });
};

export const readText = (body: string): RawAnswer => zAnswer.parse(JSON.parse(body));

export const read = async (response: Response): Promise<RawAnswer> => zAnswer.parse(await response.json());

/** A running exchange with one account, stopped when the test is over. */
export const openVenue = async (
  options: Partial<KrakenSimulatorOptions> & {
    readonly balances?: Readonly<Record<string, string>>;
    readonly permissions?: readonly Permission[];
  } = {},
): Promise<Venue> => {
  const { balances = { USD: '10000', BTC: '1' }, permissions, ...simulation } = options;
  const clock = new ManualClock();
  const simulator = createKrakenSimulator({ clock, seed: 1, prices: flatPrices, ...simulation });
  await simulator.start();
  onTestFinished(() => simulator.stop());
  simulator.createAccount({ accountId: 'ann', balances });
  const { apiKey, apiSecret } = simulator.addKey({
    accountId: 'ann',
    tier: 'pro',
    ...(permissions && { permissions }),
  });
  let nonce = 1_000_000;
  const call: Venue['call'] = async (endpoint, form = {}) => {
    nonce += 1;
    return read(await send({ url: simulator.url, apiKey, apiSecret, endpoint, nonce: String(nonce), form }));
  };
  return {
    simulator,
    clock,
    apiKey,
    apiSecret,
    call,
    result: async (endpoint, form, schema) => {
      const { error, result } = await call(endpoint, form);
      if (error.length > 0) throw new Error(`${endpoint}: ${error.join(', ')}`);
      return schema.parse(result);
    },
    publicly: async (endpoint, query = {}) =>
      read(await fetch(`${simulator.url}/0/public/${endpoint}?${new URLSearchParams(query)}`)),
  };
};

export const zPlaced = z.object({ txid: z.tuple([z.string()]), descr: z.object({ order: z.string() }) });

export const zOrder = z.object({
  status: z.string(),
  reason: z.string().nullish(),
  cl_ord_id: z.string().optional(),
  vol: z.string(),
  vol_exec: z.string(),
  cost: z.string(),
  fee: z.string(),
  price: z.string(),
  oflags: z.string(),
  opentm: z.number(),
  closetm: z.number().optional(),
  descr: z.object({ order: z.string(), ordertype: z.string() }),
  trades: z.array(z.string()).optional(),
});
export const zOrders = z.record(z.string(), zOrder);

/** A market order for a buy or a sale; override anything. */
export const orderForm = (form: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  pair: 'XXBTZUSD',
  type: 'buy',
  ordertype: 'market',
  volume: '0.01',
  ...form,
});

export const rfc3339 = (at: number): string => new Date(at).toISOString();
