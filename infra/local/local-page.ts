import { randomBytes, randomUUID } from 'node:crypto';
import { type PageListener, pageListener } from '../../page/server/page-listener.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Runtime } from './runtime.ts';

/** The page over a runtime: it asks `view` and calls `exit`, as a deployed one does. */
export const localPage = (
  { call }: Pick<Runtime, 'call'>,
  clock: Clock,
  progress: (line: string) => void,
): PageListener =>
  pageListener({
    source: {
      ask: async (request) => await call('view', request),
      now: () => clock.now(),
      report: (part, error) =>
        progress(`the page, ${part}: ${error instanceof Error ? error.message : String(error)}`),
    },
    callExit: async (event) => await call('exit', event),
    newId: () => randomUUID(),
    secret: randomBytes(32).toString('hex'),
  });
