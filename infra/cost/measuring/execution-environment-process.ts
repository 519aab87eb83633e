/**
 * The inside of an execution environment: one bundled function with AWS's own telemetry, in a process that does
 * nothing else, so that its CPU is the function's. Its clock follows the world's. Forked by execution-environment.ts.
 */
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Host } from '../../../functions/host.ts';
import { powertoolsTelemetry } from '../../../shared/telemetry/powertools/powertools.ts';
import { invoke } from '../../local/aws/lambda.ts';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
const zBundle = z.object({
  createHandler: z.custom<(host: Host) => Handler>((value) => typeof value === 'function'),
});
const zStart = z.object({ file: z.string(), name: z.string(), timeoutMs: z.number(), now: z.number() });
const zCall = z.object({ id: z.number(), event: z.unknown(), now: z.number() });

const { file, name, timeoutMs, now: start } = zStart.parse(JSON.parse(process.argv[2] ?? '{}'));

let printed = '';
const remember = (chunk: string | Uint8Array): boolean => {
  printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  return true;
};
process.stdout.write = remember;
process.stderr.write = remember;

const spentSince = (cpu: NodeJS.CpuUsage, began: number) => {
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - began, cpuMs: (user + system) / 1_000 };
};

const importBegan = performance.now();
const importCpu = process.cpuUsage();
const { createHandler } = zBundle.parse(await import(pathToFileURL(file).href));
const imported = spentSince(importCpu, importBegan);

const clock = new VirtualClock(start);
let handler: Handler | undefined;

const answer = async (id: number, event: unknown): Promise<object> => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  try {
    handler ??= createHandler({
      env: process.env,
      clock,
      chance: { id: () => randomUUID() },
      telemetry: (functionName) => powertoolsTelemetry(functionName, process.env['NIJA_STAGE'] ?? 'unknown'),
    });
    const result = await invoke({ name, handler, timeoutMs }, event);
    const spent = spentSince(cpu, began);
    return { id, result: JSON.parse(JSON.stringify(result ?? null)), ...spent, printed };
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { id, error: message, printed };
  }
};

process.on('message', async (message) => {
  const { id, event, now } = zCall.parse(message);
  clock.advanceTo(now);
  printed = '';
  process.send?.(await answer(id, event));
});
process.on('disconnect', () => process.exit());
process.send?.({ imported });
