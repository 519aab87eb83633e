import { parseArgs } from 'node:util';
import type { PlantedBug } from '../planted/bug.ts';
import { BUGS } from '../planted/bugs.ts';

/** What `npm run simulate` was asked to do. */
export interface SimulateOptions {
  readonly from: number;
  readonly seeds: number;
  /** In each; drawn for each by its seed where nobody says. */
  readonly steps: number | undefined;
  readonly workers: number;
  /** The module that exports `runSeed`, relative to where the command runs. */
  readonly world: string | undefined;
  /** Whether to tell what the seeds covered. */
  readonly coverage: boolean;
  /** The planted bug to run with. */
  readonly plant: PlantedBug | undefined;
}

/** The command line does not say what it should: the message does. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm run simulate -- [options]

Runs the whole system in simulated time, one history for each seed, with faults everywhere, and checks every
guarantee after each step. A seed that breaks one is made as short as can be and told as a readable trace.

  --seeds N     how many seeds; default 1000
  --from N      the first of them; default 1
  --seed N      this seed alone
  --steps N     how much happens in each; default 2 to 40, drawn by the seed
  --workers N   threads; default 2
  --coverage    tells what came about in how many of them: acts, faults, ends of copies and exits
  --plant NAME  runs with this planted bug, to see what it breaks: one of simulation/planted
  --world FILE  the module whose runSeed is run; default the whole system

Exit code: 0 when every guarantee held, 1 when one did not or something failed, 2 for wrong options, 130
when it was stopped before the end.`;

/** @throws UsageError */
export const simulateOptions = (argv: readonly string[]): SimulateOptions | 'help' => {
  const values = read(argv);
  if (values.help) return 'help';
  if (values.seed !== undefined && (values.seeds !== undefined || values.from !== undefined))
    throw new UsageError(
      `--seed runs that one alone: leave --seeds and --from out (given --seed ${values.seed})`,
    );
  const steps = values.steps === undefined ? undefined : whole('--steps', values.steps, 1, 1_000_000);
  const { world, coverage } = values;
  const plant = values.plant === undefined ? undefined : bugOf(values.plant);
  if (values.seed !== undefined)
    return {
      from: whole('--seed', values.seed, 0, MOST),
      seeds: 1,
      steps,
      workers: 1,
      world,
      coverage,
      plant,
    };
  return {
    from: whole('--from', values.from ?? '1', 0, MOST),
    seeds: whole('--seeds', values.seeds ?? '1000', 1, 100_000_000),
    steps,
    workers: whole('--workers', values.workers ?? '2', 1, 64),
    world,
    coverage,
    plant,
  };
};

const bugOf = (name: string): PlantedBug => {
  const bug = BUGS.find((known) => known.name === name);
  if (bug === undefined)
    throw new UsageError(
      `--plant takes one of ${BUGS.map((known) => known.name).join(', ')} (given '${name}')`,
    );
  return bug;
};

const MOST = 2 ** 31 - 1;

const read = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        seeds: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        steps: { type: 'string' },
        workers: { type: 'string' },
        world: { type: 'string' },
        plant: { type: 'string' },
        coverage: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replaceAll('\n', ' ').replace(/\.$/, ''));
  }
};

const whole = (name: string, value: string, from: number, to: number): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < from || number > to)
    throw new UsageError(`${name} takes a whole number from ${from} to ${to} (given '${value}')`);
  return number;
};
