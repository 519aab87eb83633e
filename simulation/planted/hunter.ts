import { parentPort, workerData } from 'node:worker_threads';
import { zWorld } from '../command/messages.ts';
import { stepsOf } from '../kernel/steps.ts';
import { guaranteeOf } from './bug.ts';
import { FIRST_SEED, type Hunted, zHunt } from './hunt.ts';
import { plant } from './plant.ts';

const WORLD = new URL('../world/run-seed.ts', import.meta.url).href;

const work = async (): Promise<Hunted> => {
  const { bug, seeds } = zHunt.parse(workerData);
  const ensurePlanted = bug === undefined ? undefined : plant(bug);
  const { runSeed } = zWorld.parse(await import(WORLD));
  ensurePlanted?.();
  const others: Hunted['others'] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed += 1) {
    const { violation } = await runSeed({ seed, steps: bug?.steps ?? stepsOf(seed) });
    if (violation === undefined) continue;
    const { invariant, message } = violation;
    const found = { seed, invariant, message };
    if (guaranteeOf(invariant) === bug?.guarantee)
      return { caught: { ...found, seeds: seed - FIRST_SEED + 1 }, others };
    others.push(found);
  }
  return { others };
};

const port = parentPort;
if (port === null) throw new Error('hunter.ts is a worker thread: hunt.ts starts it');
port.postMessage(await work());
