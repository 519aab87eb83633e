import type { FunctionName } from '../../infra/functions/specs.ts';
import type { Lambda } from '../kernel/lambda.ts';
import type { Sim } from '../kernel/sim.ts';
import { allFunctions, FIRST_VERSION, type FunctionParts, simFunction } from './functions.ts';

/** Which versions of the functions run. All do the same: what counts is that their processes live side by side. */
export class Deployments {
  readonly #sim: Sim;
  readonly #lambda: Lambda;
  readonly #parts: FunctionParts;
  readonly #newest = new Map<FunctionName, number>();

  constructor(sim: Sim, lambda: Lambda, parts: FunctionParts) {
    this.#sim = sim;
    this.#lambda = lambda;
    this.#parts = parts;
    for (const fn of allFunctions(parts)) lambda.deploy([{ fn, share: 1 }]);
  }

  /** The version of now and the next share the invocations for that long; a later deployment ends it earlier. */
  next(name: FunctionName, forMs: number): void {
    const former = this.#newest.get(name) ?? 1;
    const newest = former + 1;
    this.#newest.set(name, newest);
    const next = this.#version(name, newest);
    this.#lambda.deploy([
      { fn: this.#version(name, former), share: 0.5 },
      { fn: next, share: 0.5 },
    ]);
    this.#sim.after(forMs, () => {
      if (this.#newest.get(name) === newest) this.#lambda.deploy([{ fn: next, share: 1 }]);
    });
  }

  #version(name: FunctionName, version: number) {
    return simFunction(name, version === 1 ? FIRST_VERSION : `v${version}`, this.#parts);
  }
}
