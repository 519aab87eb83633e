#!/usr/bin/env node
import { userInfo } from 'node:os';
import { terminalAsk } from './asking/ask.ts';
import { EXIT_CODES, type ExitCode } from './outcome.ts';
import { type Output, runNija, type World } from './run.ts';
import { connect } from './transport/target.ts';

const outputOf = (stream: NodeJS.WriteStream): Output => ({
  isTerminal: stream.isTTY === true,
  get columns() {
    return stream.columns;
  },
  write: (text) => {
    stream.write(text);
  },
});

/** Who looks at a part of the output alone, with `head`, say, is done with it: that is no failure of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have a number and no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
};

const world: World = {
  out: outputOf(process.stdout),
  err: outputOf(process.stderr),
  env: process.env,
  ask: terminalAsk({ input: process.stdin, output: process.stderr }),
  operator: userName(),
  readInput: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  },
  ended: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    }),
  connect: async (target) => await connect(target, process.env, process.cwd()),
};

// A prompt whose terminal closes may leave nothing to wait for: what has not ended has not been done.
let exitCode: ExitCode = EXIT_CODES.failed;
process.once('exit', () => {
  process.exitCode = exitCode;
});
runNija(process.argv.slice(2), world).then(
  (code) => {
    exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `nija: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  },
);
