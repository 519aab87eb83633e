import type { FaultSpec } from './faults.ts';
import { type Answer, type Call, endpointOf, respond } from './respond.ts';
import type { World } from './world.ts';

/** What comes of a request that arrived. */
export type Reaction =
  /** What it does is done; the caller is told `afterMs` later. */
  | { readonly kind: 'ANSWER'; readonly answer: Answer; readonly afterMs: number }
  /** To be carried out, and answered, `afterMs` later, whether or not anybody still waits. */
  | { readonly kind: 'LATER'; readonly afterMs: number; carryOut(): Answer }
  /** Nobody ever answers. */
  | { readonly kind: 'SILENCE' }
  /** The connection is closed without an answer. */
  | { readonly kind: 'HANG_UP' };

const PAGE_BODY =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Cloudflare</body></html>';
const EMPTY_ANSWER = '{"error":[],"result":{"descr":{"order":""}}}';

const answered = (answer: Answer, afterMs = 0): Reaction => ({ kind: 'ANSWER', answer, afterMs });
const page = (status: number): Reaction => answered({ status, type: 'text/html', body: PAGE_BODY });
const json = (body: string, status = 200): Reaction => answered({ status, type: 'application/json', body });

/** What the exchange does with a request that arrives now, its faults included. It takes no time and no socket. */
export const receive = (world: World, call: Call): Reaction => {
  const accountId = call.apiKey === undefined ? undefined : world.keys.get(call.apiKey)?.accountId;
  const fault = world.faults.hit({ apiKey: call.apiKey, accountId, endpoint: endpointOf(call) });
  return fault === undefined ? answered(respond(world, call)) : failing(fault, world, call);
};

const failing = (fault: FaultSpec, world: World, call: Call): Reaction => {
  const carriedOut = fault.accept === true ? respond : () => undefined;
  switch (fault.kind) {
    case 'TIMEOUT_BEFORE':
      return { kind: 'SILENCE' };
    case 'TIMEOUT_AFTER':
      respond(world, call);
      return { kind: 'SILENCE' };
    case 'RESET_BEFORE':
      return { kind: 'HANG_UP' };
    case 'RESET_AFTER':
      respond(world, call);
      return { kind: 'HANG_UP' };
    case 'HTTP_5XX':
      carriedOut(world, call);
      return page(fault.status ?? 503);
    case 'HTTP_520':
      carriedOut(world, call);
      return page(520);
    case 'HTML':
      carriedOut(world, call);
      return page(200);
    case 'EMPTY':
      carriedOut(world, call);
      return json('');
    case 'EMPTY_RESULT':
      carriedOut(world, call);
      return json('{"error":[]}');
    case 'TRUNCATED': {
      const whole = carriedOut(world, call)?.body ?? EMPTY_ANSWER;
      return json(whole.slice(0, Math.ceil(whole.length / 2)));
    }
    case 'SLOW':
      return answered(respond(world, call), fault.ms ?? 1000);
    case 'LATE':
      return { kind: 'LATER', afterMs: fault.ms ?? 1000, carryOut: () => respond(world, call) };
    case 'FILLS_FIRST': {
      const accountId = call.apiKey === undefined ? undefined : world.keys.get(call.apiKey)?.accountId;
      if (accountId !== undefined) world.engine.fillOpen(accountId, world.clock.now());
      return answered(respond(world, call));
    }
    case 'ERROR_TEXT':
      carriedOut(world, call);
      return json(JSON.stringify({ error: [fault.text ?? 'EGeneral:Internal error'] }), fault.status);
  }
};
