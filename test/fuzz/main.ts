/** `npm run fuzz`: the edges with more inputs, or with others, than the tests try. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const USAGE = `npm run fuzz -- [options] [FILE…]
Gives arbitrary and damaged events, secrets, exchange answers and files to all that reads them. Exit code 0 only
if each answered as it should, or refused with an error of its own.
  --runs N   inputs for each property (default 10000)
  --seed N   other inputs (default: those that the tests begin with)
  FILE       only these of test/fuzz`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(`${USAGE}\n`);
else {
  const files = positionals.length > 0 ? positionals : ['test/fuzz'];
  const variables = {
    NIJA_FUZZ_RUNS: values.runs,
    ...(values.seed === undefined ? {} : { NIJA_FUZZ_SEED: values.seed }),
  };
  const { status } = spawnSync('vitest', ['run', '--testTimeout=0', ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  process.exitCode = status ?? 1;
}
