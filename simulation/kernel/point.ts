import type { Call } from './call.ts';
import type { Fault, Range } from './faults.ts';
import type { Random } from './random.ts';
import type { Sim } from './sim.ts';

/** One call on its way: what is done with it, and what its process gets to see of that. */
export interface PointParts<T> {
  readonly sim: Sim;
  readonly call: Call;
  readonly fault: Fault | undefined;
  readonly random: Random;
  /** The other side's doing. */
  readonly act: () => T | Promise<T>;
  readonly alive: () => boolean;
  readonly kill: (why: string) => void;
  readonly record: (outcome: string) => void;
  /** Gives the process the end of the call; once. */
  readonly end: (settle: () => void) => void;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Lets the call happen: there, done, and back, each at its time, and as its fault has it. */
export const runPoint = <T>(parts: PointParts<T>): void => {
  const { sim, call, fault, random, act, record } = parts;
  const { latencyMs } = sim.profiles[call.port];
  const thereMs = random.whole(latencyMs.from, latencyMs.to) + (call.takesMs ?? 0);
  const backMs = random.whole(latencyMs.from, latencyMs.to);
  let ended = false;
  let forgetTimeout = (): void => {};
  const end = (settle: () => void): void => {
    if (ended) return;
    ended = true;
    forgetTimeout();
    parts.end(settle);
  };

  const answer = (settle: () => void): void => {
    if (fault?.ends === 'killed') {
      parts.kill(fault.name);
      return;
    }
    const ending = fault?.ends ?? 'answer';
    const seen = typeof ending === 'function' ? () => parts.reject(ending(call, random)) : settle;
    sim.after(backMs + drawn(fault?.afterMs, random), () => end(seen));
  };

  const once = (): void => {
    // A sleep is the process's own: a dead one does not go on with it.
    if (!parts.alive() && call.port === 'sleep') return;
    settled(
      act,
      (value) => {
        record('ok');
        answer(() => parts.resolve(value));
      },
      (error) => {
        record(nameOf(error));
        answer(() => parts.reject(error));
      },
    );
  };

  const twice = (): void => {
    const again = (run: () => void): void => {
      sim.after(backMs + drawn(fault?.betweenMs, random), run);
    };
    settled(
      act,
      (value) => {
        record('ok');
        if (call.repeatable === true) again(() => answer(() => parts.resolve(value)));
        else again(once);
      },
      (error) => {
        record(nameOf(error));
        again(once);
      },
    );
  };

  const neverDone = (): void => {
    record('not done');
    if (fault?.ends !== 'answer') answer(() => {});
  };

  const { timeout } = call;
  if (timeout !== undefined) {
    forgetTimeout = sim.after(timeout.ms, () => {
      record('the caller gave up');
      end(() => parts.reject(timeout.error(`no answer within ${timeout.ms} ms`)));
    });
  }
  const arrive = fault?.acts === 0 ? neverDone : fault?.acts === 2 ? twice : once;
  sim.after(thereMs + drawn(fault?.beforeMs, random), arrive);
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

const drawn = (range: Range | undefined, random: Random): number =>
  range === undefined ? 0 : random.whole(range.from, range.to);

/** Runs what may be synchronous or not; at once where it is. */
const settled = <T>(
  act: () => T | Promise<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void => {
  let result: T | Promise<T>;
  try {
    result = act();
  } catch (error) {
    failed(error);
    return;
  }
  if (result instanceof Promise) result.then(done, failed);
  else done(result);
};
