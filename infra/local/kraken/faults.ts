export const FAULT_KINDS = [
  /** Nothing happens and nobody answers, until the caller hangs up. */
  'TIMEOUT_BEFORE',
  /** The request is carried out, but nobody answers. */
  'TIMEOUT_AFTER',
  'RESET_BEFORE',
  'RESET_AFTER',
  /** `status`, 503 where not given. */
  'HTTP_5XX',
  'HTTP_520',
  /** 200 with a web page. */
  'HTML',
  'EMPTY',
  /** `{"error":[]}` */
  'EMPTY_RESULT',
  /** The first half of an answer. */
  'TRUNCATED',
  /** Carried out at once, answered after `ms`. */
  'SLOW',
  /** Carried out after `ms`, whether or not the caller still waits. */
  'LATE',
  /** `text` as the error. */
  'ERROR_TEXT',
  /** What the account has open is executed at its limit, then the request is carried out: a cancel that filled. */
  'FILLS_FIRST',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultSpec {
  readonly kind: FaultKind;
  /** All keys, and callers without one, where neither this nor `accountId` is given. */
  readonly apiKey?: string;
  readonly accountId?: string;
  /** `AddOrder`, `Ticker`, …; all where not given. */
  readonly endpoint?: string;
  readonly status?: number;
  /** Real milliseconds. */
  readonly ms?: number;
  readonly text?: string;
  /** How many requests it hits: 1 where not given, Infinity until cleared. */
  readonly times?: number;
  /** Let this many matching requests through first. */
  readonly skip?: number;
  /** Whether the request is carried out all the same, for the kinds that do not say so themselves. Default false. */
  readonly accept?: boolean;
}

export interface FaultHandle {
  readonly spec: FaultSpec;
  /** How many requests it has hit. */
  hits(): number;
  clear(): void;
}

interface Caller {
  readonly apiKey: string | undefined;
  readonly accountId: string | undefined;
  readonly endpoint: string;
}

interface Active {
  readonly spec: FaultSpec;
  readonly onHit: () => void;
  skip: number;
  left: number;
  hits: number;
}

export interface HiddenSpec {
  readonly apiKey?: string;
  readonly accountId?: string;
  /** How many list calls do not show it (for orders), or show the balances of now (for balances). */
  readonly calls: number;
  /** And for how many milliseconds at most; without it, for as many calls as said. */
  readonly forMs?: number;
}

export interface LagSpec {
  readonly apiKey?: string;
  readonly accountId?: string;
  readonly forMs: number;
}

const concerns = (spec: { readonly apiKey?: string; readonly accountId?: string }, caller: Caller): boolean =>
  (spec.apiKey === undefined || spec.apiKey === caller.apiKey) &&
  (spec.accountId === undefined || spec.accountId === caller.accountId);

/** What goes wrong on demand. Of several that match a request the one injected first hits it. */
export class Faults {
  #active: Active[] = [];
  #outage: FaultHandle | undefined;
  #hiding: HiddenSpec[] = [];
  #lags: LagSpec[] = [];

  /** @param onHit called for each request that it hits. @throws TypeError for numbers that make no sense */
  inject(spec: FaultSpec, onHit: () => void = () => {}): FaultHandle {
    const times = spec.times ?? 1;
    if (!(times >= 1)) throw new TypeError(`a fault hits at least once (given times ${times})`);
    const active: Active = { spec, onHit, skip: spec.skip ?? 0, left: times, hits: 0 };
    this.#active.push(active);
    return {
      spec,
      hits: () => active.hits,
      clear: () => {
        this.#active = this.#active.filter((other) => other !== active);
      },
    };
  }

  /** Every request of everybody fails, before anything else, until `recover`. */
  outage(spec: Omit<FaultSpec, 'times' | 'apiKey' | 'accountId' | 'endpoint'> = { kind: 'HTTP_5XX' }): void {
    this.recover();
    const handle = this.inject({ ...spec, times: Number.POSITIVE_INFINITY });
    const injected = this.#active.pop();
    if (injected !== undefined) this.#active.unshift(injected);
    this.#outage = handle;
  }

  recover(): void {
    this.#outage?.clear();
    this.#outage = undefined;
  }

  /** Ends everything: faults, outage and hiding. */
  clear(): void {
    this.#active = [];
    this.#outage = undefined;
    this.#hiding = [];
    this.#lags = [];
  }

  /** Orders placed from now on are absent from the next `calls` lists that would show them. */
  hideNewOrders(spec: HiddenSpec): { clear(): void } {
    this.#hiding.push(spec);
    return {
      clear: () => {
        this.#hiding = this.#hiding.filter((other) => other !== spec);
      },
    };
  }

  /** From how many list calls an order placed now is absent, and for how long at most. */
  hiddenFor(apiKey: string, accountId: string): Pick<HiddenSpec, 'calls' | 'forMs'> {
    const caller: Caller = { apiKey, accountId, endpoint: 'AddOrder' };
    const specs = this.#hiding.filter((spec) => concerns(spec, caller));
    return specs.toSorted((one, other) => other.calls - one.calls)[0] ?? { calls: 0 };
  }

  /** For `forMs` after an order was placed, balance calls show what they would have shown before it. */
  lagBalances(spec: LagSpec): { clear(): void } {
    this.#lags.push(spec);
    return {
      clear: () => {
        this.#lags = this.#lags.filter((other) => other !== spec);
      },
    };
  }

  /** For how long balances do not show what an order placed now does to them. */
  lagFor(apiKey: string, accountId: string): number {
    const caller: Caller = { apiKey, accountId, endpoint: 'AddOrder' };
    return Math.max(0, ...this.#lags.filter((spec) => concerns(spec, caller)).map(({ forMs }) => forMs));
  }

  /** The fault that hits this request, if any; counts as a hit. */
  hit(caller: Caller): FaultSpec | undefined {
    for (const active of this.#active) {
      const { spec } = active;
      if (spec.endpoint !== undefined && spec.endpoint !== caller.endpoint) continue;
      if (!concerns(spec, caller)) continue;
      if (active.skip > 0) {
        active.skip -= 1;
        continue;
      }
      active.left -= 1;
      active.hits += 1;
      active.onHit();
      if (active.left <= 0) this.#active = this.#active.filter((other) => other !== active);
      return spec;
    }
    return undefined;
  }
}
