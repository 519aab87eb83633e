/** The process is gone. Nothing may take this for an answer of the exchange or the ledger. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** BEFORE: the call has no effect. AFTER: it has taken effect, and nobody sees its answer. */
export type Moment = 'BEFORE' | 'AFTER';

/** Calls that only hand out further ports, or stay within the process. */
const FACTORIES = new Set(['exchange', 'session']);
const WITHIN = new Set(['next', 'followersOf']);
const GIVES_PORTS = new Set(['exchange', 'session', 'acquire']);

/** One process: it counts the calls that leave it and dies at one of them. */
export class Life {
  readonly #diesAt: number;
  readonly #moment: Moment;
  #calls = 0;
  #died: string | undefined;

  constructor(diesAt: number, moment: Moment) {
    this.#diesAt = diesAt;
    this.#moment = moment;
  }

  /** The call it died at. */
  get died(): string | undefined {
    return this.#died;
  }

  /** The same ports, as this process reaches them. */
  ports<T extends object>(ports: T): T {
    return new Proxy(ports, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'function')
          return (...args: readonly unknown[]) =>
            this.#call(String(name), () => Reflect.apply(value, target, args));
        return isObject(value) ? this.ports(value) : value;
      },
    });
  }

  #call(name: string, run: () => unknown): unknown {
    if (FACTORIES.has(name) || WITHIN.has(name)) {
      this.#ensureAlive();
      const result = run();
      return GIVES_PORTS.has(name) && isObject(result) ? this.ports(result) : result;
    }
    return this.#leave(name, run);
  }

  async #leave(name: string, run: () => unknown): Promise<unknown> {
    this.#ensureAlive();
    this.#calls += 1;
    const last = this.#calls === this.#diesAt;
    if (last && this.#moment === 'BEFORE') throw this.#die(name);
    const result = await run();
    if (last) throw this.#die(name);
    this.#ensureAlive();
    return GIVES_PORTS.has(name) && isObject(result) ? this.ports(result) : result;
  }

  #die(name: string): CrashError {
    this.#died = `${this.#moment.toLowerCase()} call ${this.#calls}, ${name}`;
    return new CrashError(`the process died ${this.#died}`);
  }

  #ensureAlive(): void {
    if (this.#died !== undefined) throw new CrashError(`the process is dead since ${this.#died}`);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
