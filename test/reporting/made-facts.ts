import { type AccountRecord, roleOf, zAccount } from '../../shared/account/account.ts';
import type { Read } from '../../shared/ledger/read.ts';
import { quote, ZERO_QUOTE } from '../../shared/money/money.ts';
import type { AccountFacts, Surroundings } from '../../shared/reporting/account-facts.ts';
import type { EquitySnapshot } from '../../shared/snapshot/snapshot.ts';
import { DAY, MINUTE } from '../../shared/time/clock.ts';

export const NOON = Date.parse('2026-03-02T12:00:00Z');
export const FINGERPRINT = '0123456789abcdef';

export const known = <T>(value: T): Read<T> => ({ readable: true, value });
export const hurt = (why: string): Read<never> => ({ readable: false, why });

export const accountOf = (accountId: string, changes: Partial<AccountRecord> = {}) =>
  zAccount.parse({
    accountId,
    role: roleOf(accountId),
    exchange: 'kraken',
    keyFingerprint: FINGERPRINT,
    registeredAt: NOON - 10 * DAY,
    ...(roleOf(accountId) === 'user' ? { follows: 'm-boss' } : {}),
    ...changes,
  });

export const snapshotOf = (accountId: string, equity: string): EquitySnapshot => ({
  accountId,
  at: NOON - MINUTE,
  cash: quote(equity),
  held: ZERO_QUOTE,
  equity: quote(equity),
  holdings: [],
  flows: [],
  flow: ZERO_QUOTE,
  paidIn: quote(equity),
  counted: [],
  countedFrom: 0,
});

/** An account with which all is well. */
export const factsOf = (
  accountId: string,
  profile: Partial<AccountRecord> = {},
  changes: Partial<AccountFacts> = {},
): AccountFacts => ({
  accountId,
  at: NOON,
  profile: known(accountOf(accountId, profile)),
  keyState: known(undefined),
  attestation: known({
    accountId,
    keyFingerprint: FINGERPRINT,
    attestedAt: NOON - MINUTE,
    permissions: ['query-funds'],
    findings: [],
  }),
  circuit: known(undefined),
  following: known(undefined),
  unjudged: known(undefined),
  reconciliation: known({ cursor: NOON - MINUTE, pending: [] }),
  snapshot: known(snapshotOf(accountId, '1000')),
  unfinished: known({ orders: [], copies: [], exits: [] }),
  drifts: known([]),
  keyOwner: known(accountId),
  ...changes,
});

/** Nothing is halted, and the master ticks. */
export const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  at: NOON,
  halt: known({ engaged: false }),
  breaker: known({ countsSince: 0, limits: { maxOrders: 1, maxNotional: quote('1'), windowMinutes: 1 } }),
  checkEveryMs: 15 * MINUTE,
  statusOf: async (masterId) =>
    known({ masterId, healthy: true, reason: 'ok', at: NOON - MINUTE, periodMs: MINUTE }),
  ...changes,
});
