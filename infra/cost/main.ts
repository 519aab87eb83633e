import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  ASSUMPTION_NAMES,
  AssumptionError,
  type AssumptionName,
  type Assumptions,
  assumptionsWith,
  DEFAULT_ASSUMPTIONS,
  flagOf,
  meaningOf,
  USER_COUNTS,
  userCounts,
} from './assumptions.ts';
import { billOf } from './bill.ts';
import { type Calls, CallsError, readCalls } from './calls.ts';
import { COST_DOCUMENT, DocumentError, documentedTable, withProse, withTable } from './document.ts';
import { PRICE_REGION, PRICES, PRICES_AS_OF } from './prices.ts';
import { proseOf } from './prose.ts';
import { quantityTable } from './table.ts';

const width = Math.max(...ASSUMPTION_NAMES.map((name) => flagOf(name).length));

const USAGE = `Usage: npm run cost -- [options]
What Nija costs a month on AWS: listed prices × measured calls × assumptions.
  --users N,N,…   how many users, a column each (default ${USER_COUNTS.join(',')})
  --write         put table and figures of the defaults into docs/costs.md
  --measure       count the calls again, in about three minutes, into infra/cost/calls.json
Assumptions, each with its default:
${ASSUMPTION_NAMES.map((name) => `  --${flagOf(name).padEnd(width)}  ${DEFAULT_ASSUMPTIONS[name]}: ${meaningOf(name)}`).join('\n')}`;

const read = (argv: readonly string[]) => {
  const flags = Object.fromEntries(
    ASSUMPTION_NAMES.map((name) => [flagOf(name), { type: 'string' } as const]),
  );
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        ...flags,
        users: { type: 'string' },
        write: { type: 'boolean' },
        measure: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw new AssumptionError(error instanceof Error ? error.message : String(error));
  }
};

const shownAssumptions = (assumptions: Assumptions): string =>
  ASSUMPTION_NAMES.map(
    (name) => `  ${flagOf(name).padEnd(width)}  ${String(assumptions[name]).padStart(5)}  ${meaningOf(name)}`,
  ).join('\n');

const shownOrigin = ({ measured }: Calls): string =>
  `Calls measured on ${measured.at}: ${measured.on}, Node ${measured.node}, exchange answering in ${measured.exchangeMs} ms, AWS in ${measured.awsMs} ms at least, ${measured.markets} markets.
Prices of ${PRICE_REGION}, on demand, arm64, as of ${PRICES_AS_OF}. No free tier, no data transfer, no support, no taxes.`;

const main = async (argv: readonly string[]): Promise<void> => {
  const values = read(argv);
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (values.measure === true) {
    const { measure } = await import('./measure.ts');
    await measure((line) => process.stderr.write(`${line}\n`));
  }
  const given: Partial<Record<AssumptionName, string>> = {};
  for (const name of ASSUMPTION_NAMES) {
    const value = Object.entries(values).find(([flag]) => flag === flagOf(name))?.[1];
    if (typeof value === 'string') given[name] = value;
  }
  const changed = Object.keys(given).length > 0 || values.users !== undefined;
  if (values.write === true && changed)
    throw new AssumptionError('--write is for the defaults: leave the other options out');
  const assumptions = assumptionsWith(given);
  const counts = values.users === undefined ? USER_COUNTS : userCounts(values.users);
  const calls = readCalls();
  const bills = counts.map((users) => billOf(users, assumptions, calls, PRICES));
  const documented = documentedTable(calls, PRICES, assumptions, counts);
  if (values.write === true) {
    const document = withTable(readFileSync(COST_DOCUMENT, 'utf8'), documented);
    writeFileSync(COST_DOCUMENT, withProse(document, proseOf(calls, PRICES)));
  }
  const parts = [
    shownOrigin(calls),
    `Assumptions\n${shownAssumptions(assumptions)}`,
    quantityTable(bills, PRICES),
    documented,
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
};

await main(process.argv.slice(2)).catch((error: unknown) => {
  const known =
    error instanceof AssumptionError || error instanceof CallsError || error instanceof DocumentError;
  if (!known) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof AssumptionError ? 2 : 1;
});
