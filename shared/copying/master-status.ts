import type { AccountId } from '../account/account.ts';
import type { Read } from '../ledger/read.ts';
import { type Instant, MINUTE, SECOND } from '../time/clock.ts';

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
/** A heartbeat that is further ahead of our clock says nothing: one of next year would never grow old. */
export const MOST_AHEAD_MS = MINUTE;

export type MasterHealth = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

/** Missing or old counts as unhealthy, and so does one from the future. */
export const healthOf = (status: MasterStatus | undefined, now: Instant): MasterHealth => {
  if (status === undefined) return { healthy: false, reason: 'the master has never published a status' };
  const age = now - status.at;
  if (age > HEARTBEAT_PERIODS * status.periodMs) {
    return { healthy: false, reason: `the master's last heartbeat is ${seconds(age)} s old` };
  }
  if (-age > MOST_AHEAD_MS) {
    const ahead = `the master's last heartbeat is ${seconds(-age)} s ahead of our clock`;
    return { healthy: false, reason: `${ahead}: one of the clocks is wrong` };
  }
  return status.healthy ? { healthy: true } : { healthy: false, reason: status.reason };
};

const seconds = (ms: number): number => Math.round(ms / SECOND);

/** The health of whoever's status may not even be readable. */
export const healthFrom = (read: Read<MasterStatus | undefined>, now: Instant): MasterHealth =>
  read.readable
    ? healthOf(read.value, now)
    : { healthy: false, reason: `the master's status could not be read: ${read.why}` };

/** A master as those see it who follow it. */
export interface MasterView {
  readonly masterId: AccountId;
  readonly healthy: boolean;
  /** One sentence; 'ok' when healthy. */
  readonly reason: string;
  /** Absent where no status could be read. Zero for one of a moment ahead of our clock. */
  readonly heartbeatAgeSeconds?: number;
}

export const viewOf = (
  masterId: AccountId,
  read: Read<MasterStatus | undefined>,
  now: Instant,
): MasterView => {
  const health = healthFrom(read, now);
  const status = read.readable ? read.value : undefined;
  return {
    masterId,
    healthy: health.healthy,
    reason: health.healthy ? 'ok' : health.reason,
    ...(status === undefined ? {} : { heartbeatAgeSeconds: Math.max(0, seconds(now - status.at)) }),
  };
};
