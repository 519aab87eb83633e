import { FUNCTION_NAMES } from '../../../infra/functions/specs.ts';
import { HANDLERS } from '../../../infra/local/functions.ts';
import { localHost, seededIds } from '../../../infra/local/local-host.ts';
import { bootRuntime, type Runtime, type RuntimeOptions } from '../../../infra/local/runtime.ts';
import type { Deployed } from './deployed.ts';
import { type Relays, startRelays } from './relay.ts';

/** Relays for all functions that let through what their roles in the deployment allow. */
export const relaysFor = async ({ roles, named, tableArn, queueArn, secretArn }: Deployed): Promise<Relays> =>
  await startRelays({
    functions: FUNCTION_NAMES,
    judge: (name, access) => roles.allowed(named(name), access),
    arnOf: (on) => {
      switch (on.kind) {
        // There is one table, whatever it is called here.
        case 'table':
          return on.index === undefined ? tableArn : `${tableArn}/index/${on.index}`;
        case 'secret':
          return secretArn(on.name);
        case 'queue':
          return queueArn(on.name);
        case 'all':
          return '*';
      }
    },
  });

/** The local runtime, in which each function reaches AWS only through its relay. */
export const bootRouted = async (
  relays: Relays,
  options: Omit<RuntimeOptions, 'runElsewhere'>,
): Promise<Runtime> =>
  await bootRuntime({
    ...options,
    runElsewhere: (name, env) =>
      HANDLERS[name](
        localHost({
          env: relays.route(name, env),
          clock: options.clock,
          chance: seededIds(options.seed, name),
          write: (line) => options.onLine?.(line),
        }),
      ),
  });
