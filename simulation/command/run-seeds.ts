import { Worker } from 'node:worker_threads';
import { type SeedReport, type WorkerTask, zSeedReport } from './messages.ts';

export interface SeedsRun extends WorkerTask {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  readonly stop: AbortSignal;
  readonly reported: (report: SeedReport) => void;
}

const YOUNG_GENERATION_MB = 128;

/**
 * Hands the seeds out to threads, each the next when it is done with one. Resolves when all are done, or
 * when it is stopped: what is under way then is lost.
 *
 * @throws what a thread cannot start with
 */
export const runSeeds = async (run: SeedsRun): Promise<void> => {
  let next = run.from;
  const end = run.from + run.seeds;
  const hand = (): number | undefined => {
    if (next >= end || run.stop.aborted) return undefined;
    next += 1;
    return next - 1;
  };
  const failed = (): void => {
    next = end;
  };
  await Promise.all(
    Array.from({ length: Math.min(run.workers, run.seeds) }, () => runThread(run, hand, failed)),
  );
};

const runThread = (run: SeedsRun, hand: () => number | undefined, failed: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: {
        world: run.world,
        steps: run.steps,
        coverage: run.coverage,
        plant: run.plant,
      } satisfies WorkerTask,
      // A seed makes hundreds of megabytes that nobody needs for long: with little room they are looked through often.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const leave = (): void => {
      void worker.terminate().then(() => resolve(), reject);
    };
    run.stop.addEventListener('abort', leave, { once: true });
    worker.on('error', (error) => {
      failed();
      reject(error);
    });
    worker.on('exit', () => resolve());
    worker.on('message', (message: unknown) => {
      if (message !== 'ready') run.reported(zSeedReport.parse(message));
      const seed = hand();
      if (seed === undefined) leave();
      else worker.postMessage({ seed });
    });
  });
