import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Coverage } from './command/coverage.ts';
import { simulateOptions, USAGE, UsageError } from './command/options.ts';
import { Progress, renderFailure } from './command/progress.ts';
import { runSeeds } from './command/run-seeds.ts';

const WORLD = new URL('./world/run-seed.ts', import.meta.url);
/** Of these the history is told; more would bury them. */
const MOST_TOLD = 5;
const PROGRESS_EVERY_MS = 1_000;

/** The command behind `npm run simulate`. Resolves to the exit code. */
const main = async (argv: readonly string[]): Promise<number> => {
  const options = simulateOptions(argv);
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { world, steps } = options;
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort(signal));
  process.stderr.write(
    `${options.seeds} seeds from ${options.from}, ${steps ?? '2 to 40'} steps each; Ctrl-C stops and tells what was done\n`,
  );
  const progress = new Progress(options.seeds, performance.now());
  const coverage = new Coverage();
  const terminal = process.stderr.isTTY;
  const tell = setInterval(
    () =>
      process.stderr.write(
        `${terminal ? '\r\u001b[2K' : ''}${progress.line(performance.now())}${terminal ? '' : '\n'}`,
      ),
    terminal ? PROGRESS_EVERY_MS : 10 * PROGRESS_EVERY_MS,
  );
  let told = 0;
  try {
    await runSeeds({
      ...options,
      world: (world === undefined ? WORLD : pathToFileURL(resolve(world))).href,
      stop: stopping.signal,
      reported: (report) => {
        progress.add(report);
        coverage.add(report);
        const failure = renderFailure(report);
        if (failure === undefined) return;
        told += 1;
        if (told <= MOST_TOLD) process.stdout.write(`${terminal ? '\n' : ''}${failure}\n`);
        else process.stdout.write(`${failure.slice(0, failure.indexOf('\n'))}\n`);
      },
    });
  } finally {
    clearInterval(tell);
    if (terminal) process.stderr.write('\r\u001b[2K');
  }
  process.stdout.write(`${stopping.signal.aborted ? 'stopped: ' : ''}${progress.line(performance.now())}\n`);
  if (options.coverage) process.stdout.write(coverage.table());
  if (progress.failed) return 1;
  return stopping.signal.aborted ? 130 : 0;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
