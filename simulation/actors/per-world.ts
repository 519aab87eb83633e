import type { World } from '../world/world.ts';

/** What an actor remembers of each world; actors themselves are the same for all. */
export const perWorld = <T>(make: (world: World) => T): ((world: World) => T) => {
  const known = new WeakMap<World, { readonly value: T }>();
  return (world) => {
    const found = known.get(world) ?? { value: make(world) };
    known.set(world, found);
    return found.value;
  };
};
