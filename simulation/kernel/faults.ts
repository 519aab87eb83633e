import type { Call, Port } from './call.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';

/** Milliseconds, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What the caller of a faulty call gets: its answer (late), an error, or its own end. */
export type Ending = 'answer' | 'killed' | ((call: Call, random: Random) => Error);

/** Something that befalls a call. */
export interface Fault {
  /** `lost answer`; part of a deviation's id. */
  readonly name: string;
  /** Of the calls that it applies to, this share has it; those of one port together at most 1. */
  readonly probability: number;
  /** To every call of the port unless told. */
  readonly applies?: (call: Call) => boolean;
  /**
   * How often the other side acts. Twice: the first answer was lost, the client sent the same again. Not at
   * all and yet `answer`: nothing ever comes back.
   */
  readonly acts: 0 | 1 | 2;
  readonly ends: Ending;
  /** Before the other side acts, beyond the usual. */
  readonly beforeMs?: Range;
  /** After it has acted (the last time), beyond the usual. */
  readonly afterMs?: Range;
  /** Between the two acts. */
  readonly betweenMs?: Range;
}

/** How a port behaves. */
export interface Profile {
  /** Of each way, there and back. Not a fault: drawn for every call, whatever is allowed. */
  readonly latencyMs: Range;
  readonly faults: readonly Fault[];
}
export type Profiles = Readonly<Record<Port, Profile>>;

export const writes = ({ writes }: Call): boolean => writes;

export const slow = (probability: number, range: Range): Fault => ({
  name: 'slow',
  probability,
  acts: 1,
  ends: 'answer',
  beforeMs: { from: 0, to: range.to },
  afterMs: range,
});

/** The process dies with the request still in it. */
export const killedBefore = (probability: number): Fault => ({
  name: 'killed before',
  probability,
  acts: 0,
  ends: 'killed',
});

/** The request was acted on; the process dies and never learns it. */
export const killedAfter = (probability: number): Fault => ({
  name: 'killed after',
  probability,
  acts: 1,
  ends: 'killed',
});

/** Which fault befalls the call by this draw; the list is gone through in order. */
export const drawFault = (profile: Profile, call: Call, random: Random): Fault | undefined => {
  const drawn = random.fraction();
  let passed = 0;
  for (const fault of profile.faults) {
    if (drawn < passed + fault.probability && drawn >= passed)
      return fault.applies === undefined || fault.applies(call) ? fault : undefined;
    passed += fault.probability;
  }
  return undefined;
};

interface Target {
  readonly matches: (process: Process, point: number, call: Call) => boolean;
  readonly fault: Fault;
  left: number;
}

/** Faults at exact places, whatever chance says; they happen also while faults are off. */
export class FaultPlan {
  readonly #targets: Target[] = [];

  /** The process of that id dies at its n-th point (from 1). */
  killAt(processId: string, point: number, when: 'before' | 'after'): void {
    this.next(
      (process, at) => process.id === processId && at === point,
      when === 'before' ? killedBefore(1) : killedAfter(1),
    );
  }

  /** The next calls that match, `times` of them, have this fault. */
  next(matches: (process: Process, point: number, call: Call) => boolean, fault: Fault, times = 1): void {
    this.#targets.push({ matches, fault, left: times });
  }

  /** The first planned fault of this call, used up by asking. */
  take(process: Process, point: number, call: Call): Fault | undefined {
    if (this.#targets.length === 0) return undefined;
    const index = this.#targets.findIndex((target) => target.matches(process, point, call));
    const target = this.#targets[index];
    if (target === undefined) return undefined;
    target.left -= 1;
    if (target.left <= 0) this.#targets.splice(index, 1);
    return target.fault;
  }
}
