import type { Random } from '../kernel/random.ts';
import type { Member, World } from '../world/world.ts';

/** One of the accounts of that role that are registered; undefined while there is none. */
export const pickRegistered = (
  { members }: World,
  role: Member['role'],
  random: Random,
): Member | undefined => {
  const registered = members.filter((member) => member.role === role && member.registeredAt !== undefined);
  return registered.length === 0 ? undefined : random.pick(registered);
};

/** Mostly a user, now and then a master. */
export const pickAnyone = (world: World, random: Random): Member | undefined =>
  pickRegistered(world, random.chance(0.75) ? 'user' : 'master', random);
