import type { Random } from '../kernel/random.ts';
import type { Actor, World } from '../world/world.ts';
import { AS_OPERATOR, endOf } from './consoles.ts';
import { minutes } from './durations.ts';
import { pickRegistered } from './people.ts';

/** What the operator asks of `control` that stops or lets go on. */
interface Switching {
  readonly stop: string;
  readonly letGo: string;
  /** Undefined: of all. */
  readonly accountId: string | undefined;
}

const ATTEMPTS = 6;

const set = async (
  world: World,
  who: string,
  what: 'halt' | 'resume',
  { stop, letGo, accountId }: Switching,
  random: Random,
): Promise<void> => {
  const action = what === 'halt' ? stop : letGo;
  const event = { action, ...(accountId === undefined ? {} : { accountId }), ...AS_OPERATOR };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const beganAt = world.sim.now();
    const end = await world.call('control', event);
    world.told.push({ what, scope: accountId ?? 'all', beganAt, endedAt: world.sim.now(), end });
    world.sim.note(who, `${action} ${accountId ?? 'all'}`, endOf(end));
    if (end.state === 'SUCCEEDED') return;
    await world.sim.clock.sleep(random.whole(2_000, 60_000));
  }
};

/** Stops, and lets go on some time later; or only lets go on, which does no harm. */
const stopForAWhile = async (
  world: World,
  who: string,
  switching: Switching,
  random: Random,
  most: number,
): Promise<void> => {
  if (!random.chance(0.1)) {
    await set(world, who, 'halt', switching, random);
    await world.sim.clock.sleep(minutes(random, 1, most));
  }
  await set(world, who, 'resume', switching, random);
};

const ALL: Switching = { stop: 'halt', letGo: 'resume', accountId: undefined };

/** Lets everybody buy again, whoever stopped it: the operator or the breaker. */
export const resumeAll = async (world: World, who: string, random: Random): Promise<void> =>
  await set(world, who, 'resume', ALL, random);

/** Lifts what a check has set because of a key that could withdraw. */
export const leaveExitOnly = async (
  world: World,
  who: string,
  accountId: string,
  random: Random,
): Promise<void> =>
  await set(world, who, 'resume', { stop: 'exit-only', letGo: 'leave-exit-only', accountId }, random);

const halts: Actor = {
  name: 'halt',
  weight: 5,
  act: async (world, random) => await stopForAWhile(world, halts.name, ALL, random, 20),
};

const ofOneAccount = (name: string, weight: number, stop: string, letGo: string): Actor => ({
  name,
  weight,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId !== undefined) await stopForAWhile(world, name, { stop, letGo, accountId }, random, 60);
  },
});

/** Who stops buying, and lets it go on. */
export const SWITCHES: readonly Actor[] = [
  halts,
  ofOneAccount('disable', 6, 'disable', 'enable'),
  ofOneAccount('pause copying', 6, 'pause-copying', 'resume-copying'),
  ofOneAccount('exit-only', 6, 'exit-only', 'leave-exit-only'),
];
