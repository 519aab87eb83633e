import type { Clock } from '../../shared/time/clock.ts';
import type { Call } from './call.ts';
import { drawFault, type Fault } from './faults.ts';
import { runPoint } from './point.ts';
import type { Random } from './random.ts';
import type { Sim } from './sim.ts';

/** How far processes' clocks are off, either way: usually a little, some by more. */
export interface Skew {
  readonly usualMs: number;
  readonly badMs: number;
  readonly badProbability: number;
}

/**
 * What one invocation environment of a function is: a clock of its own, and calls that leave it. Each call is
 * a point: the other side acts at one time, the answer comes at another, and in between anybody may go on, or
 * the process may die. What a dead process has sent still arrives; nothing reaches it any more.
 */
export class Process {
  readonly id: string;
  /** Off by the skew; its `sleep` is a point. */
  readonly clock: Clock;
  readonly random: Random;
  readonly #sim: Sim;
  #points = 0;
  #open = 0;
  #alive = true;
  #busy = false;
  #frozen: (() => void)[] | undefined;
  #deathListeners: ((why: string) => void)[] = [];

  constructor(sim: Sim, id: string, skew: Skew) {
    this.#sim = sim;
    this.id = id;
    this.random = sim.random.split(`process ${id}`);
    const offset = skewOf(sim, this, skew);
    this.clock = {
      now: () => sim.now() + offset,
      sleep: (ms) => this.point({ port: 'sleep', name: `${ms} ms`, writes: false, takesMs: ms }, nothing),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Points so far. */
  get points(): number {
    return this.#points;
  }

  /** It should be doing something, and no point of it is open. */
  get waitsForNothing(): boolean {
    return this.#alive && this.#busy && this.#open === 0 && this.#frozen === undefined;
  }

  /** While busy, it is an error to wait for anything but points. */
  set busy(busy: boolean) {
    this.#busy = busy;
    if (busy) this.#sim.touched(this);
  }

  /** Its memory is gone, its promises never resolve, its leases stay. */
  kill(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#frozen = undefined;
    this.#sim.note(this.id, 'killed', why);
    for (const listener of this.#deathListeners.splice(0)) listener(why);
  }

  onDeath(listener: (why: string) => void): void {
    this.#deathListeners.push(listener);
  }

  /** Between two invocations nothing reaches it; what came meanwhile does when it thaws. */
  freeze(): void {
    if (this.#alive) this.#frozen ??= [];
    this.#deathListeners = [];
  }

  thaw(): void {
    const kept = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const arrival of kept) this.#arrive(arrival);
  }

  note(what: string, outcome = ''): void {
    this.#sim.note(this.id, what, outcome);
  }

  /**
   * One call. `act` is the other side's doing, at its time: it may throw, or return a promise.
   * @throws what `act` throws, or what its fault is to the caller
   */
  point<T>(call: Call, act: () => T | Promise<T>): Promise<T> {
    if (!this.#alive) return new Promise<T>(nothing);
    this.#points += 1;
    const point = this.#points;
    const random = this.random.at(point);
    const fault = this.#faultOf(call, point, random);
    this.#open += 1;
    return new Promise<T>((resolve, reject) =>
      runPoint({
        sim: this.#sim,
        call,
        fault,
        random,
        act,
        resolve,
        reject,
        alive: () => this.#alive,
        kill: (why) => this.kill(why),
        record: (outcome) => this.#record(call, point, fault, outcome),
        end: (settle) =>
          this.#arrive(() => {
            this.#open -= 1;
            settle();
          }),
      }),
    );
  }

  #faultOf(call: Call, point: number, random: Random): Fault | undefined {
    const planned = this.#sim.plan.take(this, point, call);
    if (planned !== undefined) return planned;
    const fault = drawFault(this.#sim.profiles[call.port], call, random);
    if (fault === undefined || this.#sim.faults === 'off') return undefined;
    const id = `${this.id}#${point} ${call.port} ${call.name}: ${fault.name}`;
    return this.#sim.choices.take(id, this.#sim.now()) ? fault : undefined;
  }

  #record(call: Call, point: number, fault: Fault | undefined, outcome: string): void {
    this.#sim.trace.add({
      at: this.#sim.now(),
      who: this.id,
      point,
      what: `${call.port} ${call.name}`,
      outcome,
      ...(call.about === undefined ? {} : { about: call.about }),
      ...(fault === undefined ? {} : { fault: fault.name }),
    });
  }

  #arrive(arrival: () => void): void {
    if (!this.#alive) return;
    if (this.#frozen !== undefined) {
      this.#frozen.push(arrival);
      return;
    }
    this.#sim.touched(this);
    arrival();
  }
}

const nothing = (): void => {};

const skewOf = (sim: Sim, process: Process, { usualMs, badMs, badProbability }: Skew): number => {
  const random = process.random.split('skew');
  const usual = random.whole(-usualMs, usualMs);
  const bad = random.whole(-badMs, badMs);
  if (!random.chance(badProbability) || sim.faults === 'off') return usual;
  return sim.choices.take(`${process.id} clock off`, sim.now()) ? bad : usual;
};
