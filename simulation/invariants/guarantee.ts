import type { Violation } from '../kernel/seed-run.ts';
import type { Invariant, World } from '../world/world.ts';
import { type Evidence, evidenceOf } from './evidence/evidence.ts';

/** Says that the guarantee does not hold: what happened, to whom, with the figures. The first counts. */
export type Broken = (message: string) => void;

/** What must hold when all has come to rest: the sentence that says why it does not, or undefined. */
export type AtEnd = () => string | undefined;

/** Begins to listen in one world. */
export type Watch = (evidence: Evidence, broken: Broken) => AtEnd | undefined;

interface Watched {
  readonly world: World;
  readonly evidence: Evidence;
  readonly atEnd: AtEnd | undefined;
  broken: Violation | undefined;
}

/** An invariant that is told what is new, so that looking costs next to nothing where nothing is. */
export const guarantee = (name: string, watch: Watch): Invariant => {
  const worlds = new WeakMap<World, Watched>();
  // A run asks tens of thousands of times about one world.
  let last: Watched | undefined;
  const of = (world: World): Watched => {
    if (last?.world !== world) last = worlds.get(world) ?? begin(world);
    return last;
  };
  const begin = (world: World): Watched => {
    const evidence = evidenceOf(world);
    const watched: Watched = {
      world,
      evidence,
      broken: undefined,
      atEnd: watch(evidence, (message) => {
        watched.broken ??= { invariant: name, message, at: world.sim.now() };
      }),
    };
    worlds.set(world, watched);
    return watched;
  };
  return {
    name,
    start: (world) => void of(world),
    afterEvent: (world) => {
      const watched = of(world);
      watched.evidence.catchUp();
      return watched.broken;
    },
    atEnd: async (world) => {
      const watched = of(world);
      watched.evidence.catchUp();
      const message = watched.atEnd?.();
      if (message === undefined) return watched.broken;
      return watched.broken ?? { invariant: name, message, at: world.sim.now() };
    },
  };
};
