import type { Account, AccountId } from '../account/account.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Clock, Instant } from '../time/clock.ts';
import { type AccountStanding, standingOf } from './account-status.ts';
import type { MasterStatusReader, MasterView } from './master-status.ts';

export const FOLLOWING_STATES = ['following', 'standalone'] as const;

/** What a check last saw of the master that an account follows: written when it changes, nothing between. */
export interface FollowingState {
  readonly accountId: AccountId;
  readonly masterId: AccountId;
  readonly state: (typeof FOLLOWING_STATES)[number];
  /** Why, when it began; 'ok' while it follows. */
  readonly reason: string;
  readonly since: Instant;
  readonly version: number;
}

export interface FollowingStore {
  get(accountId: AccountId): Promise<FollowingState | undefined>;
  /**
   * Writes version 1 if absent, else the version after the stored one.
   * @returns false where another check was faster: nothing was written
   */
  save(state: FollowingState): Promise<boolean>;
}

export interface FollowingPorts {
  readonly ledger: { readonly masterStatus: MasterStatusReader; readonly following: FollowingStore };
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface FollowingReport extends AccountStanding {
  /** Since when checks have seen the master healthy, or not; absent where the account follows none. */
  readonly masterSince?: Instant;
}

/**
 * Notes whether the master that an account follows is healthy, and tells it when that changes. What follows from
 * it for BUY copies is judged anew with each of them.
 *
 * @throws LedgerError: what was noted before could not be read, or it is not known whether this was noted
 */
export const noteMasterHealth = async (account: Account, ports: FollowingPorts): Promise<FollowingReport> => {
  const standing = await standingOf(account, ports);
  const { master } = standing;
  if (master === undefined) return standing;
  return { ...standing, masterSince: await note(account.accountId, master, ports) };
};

const note = async (
  accountId: AccountId,
  master: MasterView,
  { ledger, clock, log, meter }: FollowingPorts,
): Promise<Instant> => {
  const { masterId, healthy, reason, heartbeatAgeSeconds } = master;
  const last = await ledger.following.get(accountId);
  const before = last?.masterId === masterId ? last : undefined;
  const state = healthy ? 'following' : 'standalone';
  if (before?.state === state) return before.since;
  const since = clock.now();
  const version = (last?.version ?? 0) + 1;
  const first = await ledger.following.save({ accountId, masterId, state, reason, since, version });
  if (!first) return since;
  const fields = { account: accountId, master: masterId, heartbeatAgeSeconds };
  if (!healthy) {
    log.warn('an account is standalone: its master is not healthy', { ...fields, why: reason });
    meter.count('Standalone', { ...fields, why: reason });
  } else if (before !== undefined) {
    log.info('an account follows its master again', { ...fields, standaloneMs: since - before.since });
  }
  return since;
};
