/** `npm run rehearse-halt`: how long after a stop the last BUY arrives at the exchange, measured. */
import { parseArgs } from 'node:util';
import { faultsOf, reportOf } from './rehearsal/judge.ts';
import { COPIES_AT_ONCE, rehearseHalt } from './rehearsal/rehearse.ts';

/** Fewer would all be in flight when the stop comes. */
const FEWEST = 2 * COPIES_AT_ONCE;

const USAGE = `Usage: npm run rehearse-halt -- [options]
Lets many accounts of the local runtime buy and stops them in the middle of it: once by the limit of the breaker
over all accounts, once by control's halt. Prints how long after it the last BUY reached the exchange, how many
did, and that SELLs and an exit went on. Exit code 0 only if none was sent that the stop should have held.
  --users N   how many accounts buy (default 60; ${FEWEST} to 500)
  --json      what was measured as JSON`;

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      users: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const users = Number(values.users);
  if (!Number.isInteger(users) || users < FEWEST || users > 500)
    throw new TypeError(`--users is a number from ${FEWEST} to 500 (given '${values.users}')`);
  const rehearsed = await rehearseHalt(users);
  const faults = rehearsed.flatMap(faultsOf);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ rehearsed, faults })}\n`
      : `${[...rehearsed.map(reportOf), ...faults.map((fault) => `WRONG: ${fault}`)].join('\n\n')}\n`,
  );
  if (faults.length > 0) process.exitCode = 1;
};

await run().catch((error: unknown) => {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
