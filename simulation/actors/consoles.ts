import type { FunctionName } from '../../infra/functions/specs.ts';
import type { InvocationEnd } from '../kernel/lambda.ts';
import type { Random } from '../kernel/random.ts';
import type { World } from '../world/world.ts';

const AGAIN_AFTER_MS = { from: 5_000, to: 120_000 };

/** Calls a function, and again some time later where it fails: twice does no harm. */
export const callPatiently = async (
  world: World,
  random: Random,
  fn: FunctionName,
  event: unknown,
  attempts: number,
): Promise<InvocationEnd> => {
  for (let attempt = 1; ; attempt += 1) {
    const end = await world.call(fn, event);
    if (end.state === 'SUCCEEDED' || attempt >= attempts) return end;
    await world.sim.clock.sleep(random.whole(AGAIN_AFTER_MS.from, AGAIN_AFTER_MS.to));
  }
};

/** What the trail is told of who does it and why. */
export const AS_OPERATOR = { by: 'ops', why: 'simulated' };

/** How a call ended, in a word for the trace. */
export const endOf = (end: InvocationEnd): string =>
  end.state === 'SUCCEEDED' ? 'ok' : `${end.error}: ${end.message}`;
