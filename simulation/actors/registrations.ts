import type { Random } from '../kernel/random.ts';
import type { Actor, World } from '../world/world.ts';
import { callPatiently, endOf } from './consoles.ts';
import { pickRegistered } from './people.ts';

const ATTEMPTS = 8;

/** @param masterId undefined: nobody any more */
export const follow = async (
  world: World,
  who: string,
  accountId: string,
  masterId: string | undefined,
  random: Random,
): Promise<void> => {
  const beganAt = world.sim.now();
  const event = { accountId, exchange: 'kraken', follows: masterId ?? null };
  const end = await callPatiently(world, random, 'register-user', event, ATTEMPTS);
  world.told.push({ what: 'following', accountId, masterId, beganAt, endedAt: world.sim.now(), end });
  world.sim.note(who, `${accountId} ${masterId ?? 'none'}`, endOf(end));
};

const follows: Actor = {
  name: 'a user follows another master or none',
  weight: 8,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    const masters = world.members.filter(({ role }) => role === 'master');
    const masterId = random.chance(0.2) ? undefined : random.pick(masters).accountId;
    await follow(world, follows.name, accountId, masterId, random);
  },
};

/** With what is drawn anew, or with nothing at all: what is not named stays as it is. */
const again: Actor = {
  name: 'a user is registered again',
  weight: 6,
  act: async (world, random) => {
    const accountId = pickRegistered(world, 'user', random)?.accountId;
    if (accountId === undefined) return;
    const settings = random.pick([
      {},
      { sizing: { mode: 'proportional', multiplier: random.pick(['0.3', '1', '4']) } },
      { sizing: { mode: 'fixed-amount', amount: String(random.whole(5, 500)) } },
      { sizing: { mode: 'fixed-ratio', ratio: random.pick(['0.02', '0.2']) } },
      { limits: { maxTradeFraction: '0.3' } },
      { protection: { stopLoss: '0.02' } },
    ]);
    const event = { accountId, exchange: 'kraken', ...settings };
    const end = await callPatiently(world, random, 'register-user', event, ATTEMPTS);
    world.sim.note(again.name, `${accountId} ${JSON.stringify(settings)}`, endOf(end));
  },
};

/** Who registers accounts again; the first time, the world itself does. */
export const REGISTRATIONS: readonly Actor[] = [follows, again];
