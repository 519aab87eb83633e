import type { Context } from 'aws-lambda';
import { contextOf } from '../../infra/local/aws/lambda.ts';
import type { Range } from './faults.ts';
import type { Process } from './process.ts';
import type { Sim } from './sim.ts';

/** One version of a function. */
export interface SimFunction {
  readonly name: string;
  readonly version: string;
  readonly timeoutMs: number;
  /** Once for each process, as a module is loaded once: clients and caches live as long as that. */
  readonly create: (process: Process) => (event: unknown, context: Context) => Promise<unknown>;
}

/** How an invocation ended, as who invoked it sees it. */
export type InvocationEnd =
  | { readonly state: 'SUCCEEDED'; readonly result: unknown }
  | { readonly state: 'FAILED'; readonly error: string; readonly message: string };

/** How often what befalls invocations. */
export interface InvocationRates {
  /** A warm process is gone: the next invocation starts cold. */
  readonly recycled: number;
  /** It did all its work, and the invoker sees a failure. */
  readonly lostAnswer: number;
  /** It starts late. */
  readonly late: number;
}

export const USUAL_INVOCATIONS: InvocationRates = { recycled: 0.02, lostAnswer: 0.005, late: 0.01 };

const WARM_MS: Range = { from: 1, to: 8 };
const COLD_MS: Range = { from: 150, to: 900 };
const LATE_MS: Range = { from: 1_000, to: 20_000 };
/** Lambda's own pauses before it repeats an asynchronous invocation. */
const ASYNC_RETRY_MS = [60_000, 120_000];

interface Environment {
  readonly process: Process;
  readonly handle: (event: unknown, context: Context) => Promise<unknown>;
}

interface Route {
  readonly fn: SimFunction;
  readonly share: number;
  readonly idle: Environment[];
}

/** Runs functions as Lambda does: one invocation at a time in each process, warm ones again, killed at their time. */
export class Lambda {
  readonly #sim: Sim;
  readonly #rates: InvocationRates;
  readonly #routes = new Map<string, Route[]>();
  #running = 0;

  constructor(sim: Sim, rates: InvocationRates = USUAL_INVOCATIONS) {
    this.#sim = sim;
    this.#rates = rates;
  }

  /** Invocations that have not ended. */
  get running(): number {
    return this.#running;
  }

  /**
   * Which versions of a function take which share of its invocations; shares add up to 1. Processes of a version
   * that stays are kept, what runs in others ends as it would.
   */
  deploy(versions: readonly { readonly fn: SimFunction; readonly share: number }[]): void {
    for (const { fn, share } of versions) {
      const former = this.#routes.get(fn.name)?.find((route) => route.fn.version === fn.version);
      const others = (this.#routes.get(fn.name) ?? []).filter(
        (route) => route !== former && versions.some((one) => one.fn.version === route.fn.version),
      );
      this.#routes.set(fn.name, [...others, { fn, share, idle: former?.idle ?? [] }]);
    }
  }

  /** Waits for the result. A killed or timed out invocation is FAILED, as its invoker sees it. */
  invoke(name: string, event: unknown): Promise<InvocationEnd> {
    const place = `${name} invocation`;
    const { fn, idle } = this.#routeOf(name);
    const { environment, startMs } = this.#environment(fn, idle);
    const late = this.#sim.deviates(place, 'late', this.#rates.late)
      ? this.#sim.between(`${place} late`, LATE_MS)
      : 0;
    this.#running += 1;
    return new Promise((resolve) => {
      const ended = (end: InvocationEnd): void => {
        this.#running -= 1;
        const lost = this.#sim.deviates(place, 'lost answer', this.#rates.lostAnswer);
        resolve(lost ? { state: 'FAILED', error: 'ServiceException', message: 'no answer' } : end);
      };
      this.#sim.after(startMs + late, () => this.#run(fn, environment, idle, event, ended));
    });
  }

  /** Does not wait; a failure is repeated up to twice, after one and two minutes, then given up. */
  invokeLater(
    name: string,
    event: unknown,
    retries = 2,
    givenUp: (end: InvocationEnd) => void = () => {},
  ): void {
    const attempt = async (made: number): Promise<void> => {
      const end = await this.invoke(name, event);
      if (end.state === 'SUCCEEDED') return;
      const pause = ASYNC_RETRY_MS[made];
      if (made >= retries || pause === undefined) return givenUp(end);
      this.#sim.after(pause, () => this.#sim.watch(attempt(made + 1)));
    };
    this.#sim.watch(attempt(0));
  }

  /** All warm processes are gone, as after a deployment. */
  recycle(name: string): void {
    for (const { idle } of this.#routes.get(name) ?? [])
      for (const { process } of idle.splice(0)) process.kill('recycled');
  }

  #routeOf(name: string): Route {
    const routes = this.#routes.get(name) ?? [];
    const drawn = this.#sim.drawAt(`${name} version`).fraction();
    let passed = 0;
    for (const route of routes) {
      passed += route.share;
      if (drawn < passed) return route;
    }
    const last = routes.at(-1);
    if (last === undefined)
      throw new RangeError(`there is no such function: deploy it first (given '${name}')`);
    return last;
  }

  #environment(fn: SimFunction, idle: Environment[]) {
    const warm = idle.pop();
    const place = `${fn.name} start`;
    if (warm !== undefined) {
      if (!this.#sim.deviates(place, 'recycled', this.#rates.recycled))
        return { environment: warm, startMs: this.#sim.between(`${place} warm`, WARM_MS) };
      warm.process.kill('recycled');
    }
    const process = this.#sim.process(`${fn.name}@${fn.version}`);
    return {
      environment: { process, handle: fn.create(process) },
      startMs: this.#sim.between(`${place} cold`, COLD_MS),
    };
  }

  #run(
    fn: SimFunction,
    environment: Environment,
    idle: Environment[],
    event: unknown,
    ended: (end: InvocationEnd) => void,
  ): void {
    const { process, handle } = environment;
    const deadline = this.#sim.now() + fn.timeoutMs;
    const requestId = this.#sim.drawAt(`${fn.name} request`).uuid();
    const context = contextOf(fn.name, requestId, () => Math.max(0, deadline - this.#sim.now()));
    const forgetTimeout = this.#sim.at(deadline, () => process.kill('timed out'));
    const done = (end: InvocationEnd): void => {
      // What the dead process had under way may still settle within this very turn.
      if (!process.alive) return;
      forgetTimeout();
      process.busy = false;
      process.freeze();
      process.note('invocation ends', end.state === 'FAILED' ? `${end.error}: ${end.message}` : 'ok');
      idle.push(environment);
      ended(end);
    };
    process.thaw();
    process.onDeath((why) => {
      forgetTimeout();
      ended({ state: 'FAILED', error: 'Runtime.ExitError', message: `${requestId} ${why}` });
    });
    process.note('invocation starts', requestId);
    process.busy = true;
    answerOf(handle, event, context).then(
      (result) => done({ state: 'SUCCEEDED', result }),
      (error: unknown) => {
        const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
        done({ state: 'FAILED', error: name, message });
      },
    );
  }
}

const answerOf = async (handle: Environment['handle'], event: unknown, context: Context): Promise<unknown> =>
  await handle(event, context);
