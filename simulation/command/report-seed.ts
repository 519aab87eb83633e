import type { RunSeed, SeedRun } from '../kernel/seed-run.ts';
import { shrink } from '../kernel/shrink.ts';
import type { SeedReport } from './messages.ts';

/** Runs one seed; where a guarantee breaks, looks for the shortest history that breaks it. */
export const reportSeed = async (
  runSeed: RunSeed,
  { seed, steps }: Pick<SeedRun, 'seed' | 'steps'>,
  withCoverage = false,
): Promise<SeedReport> => {
  const run = { seed, steps };
  try {
    const result = await runSeed(run);
    const { simulatedMs, events, violation, deviations } = result;
    const coverage = withCoverage ? { coverage: { ...result.coverage?.() } } : {};
    if (violation === undefined) return { ...run, simulatedMs, events, ...coverage };
    const shrunk = await shrink(runSeed, run, result);
    const shown = shrunk.result.violation ?? violation;
    return {
      ...run,
      simulatedMs,
      events,
      ...coverage,
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
    return { ...run, simulatedMs: 0, events: 0, error: said };
  }
};
