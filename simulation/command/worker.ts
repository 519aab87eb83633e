import { parentPort, workerData } from 'node:worker_threads';
import { stepsOf } from '../kernel/steps.ts';
import { plant } from '../planted/plant.ts';
import { zSeedMessage, zWorkerTask, zWorld } from './messages.ts';
import { reportSeed } from './report-seed.ts';

/** A thread that runs the seeds it is sent, one after the other. */
const work = async (): Promise<void> => {
  const port = parentPort;
  if (port === null) throw new Error('worker.ts is a worker thread: start the command with main.ts');
  const { world, steps, coverage, plant: bug } = zWorkerTask.parse(workerData);
  const ensurePlanted = bug === undefined ? undefined : plant(bug);
  const { runSeed } = zWorld.parse(await import(world));
  ensurePlanted?.();
  port.on('message', (message: unknown) => {
    const { seed } = zSeedMessage.parse(message);
    void reportSeed(runSeed, { seed, steps: steps ?? stepsOf(seed) }, coverage).then((report) =>
      port.postMessage(report),
    );
  });
  port.postMessage('ready');
};

await work();
