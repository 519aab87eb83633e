import type { Actor } from '../world/world.ts';

/** All who do something in a simulated world. */
export const ACTORS: readonly Actor[] = [];
