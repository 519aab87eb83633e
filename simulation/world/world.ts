import type { FunctionName } from '../../infra/functions/specs.ts';
import type { QueueCounts } from '../../infra/local/aws/sqs/queue.ts';
import type { KrakenSimulator } from '../../infra/local/kraken/simulator.ts';
import type { LogLine } from '../../infra/local/local-host.ts';
import type { MarketSymbol } from '../../shared/exchange/market.ts';
import type { MasterLedger } from '../../shared/strategy/master-ledger.ts';
import type { Instant } from '../../shared/time/clock.ts';
import type { MemoryStream } from '../aws/dynamodb/stream.ts';
import type { InvocationEnd } from '../kernel/lambda.ts';
import type { Random } from '../kernel/random.ts';
import type { Violation } from '../kernel/seed-run.ts';
import type { Sim } from '../kernel/sim.ts';

/** An account of the simulated world. Its owner has a key of their own beside the one that Nija uses. */
export interface Member {
  readonly accountId: string;
  readonly role: 'master' | 'user';
  /** What is in the vault for it now. */
  apiKey: string;
  /** The owner's own: manual trades, deposits and withdrawals. Never in the vault. */
  readonly ownKey: string;
  readonly ownSecret: string;
  /** Since when the registration was answered with success; undefined before. */
  registeredAt: Instant | undefined;
}

/** Something that left a process, as the other side sees it. Kept only for what invariants look at. */
export type Seen =
  /** When it leaves, whether or not it ever arrives. */
  | { readonly kind: 'sent'; readonly process: string; readonly apiKey: string; readonly endpoint: string }
  /** When the exchange acts on it: its process may have given up long since, and be at something else. */
  | { readonly kind: 'request'; readonly process: string; readonly apiKey: string; readonly endpoint: string }
  | {
      readonly kind: 'item';
      readonly process: string;
      readonly pk: string;
      readonly sk: string;
      readonly write: boolean;
    }
  /** The role of its function does not let it. */
  | { readonly kind: 'denied'; readonly process: string; readonly pk: string; readonly action: string }
  | { readonly kind: 'secret'; readonly process: string; readonly secretId: string }
  /** Given to a queue, whoever gets it. */
  | { readonly kind: 'message'; readonly process: string; readonly body: string }
  | {
      readonly kind: 'invocation';
      readonly process: string;
      readonly fn: FunctionName;
      readonly event: unknown;
    }
  /** What the invocation gives to whoever invoked it. */
  | {
      readonly kind: 'answer';
      readonly process: string;
      readonly fn: FunctionName;
      readonly answer: { readonly result: unknown } | { readonly error: unknown };
    };

/** A queue, as who looks on sees it. */
export interface Watched {
  readonly name: string;
  readonly counts: () => QueueCounts;
}

/** Everything of one seed. Actors act through it, invariants look at it. */
export interface World {
  readonly sim: Sim;
  /** A text that every secret of this world contains, and nothing else. */
  readonly canary: string;
  readonly exchange: KrakenSimulator;
  readonly symbols: readonly MarketSymbol[];
  readonly members: readonly Member[];
  /** The ledger as it is at this moment, beside all points: for judging, never for acting. */
  readonly ledger: MasterLedger;
  /** Every item, as plain values. */
  items(): Iterable<Readonly<Record<string, unknown>>>;
  /** Every write to the table, in its order: for who looks only at what is new. */
  readonly changes: Pick<MemoryStream, 'last' | 'changesSince'>;
  /** Those of copies and checks, with their dead letters, and of trades that were not told to followers. */
  readonly queues: readonly Watched[];
  /** Every log line and metric so far. */
  readonly lines: readonly LogLine[];
  /** Told of all that leaves a process, at the moment when the other side acts. */
  onSeen(listener: (seen: Seen, at: Instant) => void): void;
  /** As an operator or owner does, with the Lambda console: waits for the answer. */
  call(fn: FunctionName, event: unknown): Promise<InvocationEnd>;
  /** An account's owner replaces the key in the vault. */
  storeSecret(member: Member, secret: { readonly apiKey: string; readonly apiSecret: string }): void;
  /** The schedules of a master or of the checks do not run while stopped. */
  stopMaster(): void;
  startMaster(): void;
  /** Two versions of a function run side by side for that long. */
  deploy(fn: FunctionName, forMs: number): void;
  /** All warm processes of a function are gone. */
  recycle(fn: FunctionName): void;
  /** As an operator does with the console: what the queues of copies and checks gave up is delivered again. */
  redriveDeadLetters(): void;
  /** What actors know and invariants must allow for: manual trades, deposits, adoptions, delistings. */
  readonly told: Told[];
}

/** What an actor did, once it is done. */
export type Told =
  | {
      readonly what: 'own-trade' | 'deposit' | 'withdrawal' | 'adoption' | 'release';
      readonly accountId: string;
      readonly asset: string;
      readonly at: Instant;
    }
  | { readonly what: 'delisting'; readonly symbol: MarketSymbol; readonly at: Instant }
  /** A market's minimums are raised, or are again what they were. */
  | {
      readonly what: 'minimums';
      readonly symbol: MarketSymbol;
      readonly raised: boolean;
      readonly at: Instant;
    }
  /** From then on the vault has another key; what runs may go on with the one before. */
  | {
      readonly what: 'key';
      readonly accountId: string;
      readonly before: string;
      readonly after: string;
      readonly at: Instant;
    }
  /** The exchange answered the account, or all, nothing of use, or late; now and then or for a while. */
  | {
      readonly what: 'outage';
      readonly scope: 'all' | string;
      readonly beganAt: Instant;
      readonly endedAt: Instant;
    }
  /** A user was registered again, following that master; undefined: none. */
  | {
      readonly what: 'following';
      readonly accountId: string;
      readonly masterId: string | undefined;
      readonly beganAt: Instant;
      readonly endedAt: Instant;
      readonly end: InvocationEnd;
    }
  /** Of all buying, or of one account's: disabled, exit-only or copying paused. A resume lifts one of these. */
  | {
      readonly what: 'halt' | 'resume';
      readonly scope: 'all' | string;
      readonly beganAt: Instant;
      readonly endedAt: Instant;
      readonly end: InvocationEnd;
    }
  | {
      readonly what: 'exit';
      readonly accountId: string;
      readonly requestId: string;
      readonly scope: 'managed' | 'everything';
      /** All where not given. */
      readonly symbols?: readonly MarketSymbol[];
      readonly beganAt: Instant;
      readonly endedAt: Instant;
      readonly end: InvocationEnd;
    };

/** Somebody who does something now and then. */
export interface Actor {
  readonly name: string;
  /** How often in relation to others. */
  readonly weight: number;
  /** One act; `sim.acts` has allowed it. It may wait for its calls. */
  act(world: World, random: Random): Promise<void> | void;
  /** When faults stop: ends what it has broken for long. */
  mend?(world: World): void;
}

/** One guarantee, as something that can be looked at. */
export interface Invariant {
  /** `4 one order per cause`. */
  readonly name: string;
  /** Begins to listen. */
  start?(world: World): void;
  /** After every event; cheap. */
  afterEvent?(world: World): Violation | undefined;
  /**
   * When faults have stopped and checks have run: all that must have come about by then. Asked again after more
   * checks while somebody finds something, so it only looks.
   */
  atEnd?(world: World): Promise<Violation | undefined>;
}
