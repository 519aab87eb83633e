import { fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { FUNCTION_SPECS, type FunctionName } from '../../functions/specs.ts';

const zSpent = { wallMs: z.number(), cpuMs: z.number() };
const zMessage = z.union([
  z.object({ imported: z.object(zSpent) }),
  z.object({ id: z.number(), error: z.string(), printed: z.string() }),
  z.object({ id: z.number(), result: z.unknown(), ...zSpent, printed: z.string() }),
]);

export interface Invocation {
  readonly result: unknown;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** All that went to standard output and error. */
  readonly printed: string;
}

/** A function's process, as Lambda keeps one. */
export interface ExecutionEnvironment {
  /** What the import of the bundle took. */
  readonly imported: { readonly wallMs: number; readonly cpuMs: number };
  /** @throws Error with the name and message of what the function threw, or when its process ended */
  invoke(event: unknown, now: number): Promise<Invocation>;
  stop(): Promise<void>;
}

/** Log lines carry the trace's id where a function is traced. */
const TRACE = 'Root=1-65a0f1c2-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1';

export const startEnvironment = async (
  name: FunctionName,
  file: string,
  env: Readonly<Record<string, string>>,
  now: number,
): Promise<ExecutionEnvironment> => {
  const { timeoutMs } = FUNCTION_SPECS[name];
  const argument = JSON.stringify({ file, name, timeoutMs, now });
  const child = fork(join(import.meta.dirname, 'execution-environment-process.ts'), [argument], {
    env: { ...env, _X_AMZN_TRACE_ID: TRACE },
    execArgv: [],
  });
  const waiting = new Map<number, PromiseWithResolvers<Invocation>>();
  const imported = Promise.withResolvers<ExecutionEnvironment['imported']>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', imported.reject);
  child.once('exit', (code) => {
    const gone = new Error(`the process of ${name} ended (${code ?? 'killed'})`);
    imported.reject(gone);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  });
  child.on('message', (received) => {
    const message = zMessage.parse(received);
    if ('imported' in message) {
      imported.resolve(message.imported);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(`${message.error}\n${message.printed}`));
    else call?.resolve(message);
  });
  let count = 0;
  return {
    imported: await imported.promise,
    invoke: (event, at) => {
      count += 1;
      const call = Promise.withResolvers<Invocation>();
      waiting.set(count, call);
      child.send({ id: count, event, now: at });
      return call.promise;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
