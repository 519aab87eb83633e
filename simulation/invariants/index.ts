import type { Invariant } from '../world/world.ts';

/** All that is held of a simulated world. */
export const INVARIANTS: readonly Invariant[] = [];
