import type { RunSeed, SeedResult, SeedRun, Violation } from './seed-run.ts';

/** The shortest history found that breaks the same guarantee. */
export interface Shrunk {
  readonly result: SeedResult;
  /** Ids of the deviations that are needed; without any one of them it does not happen, if `complete`. */
  readonly needed: readonly string[];
  readonly runs: number;
  /** False when the runs were used up first. */
  readonly complete: boolean;
}

/**
 * Leaves out deviations, in halves, then in ever smaller parts, as long as the same invariant fails (delta
 * debugging, Zeller). Leaving one out may change what comes later, so what counts is what a run really took.
 *
 * @param failing what `run` without restriction resulted in, or with some
 * @throws TypeError for a result without a violation
 */
export const shrink = async (
  runSeed: RunSeed,
  run: Omit<SeedRun, 'allow'>,
  failing: SeedResult,
  mostRuns = 400,
): Promise<Shrunk> => {
  const invariant = violationOf(failing, run.seed).invariant;
  let best = failing;
  let runs = 0;
  /** Whether it still fails with these alone; if so it is the best so far. */
  const fails = async (ids: readonly string[]): Promise<boolean> => {
    runs += 1;
    const result = await runSeed({ ...run, allow: new Set(ids) });
    if (result.violation?.invariant !== invariant) return false;
    best = result;
    return true;
  };

  let parts = 2;
  let ids = idsOf(best);
  if (ids.length > 0 && (await fails([]))) ids = idsOf(best);
  while (ids.length > 0 && runs < mostRuns) {
    const size = Math.ceil(ids.length / parts);
    const shorter = await firstShorter(ids, size, fails, () => runs < mostRuns);
    if (shorter) {
      ids = idsOf(best);
      parts = Math.max(2, Math.min(parts, ids.length));
    } else if (size === 1) {
      return { result: best, needed: ids, runs, complete: runs < mostRuns };
    } else {
      parts = Math.min(ids.length, parts * 2);
    }
  }
  return { result: best, needed: ids, runs, complete: ids.length === 0 };
};

const violationOf = (result: SeedResult, seed: number): Violation => {
  if (result.violation !== undefined) return result.violation;
  throw new TypeError(`only a run that breaks a guarantee can be made shorter (given seed ${seed})`);
};

const idsOf = (result: SeedResult): readonly string[] => result.deviations.map(({ id }) => id);

/** From the end, where what does not matter any more mostly is. */
const firstShorter = async (
  ids: readonly string[],
  size: number,
  fails: (ids: readonly string[]) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<boolean> => {
  for (let end = ids.length; end > 0 && mayGoOn(); end -= size) {
    const from = Math.max(0, end - size);
    if (await fails([...ids.slice(0, from), ...ids.slice(end)])) return true;
  }
  return false;
};
