import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

/** A bundle in a Node process of its own, as Lambda runs it. */
export interface BundleProcess {
  /** @throws BundledError with the name and message of what the handler threw; Error when the process ended */
  invoke(event: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** What a bundled handler threw. */
export class BundledError extends Error {
  override readonly name: string;

  constructor(thrown: { readonly name: string; readonly message: string }) {
    super(thrown.message);
    this.name = thrown.name;
  }
}

const zThrown = z.object({ name: z.string(), message: z.string() });
const zAnswer = z.union([
  z.object({ loaded: z.literal(true) }),
  z.object({ id: z.number(), error: zThrown }),
  z.object({ id: z.number(), result: z.unknown() }),
]);

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * Resolves when the bundle is loaded. It sees these variables and no other.
 * @throws Error with what the process printed, when the bundle cannot be loaded
 */
export const startBundle = async (
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<BundleProcess> => {
  const child = fork(join(import.meta.dirname, 'bundle-child.ts'), [file], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    printed = `${printed}${chunk.toString()}`.slice(-2_000);
  });
  const calls = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const loaded = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      const gone = new Error(`the process of '${file}' ended (${code ?? 'killed'}): ${printed.trim()}`);
      reject(gone);
      for (const waiting of calls.values()) waiting.reject(gone);
      calls.clear();
    });
    child.on('message', (message) => {
      const answer = zAnswer.parse(message);
      if ('loaded' in answer) return resolve();
      const waiting = calls.get(answer.id);
      calls.delete(answer.id);
      if ('error' in answer) waiting?.reject(new BundledError(answer.error));
      else waiting?.resolve(answer.result);
    });
  });
  await loaded;
  return processOf(child, calls, ended);
};

const processOf = (child: ChildProcess, calls: Map<number, Waiting>, ended: Promise<void>): BundleProcess => {
  let count = 0;
  return {
    invoke: (event) =>
      new Promise((resolve, reject) => {
        count += 1;
        const id = count;
        calls.set(id, { resolve, reject });
        child.send({ id, event }, (error) => {
          if (error === null || !calls.delete(id)) return;
          reject(error);
        });
      }),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
