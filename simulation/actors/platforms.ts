import { FUNCTION_NAMES } from '../../infra/functions/specs.ts';
import { iso } from '../../shared/time/clock.ts';
import type { Actor } from '../world/world.ts';
import { endOf } from './consoles.ts';
import { minutes } from './durations.ts';
import { pickRegistered } from './people.ts';

const deploys: Actor = {
  name: 'deployment',
  weight: 6,
  act: (world, random) => {
    const every = random.chance(0.4);
    const fns = every ? FUNCTION_NAMES : [random.pick(FUNCTION_NAMES)];
    world.sim.note(deploys.name, every ? 'of all' : `of ${fns.join()}`);
    for (const fn of fns) world.deploy(fn, minutes(random, 1, 60));
  },
};

const recycles: Actor = {
  name: 'processes recycled',
  weight: 6,
  act: (world, random) => {
    const fns = random.chance(0.3) ? FUNCTION_NAMES : [random.pick(FUNCTION_NAMES)];
    for (const fn of fns) world.recycle(fn);
  },
};

/** So long that followers must call it unhealthy, and all that it traded meanwhile is copied late. */
const stops: Actor = {
  name: "masters' schedules stopped",
  weight: 3,
  act: (world, random) => {
    world.stopMaster();
    world.sim.after(minutes(random, 10, 60), () => world.startMaster());
  },
};

const redrives: Actor = {
  name: 'trades fanned out again',
  weight: 4,
  act: async (world, random) => {
    const masterId = pickRegistered(world, 'master', random)?.accountId;
    if (masterId === undefined) return;
    const since = iso(Math.max(world.sim.startAt, world.sim.now() - minutes(random, 1, 240)));
    const redrive = { masterId, since, dryRun: random.chance(0.2) };
    const end = await world.call('trade-copier', { redrive });
    world.sim.note(redrives.name, `${masterId} since ${since}`, endOf(end));
  },
};

const deadLetters: Actor = {
  name: 'dead letters sent on',
  weight: 3,
  act: (world) => world.redriveDeadLetters(),
};

/** Who works on the platform. */
export const PLATFORMS: readonly Actor[] = [deploys, recycles, stops, redrives, deadLetters];
