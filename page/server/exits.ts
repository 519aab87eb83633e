import type { ExitScope } from '../../shared/exit/exit-request.ts';
import { zExitReport } from '../exit/exit-report.ts';
import type { ExitProgress } from '../exit/progress.ts';

export interface ExitOrder {
  readonly accountId: string;
  readonly requestId: string;
  readonly scope: ExitScope;
}

/** Calls `exit`. It is asked once for each request id; what it does twice for one id sells nothing twice either. */
export type CallExit = (event: ExitOrder & { readonly dryRun: boolean }) => Promise<unknown>;

export interface Known {
  readonly order: ExitOrder;
  readonly progress: ExitProgress;
}

/** So many are remembered; the oldest are forgotten, and their pages say so. */
const REMEMBERED = 200;

/** The exits that were asked for here, and how they stand. They go on whether or not somebody looks. */
export const exitDesk = (call: CallExit, report: (part: string, error: unknown) => void) => {
  const known = new Map<string, Known>();
  const running = new Set<Promise<void>>();

  const carriedOut = async (order: ExitOrder): Promise<ExitProgress> => {
    try {
      return { state: 'answered', report: zExitReport.parse(await call({ ...order, dryRun: false })) };
    } catch (error) {
      report('exit', error);
      return { state: 'failed', code: codeOf(error) };
    }
  };

  return {
    /** The same request again begins nothing while it goes on, nor when it has ended flat; else it goes on. */
    begin: (order: ExitOrder): void => {
      const earlier = known.get(order.requestId);
      if (earlier !== undefined && !mayGoOn(earlier.progress)) return;
      const { requestId } = order;
      known.set(requestId, { order, progress: { state: 'running' } });
      for (const oldest of known.keys()) {
        if (known.size <= REMEMBERED) break;
        known.delete(oldest);
      }
      const run = carriedOut(order).then((progress) => {
        known.set(requestId, { order, progress });
        running.delete(run);
      });
      running.add(run);
    },
    find: (requestId: string): Known | undefined => known.get(requestId),
    /** Resolves when none is going on. */
    settle: async (): Promise<void> => {
      await Promise.all(running);
    },
  };
};
export type ExitDesk = ReturnType<typeof exitDesk>;

/** Whether asking again with the same request has something left to do. */
export const mayGoOn = (progress: ExitProgress): boolean =>
  progress.state === 'failed' || (progress.state === 'answered' && progress.report.state !== 'FLAT');

/** What kind of error it is (`KeyBusy`, `NO_ANSWER`): its code where it has one, else its name; no more of it. */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[A-Za-z_.]{1,40}$/.test(code) && code !== 'Error' ? code : undefined;
};
