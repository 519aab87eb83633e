import { SECOND } from '../../shared/time/clock.ts';

/** What is deployed, fails and is repaired together. */
export type Plane = 'master' | 'copy' | 'user' | 'notify' | 'operators';

/** What a function needs wherever it runs: on AWS and in the local runtime. */
export interface FunctionSpec {
  readonly plane: Plane;
  /** Which secrets it may read: keys of masters, keys of users, addresses of channels, or none. */
  readonly secrets: 'master' | 'user' | 'notify' | 'none';
  /** What it does with the queue of copies. */
  readonly copyQueue: 'sends' | 'receives' | 'none';
  /** What it does with the queue of checks; nothing unless told. */
  readonly checkQueue?: 'sends' | 'receives';
  readonly reachesExchange: boolean;
  readonly timeoutMs: number;
  /** Lambda gives CPU in proportion: one whole core at 1,769 MB. */
  readonly memoryMb: number;
  /** Why this much memory and time. */
  readonly because: string;
}

export const FUNCTION_SPECS = {
  'master-tick': {
    plane: 'master',
    secrets: 'master',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_024,
    because:
      'indicators over 720 candles of each market are its CPU; an order in doubt may take 15 s to be settled, and a tick that needs more than a period would be overtaken',
  },
  'register-master': {
    plane: 'master',
    secrets: 'master',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 512,
    because: 'called by hand, seldom; waits for the exchange, not for CPU',
  },
  'trade-copier': {
    plane: 'copy',
    secrets: 'none',
    copyQueue: 'sends',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_024,
    because: "writes thousands of COPY rows and messages for one trade; its latency is every follower's",
  },
  'copy-worker': {
    plane: 'copy',
    secrets: 'user',
    copyQueue: 'receives',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_024,
    because:
      'half a core parses 0.9 MB of code in a cold start; an order in doubt (15 s) and the wait for the key (30 s, to sell 40 s) fit',
  },
  'register-user': {
    plane: 'user',
    secrets: 'user',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 512,
    because: 'called by hand, seldom; waits for the exchange, not for CPU',
  },
  balance: {
    plane: 'user',
    secrets: 'user',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 512,
    because: 'a handful of requests; most of its time waits for the exchange',
  },
  exit: {
    plane: 'user',
    secrets: 'user',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 300 * SECOND,
    memoryMb: 1_024,
    because:
      'an operator waits for it; five minutes because it waits for rate limits and for orders in doubt instead of giving up',
  },
  control: {
    plane: 'user',
    secrets: 'none',
    copyQueue: 'none',
    reachesExchange: false,
    timeoutMs: 30 * SECOND,
    memoryMb: 512,
    because: 'called by hand, seldom; two requests to the ledger',
  },
  adopt: {
    plane: 'user',
    secrets: 'user',
    copyQueue: 'none',
    reachesExchange: true,
    timeoutMs: 60 * SECOND,
    memoryMb: 512,
    because: 'called by hand, seldom; an order in doubt (16 s) and the wait for the key fit',
  },
  'check-dispatcher': {
    plane: 'user',
    secrets: 'none',
    copyQueue: 'none',
    checkQueue: 'sends',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_024,
    because: 'sends ten thousand messages in a thousand requests, whose signing is CPU',
  },
  'account-check': {
    plane: 'user',
    secrets: 'user',
    copyQueue: 'none',
    checkQueue: 'receives',
    reachesExchange: true,
    timeoutMs: 120 * SECOND,
    memoryMb: 512,
    because:
      'a handful of requests for each account; most of its time waits for the exchange, and one that hangs is given up; the wait for the key (25 s), orders in doubt (20 s) and a key that has asked too often (20 s) fit together',
  },
  notify: {
    plane: 'notify',
    secrets: 'notify',
    copyQueue: 'none',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 512,
    because: 'a few requests to the ledger; a channel that does not answer is given up after five seconds',
  },
  view: {
    plane: 'operators',
    secrets: 'none',
    copyQueue: 'none',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_024,
    because: 'reads thousands of items for one answer and checks each; somebody looks at the page and waits',
  },
  statement: {
    plane: 'operators',
    secrets: 'none',
    copyQueue: 'none',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_769,
    because:
      'a month is three thousand snapshots of the account and as many of its master, all in decimals: one whole core',
  },
  dashboard: {
    plane: 'operators',
    secrets: 'none',
    copyQueue: 'none',
    reachesExchange: false,
    timeoutMs: 60 * SECOND,
    memoryMb: 1_769,
    because:
      'six answers for one page, each of thousands of items, and the page itself: a second of a whole core, and somebody waits',
  },
} as const satisfies Record<string, FunctionSpec>;
export type FunctionName = keyof typeof FUNCTION_SPECS;

export const FUNCTION_NAMES = Object.keys(FUNCTION_SPECS).filter((name): name is FunctionName =>
  Object.hasOwn(FUNCTION_SPECS, name),
);

/** The functions that may read the secrets of each role: whoever proves that keys are apart names them. */
export const SECRET_READERS = {
  master: FUNCTION_NAMES.filter((name) => FUNCTION_SPECS[name].secrets === 'master'),
  user: FUNCTION_NAMES.filter((name) => FUNCTION_SPECS[name].secrets === 'user'),
} as const;

/** How long a copy that was given back is not seen: six times its worker's time, as Lambda asks. */
export const COPY_HIDDEN_MS = 6 * FUNCTION_SPECS['copy-worker'].timeoutMs;
/**
 * The same for a check: only three times, because the account's next check waits behind it in its group, and so do
 * its stops. Lambda asks for more so that calls which are throttled are not counted as deliveries; a check that is
 * given up is followed by the next.
 */
export const CHECK_HIDDEN_MS = 3 * FUNCTION_SPECS['account-check'].timeoutMs;

/** Deliveries of a copy before it goes to the dead letters. */
export const COPY_DELIVERIES = 5;
/** Of a check: it is followed by the account's next, which sees to the same. */
export const CHECK_DELIVERIES = 2;
