import type { AccountId } from '../account/account.ts';
import type { Instant } from '../time/clock.ts';

/** What a master publishes of itself: the one thing that others may read. */
export interface MasterStatus {
  readonly masterId: AccountId;
  readonly healthy: boolean;
  /** One sentence; 'ok' when healthy. */
  readonly reason: string;
  /** The heartbeat. */
  readonly at: Instant;
  /** How often a heartbeat is due. */
  readonly periodMs: number;
}

export interface MasterStatusReader {
  read(masterId: AccountId): Promise<MasterStatus | undefined>;
}

/** A heartbeat older than this many periods means that the master is not there. */
export const HEARTBEAT_PERIODS = 3;

export type MasterHealth = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

/** Missing or old counts as unhealthy. */
export const healthOf = (status: MasterStatus | undefined, now: Instant): MasterHealth => {
  if (status === undefined) return { healthy: false, reason: 'the master has never published a status' };
  const age = now - status.at;
  if (age > HEARTBEAT_PERIODS * status.periodMs) {
    return { healthy: false, reason: `the master's last heartbeat is ${Math.round(age / 1000)} s old` };
  }
  return status.healthy ? { healthy: true } : { healthy: false, reason: status.reason };
};
