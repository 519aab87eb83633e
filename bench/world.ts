import { fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { FUNCTION_NAMES, FUNCTION_SPECS, type FunctionName } from '../infra/functions/specs.ts';
import { invoke, type LocalFunction } from '../infra/local/aws/lambda.ts';
import { VirtualClock } from '../infra/local/clock/virtual-clock.ts';
import { HANDLERS } from '../infra/local/functions.ts';
import { localHost, seededIds } from '../infra/local/local-host.ts';
import { register } from '../infra/local/owner/open-account.ts';
import { type Link, linkTo } from './link.ts';

const zOutcome = z.looseObject({
  state: z.string(),
  reason: z.string().optional(),
  orderLatencyMs: z.number().optional(),
  fillLatencyMs: z.number().optional(),
});
export type Outcome = z.infer<typeof zOutcome>;

/** Our functions in this process; all that they talk to in another one. */
export interface World {
  readonly clock: VirtualClock;
  /** What a function is given: endpoints, table, credentials. */
  variables(name: FunctionName): Readonly<Record<string, string>>;
  call(name: FunctionName, event: unknown): Promise<unknown>;
  register(accountId: string, usd: string, registration: object): Promise<void>;
  /** The owner trades by hand, and the next tick finds it. Resolves when all copies have ended. */
  tradeAndCopy(accountId: string, side: 'BUY' | 'SELL', size: string): Promise<void>;
  tick(accountId: string): Promise<unknown>;
  advanceTo(moment: number): Promise<void>;
  outcomes(accountId: string): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
}

export const startWorld = async (options: {
  readonly latencyMs: number;
  readonly copiesAtOnce: number;
}): Promise<World> => {
  const clock = new VirtualClock();
  const child = fork(join(import.meta.dirname, 'world-process.ts'), [JSON.stringify(options)], {
    execArgv: [],
  });
  const functions = new Map<FunctionName, LocalFunction>();
  const functionOf = (name: FunctionName): LocalFunction => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`there is no function of this name (given '${name}')`);
    return found;
  };
  const zCall = z.object({ name: z.enum(FUNCTION_NAMES), event: z.unknown() });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let link: Link | undefined;
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the world's process ended with code ${code}`)));
    link = linkTo(child, {
      booted: async () => resolve(),
      invoke: async (params) => {
        const { name, event } = zCall.parse(params);
        return await invoke(functionOf(name), event);
      },
    });
  });
  const world = link;
  if (world === undefined) throw new Error('the world has no link');
  const variables = z
    .record(z.enum(FUNCTION_NAMES), z.record(z.string(), z.string()))
    .parse(await world.call('variables'));
  for (const name of FUNCTION_NAMES) {
    const host = localHost({ env: variables[name], clock, chance: seededIds(1, name), write: written });
    functions.set(name, {
      name,
      handler: HANDLERS[name](host),
      timeoutMs: FUNCTION_SPECS[name].timeoutMs,
    });
  }
  const call: World['call'] = async (name, event) => await invoke(functionOf(name), event);
  const tick: World['tick'] = async (accountId) =>
    await call('master-tick', { accountId, scheduledAt: new Date(clock.now()).toISOString() });
  return {
    clock,
    variables: (name) => variables[name],
    call,
    register: async (accountId, usd, registration) => {
      await world.call('openAccount', { accountId, balances: { USD: usd } });
      await register({ call }, accountId, registration);
    },
    tick,
    tradeAndCopy: async (accountId, side, size) => {
      await world.call('trade', { accountId, side, size });
      await tick(accountId);
      await world.call('settle');
    },
    advanceTo: async (moment) => {
      clock.advanceTo(moment);
      await world.call('advance', moment);
    },
    outcomes: async (accountId) => z.array(zOutcome).parse(await world.call('copies', accountId)),
    stop: async () => {
      await world.call('stop');
      child.disconnect();
      await ended;
    },
  };
};

/** A line is written out as on Lambda, to nowhere. */
const written = (line: object): void => {
  JSON.stringify(line);
};
