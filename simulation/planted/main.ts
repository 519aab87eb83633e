import { parseArgs } from 'node:util';
import type { PlantedBug } from './bug.ts';
import { BUGS } from './bugs.ts';
import { FIRST_SEED, type Hunted, hunt } from './hunt.ts';

const USAGE = `npm run planted [-- NAME…]

Plants one bug after the other into what the simulation runs, and tells after how many seeds (from ${FIRST_SEED} on) a broken guarantee gives it away. All of them, where no names are given.

Exit code: 0 when each was found within its number of seeds, 1 when one was not, 2 for wrong options.`;

const chosen = (names: readonly string[]): readonly PlantedBug[] => {
  const unknown = names.find((name) => BUGS.every((bug) => bug.name !== name));
  if (unknown !== undefined)
    throw new RangeError(
      `there is no such bug (given '${unknown}'): it is one of ${BUGS.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? BUGS : BUGS.filter(({ name }) => names.includes(name));
};

const lineOf = ({ name, guarantee, withinSeeds }: PlantedBug, { caught, others }: Hunted): string => {
  const also = [...new Set(others.map(({ invariant }) => invariant))].join(', ');
  const found =
    caught === undefined
      ? `NOT FOUND in ${withinSeeds} seeds: nothing broke guarantee ${guarantee}`
      : `found in ${caught.seeds} of ${withinSeeds} seeds: '${caught.invariant}': ${caught.message}`;
  return `${name}: ${found}${also === '' ? '' : ` (earlier seeds broke ${also})`}\n`;
};

const main = async (argv: readonly string[]): Promise<number> => {
  let bugs: readonly PlantedBug[];
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    bugs = chosen(positionals);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  let missed = 0;
  for (const bug of bugs) {
    const hunted = await hunt(bug, bug.withinSeeds);
    if (hunted.caught === undefined) missed += 1;
    process.stdout.write(lineOf(bug, hunted));
  }
  process.stdout.write(`${bugs.length - missed} of ${bugs.length} planted bugs were found\n`);
  return missed === 0 ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
