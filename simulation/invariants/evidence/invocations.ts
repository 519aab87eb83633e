import * as z from 'zod';
import type { FunctionName } from '../../../infra/functions/specs.ts';
import type { BookedBalance } from '../../../infra/local/kraken/books.ts';
import type { Instant } from '../../../shared/time/clock.ts';
import type { StoredItem } from '../../aws/dynamodb/value.ts';
import type { Seen } from '../../world/world.ts';
import type { Evidence } from './evidence.ts';
import { jsonOf } from './json.ts';

/** An account's balances as they truly were when a process asked for them. */
export interface BalanceRead {
  readonly balances: Readonly<Record<string, BookedBalance>>;
  /** Whether the exchange showed something older. */
  readonly old: boolean;
  readonly at: Instant;
}

/** What a process has read of the switches since it last asked the exchange for anything else. */
export interface SwitchesRead {
  /** When the halt was read last; undefined: not since then. */
  haltAt?: Instant;
  halt?: StoredItem | undefined;
  runaway?: { readonly item: StoredItem | undefined };
  profile?: { readonly item: StoredItem | undefined };
  masterStatus?: { readonly item: StoredItem | undefined };
}

/** What one process is doing now. */
export interface Invocation {
  readonly process: string;
  readonly fn: FunctionName;
  /** Whose work it is; empty where it is nobody's. */
  readonly accountIds: readonly string[];
  readonly event: unknown;
  readonly startedAt: Instant;
  balanceRead?: BalanceRead;
  switches: SwitchesRead;
}

const zQueued = z.looseObject({ Records: z.array(z.looseObject({ body: z.string() })) });
const zOfAccount = z.looseObject({ accountId: z.string() });

const accountsOf = (event: unknown): readonly string[] => {
  const direct = zOfAccount.safeParse(event);
  if (direct.success) return [direct.data.accountId];
  const queued = zQueued.safeParse(event);
  if (!queued.success) return [];
  return queued.data.Records.flatMap(({ body }) => {
    const message = zOfAccount.safeParse(jsonOf(body));
    return message.success ? [message.data.accountId] : [];
  });
};

/** Follows what each process is asked for, and what it has seen since. */
export class Invocations {
  readonly #evidence: Evidence;
  readonly #byProcess = new Map<string, Invocation>();
  readonly #writers = new Map<string, Invocation>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    evidence.world.onSeen((seen, at) => this.#see(seen, at));
  }

  /** The last one of that process. */
  of(process: string): Invocation | undefined {
    return this.#byProcess.get(process);
  }

  /** Who wrote that item last, as it was then: of an order's intent, who decided on it and what was read for that. */
  writerOf(pk: string, sk: string): Invocation | undefined {
    return this.#writers.get(`${pk} ${sk}`);
  }

  #see(seen: Seen, at: Instant): void {
    const { process } = seen;
    if (seen.kind === 'invocation') {
      const { fn, event } = seen;
      const invocation = { process, fn, event, accountIds: accountsOf(event), startedAt: at, switches: {} };
      this.#byProcess.set(process, invocation);
      return;
    }
    const invocation = this.#byProcess.get(process);
    if (invocation === undefined) return;
    if (seen.kind === 'request') this.#request(invocation, seen.endpoint, at);
    else if (seen.kind === 'item') this.#touch(invocation, seen, at);
  }

  #request(invocation: Invocation, endpoint: string, at: Instant): void {
    if (endpoint === 'AddOrder') return;
    invocation.switches = {};
    const [accountId] = invocation.accountIds;
    const { books } = this.#evidence.world.exchange;
    if (endpoint !== 'BalanceEx' || accountId === undefined) return;
    if (!books.accounts().includes(accountId)) return;
    invocation.balanceRead = {
      balances: books.balances(accountId),
      old: books.showsOldBalances(accountId),
      at,
    };
  }

  #touch(invocation: Invocation, { pk, sk, write }: Extract<Seen, { kind: 'item' }>, at: Instant): void {
    if (write) {
      this.#writers.set(`${pk} ${sk}`, { ...invocation, switches: { ...invocation.switches } });
      return;
    }
    const { switches } = invocation;
    const item = () => {
      this.#evidence.catchUp();
      return this.#evidence.item(pk, sk);
    };
    if (pk === 'control' && sk === 'HALT') {
      switches.haltAt = at;
      switches.halt = item();
    } else if (pk === 'runaway') switches.runaway = { item: item() };
    else if (pk.startsWith('status#')) switches.masterStatus = { item: item() };
    else if (sk === 'PROFILE') switches.profile = { item: item() };
  }
}
