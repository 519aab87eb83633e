import type { RunSeed } from '../kernel/seed-run.ts';
import { shrink } from '../kernel/shrink.ts';
import type { SeedReport } from './messages.ts';

/** Runs one seed; where a guarantee breaks, looks for the shortest history that breaks it. */
export const reportSeed = async (runSeed: RunSeed, seed: number, steps: number): Promise<SeedReport> => {
  try {
    const result = await runSeed({ seed, steps });
    const { simulatedMs, events, violation, deviations } = result;
    if (violation === undefined) return { seed, simulatedMs, events };
    const shrunk = await shrink(runSeed, { seed, steps }, result);
    const shown = shrunk.result.violation ?? violation;
    return {
      seed,
      simulatedMs,
      events,
      failure: {
        invariant: shown.invariant,
        message: shown.message,
        deviations: deviations.length,
        needed: [...shrunk.needed],
        shrinkRuns: shrunk.runs,
        complete: shrunk.complete,
        trace: shrunk.result.trace(),
      },
    };
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, simulatedMs: 0, events: 0, error: said };
  }
};
