import * as z from 'zod';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import { Refusal, TEXTS } from './errors.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import type { Form } from './order-request.ts';
import { PUBLIC_ENDPOINTS } from './public-endpoints.ts';
import { Rendered, type World } from './world.ts';

export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly isJson: boolean;
  readonly apiKey: string | undefined;
  readonly signature: string | undefined;
  readonly address: string;
}

/** `AddOrder`; the last part of whatever path it is. */
export const endpointOf = ({ path }: Call): string => path.slice(path.lastIndexOf('/') + 1);

export interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/html';
  readonly body: string;
}

const PATH = /^\/0\/(public|private)\/([A-Za-z]+)$/;

const zJsonForm = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const formOf = (call: Call): Form => {
  if (!call.isJson) return Object.fromEntries(new URLSearchParams(call.body));
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.body);
  } catch {
    throw new Refusal(TEXTS.invalidArguments);
  }
  const form = zJsonForm.safeParse(parsed);
  if (!form.success) throw new Refusal(TEXTS.invalidArguments);
  return Object.fromEntries(Object.entries(form.data).map(([name, value]) => [name, String(value)]));
};

const resultOf = (world: World, call: Call): unknown => {
  const [, side, endpoint] = PATH.exec(call.path) ?? [];
  if (side === undefined || endpoint === undefined) throw new Refusal(TEXTS.unknownMethod);
  const now = world.clock.now();
  world.engine.advance(now);
  if (side === 'public') {
    const run = PUBLIC_ENDPOINTS[endpoint];
    if (run === undefined) throw new Refusal(TEXTS.unknownMethod);
    world.limits.publicCall(call.address, now);
    return run(world, Object.fromEntries([...call.query, ...new URLSearchParams(call.body)]));
  }
  const form = formOf(call);
  const key = world.authentication.check(
    call.apiKey === undefined ? undefined : world.keys.get(call.apiKey),
    { path: call.path, nonce: form['nonce'], body: call.body, signature: call.signature },
    endpoint,
    now,
  );
  world.limits.call(key.apiKey, key.tier, endpoint, now);
  const run = ORDER_ENDPOINTS[endpoint] ?? ACCOUNT_ENDPOINTS[endpoint];
  if (run === undefined) throw new Refusal(TEXTS.unknownMethod);
  return run(world, key, form);
};

/** Carries a request out and says what the exchange answers. */
export const respond = (world: World, call: Call): Answer => {
  try {
    const result = resultOf(world, call);
    const text = result instanceof Rendered ? result.text : JSON.stringify(result);
    return { status: 200, type: 'application/json', body: `{"error":[],"result":${text}}` };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 200, type: 'application/json', body: JSON.stringify({ error: [error.message] }) };
  }
};
