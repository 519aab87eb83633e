import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../bundle/bundle.ts';
import type { FunctionName } from '../../functions/specs.ts';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { callerOf } from '../../local/functions.ts';
import { measuredPrices } from '../../local/prices/measured-markets.ts';
import { bootRuntime, type Runtime } from '../../local/runtime.ts';
import { openState } from '../../local/state/state-folder.ts';
import type { Usage } from './aws-usage.ts';
import { type CountingProxy, type Service, startCountingProxy } from './counting-proxy.ts';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';

const SEED = 1;

/** One invocation of a function, and what it used. */
export interface Sample {
  readonly name: FunctionName;
  /** The first of its process; then the import of the bundle is in its times. */
  readonly cold: boolean;
  readonly event: unknown;
  readonly result: unknown;
  readonly usage: Usage;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly printed: string;
}

/** The local runtime, its functions each in a process of its own, behind a proxy that counts. */
export interface World {
  readonly clock: VirtualClock;
  readonly runtime: Runtime;
  /** All samples since the last call. */
  take(): readonly Sample[];
  /** The next invocation of each function is a cold one. */
  forgetInstances(): Promise<void>;
  stop(): Promise<void>;
}

const VARIABLES = [
  ['dynamodb', 'AWS_ENDPOINT_URL_DYNAMODB'],
  ['secretsmanager', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'],
  ['sqs', 'AWS_ENDPOINT_URL_SQS'],
] as const satisfies readonly (readonly [Service, string])[];

export const startWorld = async (times: {
  readonly exchangeMs: number;
  readonly awsMs: number;
}): Promise<World> => {
  const clock = new VirtualClock();
  const endpoints = new Map<Service, string>();
  const environments = new Map<FunctionName, Promise<ExecutionEnvironment>>();
  const bundles = new Map<FunctionName, Promise<string>>();
  const folder = await mkdtemp(join(tmpdir(), 'nija-cost-'));
  const state = await openState('throw-away', clock.now());
  let samples: Sample[] = [];
  let runtime: Runtime | undefined;
  const proxy: CountingProxy = await startCountingProxy((service) => {
    const found = endpoints.get(service);
    if (found === undefined) throw new Error(`the local runtime has no endpoint of ${service}`);
    return found;
  }, times.awsMs);

  const forgetInstances = async (): Promise<void> => {
    const running = [...environments.values()];
    environments.clear();
    for (const environment of running) await (await environment).stop();
  };
  const stop = async (): Promise<void> => {
    await runtime?.stop();
    await forgetInstances();
    await proxy.stop();
    await state.close();
    await rm(folder, { recursive: true, force: true });
  };

  const bundleOf = async (name: FunctionName): Promise<string> => {
    const made = bundles.get(name) ?? bundleFunction(name, folder).then(({ file }) => file);
    bundles.set(name, made);
    return await made;
  };
  const run = async (
    name: FunctionName,
    env: Readonly<Record<string, string>>,
    event: unknown,
  ): Promise<unknown> => {
    const running = environments.get(name);
    const environment =
      running ?? bundleOf(name).then((file) => startEnvironment(name, file, env, clock.now()));
    environments.set(name, environment);
    const { imported, invoke } = await environment;
    const invocation = await invoke(event, clock.now());
    const cold = running === undefined;
    samples.push({
      ...invocation,
      name,
      cold,
      event,
      usage: proxy.take(callerOf(name)),
      wallMs: invocation.wallMs + (cold ? imported.wallMs : 0),
      cpuMs: invocation.cpuMs + (cold ? imported.cpuMs : 0),
    });
    return invocation.result;
  };

  try {
    runtime = await bootRuntime({
      state,
      clock,
      seed: SEED,
      // One after the other: each is measured alone.
      copyConcurrency: 1,
      checkConcurrency: 1,
      simulator: {
        prices: measuredPrices(clock.now(), SEED),
        latencyMs: times.exchangeMs,
        rateLimits: { private: false, engine: false },
      },
      runElsewhere: (name, env) => {
        const counted: Record<string, string> = { ...env };
        for (const [service, variable] of VARIABLES) {
          const direct = env[variable];
          if (direct !== undefined) endpoints.set(service, direct);
          counted[variable] = proxy.url;
        }
        return async (event) => await run(name, counted, event);
      },
      report: ({ functionName, message, error }) => {
        const why = error instanceof Error ? error.message : String(error);
        process.stderr.write(`${functionName}: ${message}: ${why}\n`);
      },
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    clock,
    runtime,
    take: () => {
      const taken = samples;
      samples = [];
      return taken;
    },
    forgetInstances,
    stop,
  };
};
