import { spawnSync } from 'node:child_process';
import { isPart, PART_NAMES, PART_VARIABLE } from './parts.ts';
import { printScores } from './scores.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isPart(name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part '${unknown.join("', '")}'. Parts: ${PART_NAMES.join(', ')}; without one, all are run.\n`,
  );
  process.exit(2);
}

for (const name of asked.length === 0 ? PART_NAMES : PART_NAMES.filter((part) => asked.includes(part))) {
  process.stdout.write(`${name}\n`);
  const { status } = spawnSync('stryker', ['run', '--logLevel', 'warn'], {
    stdio: 'inherit',
    env: { ...process.env, [PART_VARIABLE]: name },
  });
  if (status !== 0) {
    process.stderr.write(
      `The run of ${name} failed (exit code ${status ?? 'none'}): its last report stands.\n`,
    );
    process.exitCode = 1;
  }
}
printScores();
