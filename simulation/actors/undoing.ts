import type { World } from '../world/world.ts';
import { perWorld } from './per-world.ts';

/** What is not as usual, and how it is made so again. */
const undoneOf = perWorld(() => new Set<() => void>());

/** Undone after that time, or when faults stop: whichever is first, and once. */
export const undoLater = (world: World, ms: number, undo: () => void): void => {
  const open = undoneOf(world);
  const once = (): void => {
    if (open.delete(once)) undo();
  };
  open.add(once);
  world.sim.after(ms, once);
};

/** All that is to be undone is undone now. */
export const undoAll = (world: World): void => {
  for (const undo of [...undoneOf(world)]) undo();
};
