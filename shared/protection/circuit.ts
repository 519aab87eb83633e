import type { AccountId } from '../account/account.ts';
import { ExchangeError, type ExchangeErrorCode } from '../exchange/exchange.ts';
import { OrderNotPlaced } from '../order/place-once.ts';
import { type Instant, MINUTE } from '../time/clock.ts';

/**
 * How an account's exchange has been answering. CLOSED: BUYs go out. OPEN: none does before `until`; then one may
 * try. PROBING: it tries; should nothing be heard of it, another may after `until`.
 */
export type Circuit = { readonly accountId: AccountId; readonly version: number } & (
  | { readonly state: 'CLOSED'; readonly failures: number }
  | {
      readonly state: 'OPEN' | 'PROBING';
      /** How often in a row it opened. */
      readonly openings: number;
      readonly until: Instant;
      readonly lastFailure: ExchangeErrorCode;
    }
);

export interface CircuitStore {
  get(accountId: AccountId): Promise<Circuit | undefined>;
  /** @throws ConcurrentChange when the stored version is not `circuit.version - 1` (or, for version 1, exists) */
  save(circuit: Circuit): Promise<void>;
}

/** Failures in a row after which it opens. */
export const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = MINUTE;
const LONGEST_PAUSE_MS = 15 * MINUTE;

/** Twice as long each time. */
export const pauseMs = (openings: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(openings - 1, 10));

export const versionAfter = (before: Circuit | undefined): number => (before?.version ?? 0) + 1;

/** @returns undefined where a failure changes nothing: it is open, and nobody tries */
export const afterFailure = (
  before: Circuit | undefined,
  accountId: AccountId,
  code: ExchangeErrorCode,
  now: Instant,
): Circuit | undefined => {
  const head = { accountId, version: versionAfter(before) };
  const opened = (openings: number): Circuit => ({
    ...head,
    state: 'OPEN',
    openings,
    until: now + pauseMs(openings),
    lastFailure: code,
  });
  if (before === undefined || before.state === 'CLOSED') {
    const failures = (before?.failures ?? 0) + 1;
    return failures < FAILURES_TO_OPEN ? { ...head, state: 'CLOSED', failures } : opened(1);
  }
  return before.state === 'PROBING' ? opened(before.openings + 1) : undefined;
};

/** @returns undefined where all was well before */
export const afterSuccess = (before: Circuit | undefined): Circuit | undefined =>
  before === undefined || (before.state === 'CLOSED' && before.failures === 0)
    ? undefined
    : { accountId: before.accountId, version: versionAfter(before), state: 'CLOSED', failures: 0 };

/** The exchange or the way to it failed; what it refuses, or says of our key, is an answer. */
const FAILING: ReadonlySet<ExchangeErrorCode> = new Set([
  'TIMEOUT',
  'UNREACHABLE',
  'UNAVAILABLE',
  'LOCKED_OUT',
  'MALFORMED_ANSWER',
]);

export const isExchangeFailure = (code: ExchangeErrorCode): boolean => FAILING.has(code);

/** The failure of the exchange that an error tells of; undefined for all else. */
export const exchangeFailureOf = (error: unknown): ExchangeErrorCode | undefined =>
  (error instanceof ExchangeError || error instanceof OrderNotPlaced) && isExchangeFailure(error.code)
    ? error.code
    : undefined;
