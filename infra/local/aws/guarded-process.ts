import { spawn } from 'node:child_process';

/**
 * The shell waits on its standard input, a pipe that only our process holds: when we end, however that
 * happens (also by SIGKILL), the pipe closes and the shell ends the program. `$1` is a folder to remove
 * afterwards, or empty. Our own process group, so that a Ctrl-C reaches us alone and we stop in order.
 */
const GUARD = `
folder=$1; shift
"$@" </dev/null &
child=$!
trap '' INT TERM HUP
exec >/dev/null 2>&1
if read -r line; then kill -TERM $child; else kill -KILL $child; fi
wait $child
if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
`;

export interface GuardedProcess {
  /** Waits for a match in what the program prints; unmatched when it ends, or is silent too long. */
  printed(
    pattern: RegExp,
    timeoutMs: number,
  ): Promise<{ readonly matched: boolean; readonly output: string }>;
  /** Ends the program; resolves when it is gone. */
  stop(): Promise<void>;
}

const KILL_AFTER_MS = 2_000;

const killGroup = (leader: number | undefined): void => {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
};

/** A child process that does not outlive this one. */
export const startGuarded = (options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly removeAfterwards?: string;
}): GuardedProcess => {
  const child = spawn(
    '/bin/sh',
    ['-c', GUARD, 'sh', options.removeAfterwards ?? '', options.command, ...options.args],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let output = '';
  let ended = false;
  let open = 2;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      ended = true;
      changed();
      resolve();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      output = (output + chunk).slice(-4_000);
      changed();
    });
    stream.once('end', () => {
      // One may end while the other still has something to say.
      open -= 1;
      ended ||= open === 0;
      changed();
    });
  }
  // The shell may be gone before we ask it to stop.
  child.stdin.on('error', () => changed());
  child.unref();

  return {
    printed: (pattern, timeoutMs) =>
      new Promise((resolve) => {
        const finish = (matched: boolean) => {
          clearTimeout(timer);
          listeners.delete(look);
          resolve({ matched, output });
        };
        const look = () => {
          if (pattern.test(output)) finish(true);
          else if (ended) finish(false);
        };
        const timer = setTimeout(() => finish(false), timeoutMs);
        listeners.add(look);
        look();
      }),
    stop: async () => {
      child.ref();
      child.stdin.write('stop\n');
      const force = setTimeout(() => killGroup(child.pid), KILL_AFTER_MS);
      await gone;
      clearTimeout(force);
    },
  };
};
