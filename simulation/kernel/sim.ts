import type { AlarmClock } from '../../infra/local/clock/virtual-clock.ts';
import type { Instant } from '../../shared/time/clock.ts';
import { Choices } from './choices.ts';
import { EventQueue } from './event-queue.ts';
import { FaultPlan, type Profiles, type Range } from './faults.ts';
import { Process, type Skew } from './process.ts';
import { Random } from './random.ts';
import { Trace } from './trace.ts';

export interface SimOptions {
  readonly seed: number;
  readonly startAt: Instant;
  readonly profiles: Profiles;
  /** Default: up to 20 ms, and for one process in fifty up to 2 s. */
  readonly skew?: Skew;
  /** Only these deviations may happen; without it all that chance brings. */
  readonly allow?: ReadonlySet<string>;
  /** How many trace records are kept; all unless told. */
  readonly traceLimit?: number;
}

const TURNS_A_ROUND = 16;

/** The simulation itself went wrong, not what it simulates. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

const USUAL_SKEW: Skew = { usualMs: 20, badMs: 2_000, badProbability: 0.02 };

/**
 * Discrete events in virtual time, one after the other: an event runs, then everything that it set free runs
 * until nothing is left but to wait, then the next event. So nothing may wait for real time, a socket or a
 * thread. One seed has one history.
 */
export class Sim {
  readonly seed: number;
  readonly startAt: Instant;
  readonly random: Random;
  readonly choices: Choices;
  readonly plan = new FaultPlan();
  readonly trace: Trace;
  /** What came about, and how often: for who looks at what a set of seeds covers. */
  readonly reached = new Map<string, number>();
  profiles: Profiles;
  /** Off: no deviation by chance. What was planned and what actors do still happens. */
  faults: 'on' | 'off' = 'on';
  /** Without skew: the time of stores, queues and exchanges. */
  readonly clock: AlarmClock;
  readonly #events = new EventQueue();
  readonly #skew: Skew;
  readonly #processes = new Map<string, number>();
  readonly #places = new Map<string, number>();
  /** By place: made once, since a name is hashed letter by letter. */
  readonly #sources = new Map<string, Random>();
  readonly #observers: (() => void)[] = [];
  readonly #touched = new Set<Process>();
  #now: Instant;
  #ran = 0;
  #running = false;
  #failure: { readonly error: unknown } | undefined;

  constructor({ seed, startAt, profiles, skew = USUAL_SKEW, allow, traceLimit }: SimOptions) {
    this.seed = seed;
    this.startAt = startAt;
    this.random = Random.of(seed);
    this.choices = new Choices(allow);
    this.trace = new Trace(startAt, traceLimit);
    this.profiles = profiles;
    this.#skew = skew;
    this.#now = startAt;
    this.clock = {
      now: () => this.#now,
      sleep: (ms) => new Promise((resolve) => void this.after(ms, resolve)),
      at: (moment, run) => this.at(moment, run),
    };
  }

  /** Events so far. */
  get events(): number {
    return this.#ran;
  }

  now(): Instant {
    return this.#now;
  }

  /**
   * Runs it at that moment, or now where that has passed; never before this call returns.
   * @returns forgets it
   */
  at(moment: Instant, run: () => void): () => void {
    const event = this.#events.add(Math.max(moment, this.#now), run);
    return () => {
      event.run = undefined;
    };
  }

  /** @returns forgets it */
  after(ms: number, run: () => void): () => void {
    return this.at(this.#now + Math.max(0, Math.round(ms)), run);
  }

  /** A process of its own: `name.1`, `name.2`, … in the order they are made. */
  process(name: string): Process {
    const ordinal = (this.#processes.get(name) ?? 0) + 1;
    this.#processes.set(name, ordinal);
    return new Process(this, `${name}.${ordinal}`, this.#skew);
  }

  /**
   * Whether chance deviates at a place: `copy-worker invocation`. Each asking has its own number and draw, so
   * that another place's askings change nothing here.
   */
  deviates(place: string, what: string, probability: number): boolean {
    const random = this.drawAt(place);
    if (this.faults === 'off' || !random.chance(probability)) return false;
    const id = `${place}#${this.#places.get(place)} ${what}`;
    if (!this.choices.take(id, this.#now)) return false;
    this.trace.add({ at: this.#now, who: place, point: 0, what, outcome: '' });
    return true;
  }

  /** An act of somebody, unless it is left out of this history. `who` counts on its own. */
  acts(who: string, what: string): boolean {
    const ordinal = this.#ordinal(`actor ${who}`);
    if (!this.choices.take(`${who}#${ordinal} ${what}`, this.#now)) return false;
    this.note(who, what);
    return true;
  }

  /** Where in the range this asking falls: an ordinary difference, not a deviation. */
  between(place: string, { from, to }: Range): number {
    return this.drawAt(place).whole(from, to);
  }

  /** The numbers of this asking at a place. */
  drawAt(place: string): Random {
    let random = this.#sources.get(place);
    if (random === undefined) {
      random = this.random.split(place);
      this.#sources.set(place, random);
    }
    return random.at(this.#ordinal(place));
  }

  reach(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1);
  }

  note(who: string, what: string, outcome = ''): void {
    this.trace.add({ at: this.#now, who, point: 0, what, outcome });
  }

  /** The observer runs after every event, when all is at rest. What it throws ends the run. */
  observe(observer: () => void): void {
    this.#observers.push(observer);
  }

  /** A background task: when it fails, the run fails. */
  watch(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.fail(error));
  }

  /** Ends the run with this error at the next rest. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** The process may go on: what it waits for is looked at when all is at rest. */
  touched(process: Process): void {
    this.#touched.add(process);
  }

  /**
   * Lets everything happen up to that moment, which is the time afterwards; or until nothing more is to come
   * where it is infinite.
   *
   * @throws SimulationError; what an observer throws or a watched task fails with
   */
  run(until: Instant): Promise<void> {
    if (this.#running) throw new SimulationError('the simulation runs already');
    this.#running = true;
    return new Promise<void>((resolve, reject) => {
      let over = false;
      const end = (): void => {
        over = true;
        this.#running = false;
      };
      const turn = (): void => {
        if (over) return;
        try {
          this.#atRest();
          const next = this.#events.next();
          if (next?.run === undefined || next.at > until) {
            if (Number.isFinite(until)) this.#now = Math.max(this.#now, until);
            end();
            resolve();
            return;
          }
          this.#events.take();
          this.#now = next.at;
          this.#ran += 1;
          next.run();
        } catch (error) {
          end();
          reject(error);
        }
      };
      // An immediate comes after all promises that can be settled are, also among its like: a round of the
      // event loop for each event would cost as much as the event.
      const round = (): void => {
        for (let turns = 1; turns <= TURNS_A_ROUND; turns += 1) setImmediate(turn);
        setImmediate(() => {
          if (!over) round();
        });
      };
      round();
    });
  }

  #atRest(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    for (const process of this.#touched) {
      if (process.waitsForNothing) {
        throw new SimulationError(
          `a process must wait for the simulation alone, and this one waits for something else: a real timer, socket or thread (given ${process.id})`,
        );
      }
    }
    this.#touched.clear();
    for (const observer of this.#observers) observer();
  }

  #ordinal(place: string): number {
    const ordinal = (this.#places.get(place) ?? 0) + 1;
    this.#places.set(place, ordinal);
    return ordinal;
  }
}
