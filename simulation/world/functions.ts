import { FUNCTION_NAMES, FUNCTION_SPECS, type FunctionName } from '../../infra/functions/specs.ts';
import { HANDLERS } from '../../infra/local/functions.ts';
import { type LogLine, localHost } from '../../infra/local/local-host.ts';
import type { SimFunction } from '../kernel/lambda.ts';
import type { Platform } from './platform.ts';
import type { Sightings } from './sightings.ts';
import type { Seen } from './world.ts';

export const FIRST_VERSION = 'v1';

export interface FunctionParts {
  readonly platform: Platform;
  readonly sightings: Sightings;
  readonly write: (line: LogLine) => void;
}

/** The real handler, with a host of its own for each process. */
export const simFunction = (
  name: FunctionName,
  version: string,
  { platform, sightings, write }: FunctionParts,
): SimFunction => ({
  name,
  version,
  timeoutMs: FUNCTION_SPECS[name].timeoutMs,
  create: (process) => {
    const ids = process.random.split('ids');
    const host = localHost({
      env: platform.env,
      clock: process.clock,
      chance: { id: () => ids.uuid() },
      write,
    });
    const handle = HANDLERS[name]({ ...host, clients: platform.clientsOf(process, name) });
    const answered = (answer: Extract<Seen, { kind: 'answer' }>['answer']): void =>
      sightings.tell({ kind: 'answer', process: process.id, fn: name, answer });
    return async (event, context) => {
      sightings.tell({ kind: 'invocation', process: process.id, fn: name, event });
      try {
        const result = await handle(event, context);
        answered({ result });
        return result;
      } catch (error) {
        answered({ error });
        throw error;
      }
    };
  },
});

export const allFunctions = (parts: FunctionParts): readonly SimFunction[] =>
  FUNCTION_NAMES.map((name) => simFunction(name, FIRST_VERSION, parts));
