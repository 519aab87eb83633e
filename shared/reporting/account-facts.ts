import type { AccountId } from '../account/account.ts';
import type { Copy } from '../copying/copy.ts';
import { healthFrom, type MasterHealth, type MasterStatus } from '../copying/master-status.ts';
import type { ExitRequest } from '../exit/exit-request.ts';
import type { Drift } from '../ledger/drift.ts';
import { attemptRead, type Read } from '../ledger/read.ts';
import type { OrderRecord } from '../order/order.ts';
import type { Halt } from '../protection/control.ts';
import type { RunawayBreaker } from '../protection/runaway.ts';
import type { EquitySnapshot } from '../snapshot/snapshot.ts';
import type { Instant } from '../time/clock.ts';
import { isUser } from './pages.ts';
import type { AccountRecords, ReportingPorts } from './ports.ts';

/** Work of an account that has not ended. */
export interface Unfinished {
  readonly orders: readonly OrderRecord[];
  readonly copies: readonly Copy[];
  readonly exits: readonly ExitRequest[];
}

/** All that an account's state and findings are judged by, read at one moment; each part may have failed by itself. */
export interface AccountFacts extends AccountRecords {
  readonly accountId: AccountId;
  readonly at: Instant;
  readonly snapshot: Read<EquitySnapshot | undefined>;
  readonly unfinished: Read<Unfinished>;
  readonly drifts: Read<readonly Drift[]>;
  /** Whom the ledger has as the owner of the account's key; undefined where the profile cannot be read. */
  readonly keyOwner: Read<AccountId | undefined> | undefined;
}

/** What concerns all accounts: read once for an answer. */
export interface Surroundings {
  readonly at: Instant;
  readonly halt: Read<Halt>;
  readonly breaker: Read<RunawayBreaker>;
  /** How often accounts are checked. */
  readonly checkEveryMs: number;
  /** The status that a master has published. */
  statusOf(masterId: AccountId): Promise<Read<MasterStatus | undefined>>;
}

/** Never throws. */
export const surroundings = async ({
  ledger,
  clock,
  checkEveryMs,
}: ReportingPorts): Promise<Surroundings> => {
  const at = clock.now();
  const statuses = new Map<AccountId, Promise<Read<MasterStatus | undefined>>>();
  const [halt, breaker] = await Promise.all([
    attemptRead(() => ledger.control.halt()),
    attemptRead(() => ledger.control.runaway()),
  ]);
  return {
    at,
    halt,
    breaker,
    checkEveryMs,
    statusOf: (masterId) => {
      const known = statuses.get(masterId) ?? attemptRead(() => ledger.masterStatus.read(masterId));
      statuses.set(masterId, known);
      return known;
    },
  };
};

/** Never throws: what cannot be read says why. */
export const readFacts = async (
  accountId: AccountId,
  at: Instant,
  { ledger }: ReportingPorts,
): Promise<AccountFacts> => {
  const [records, snapshot, unfinished, drifts] = await Promise.all([
    ledger.history.records(accountId),
    attemptRead(() => ledger.history.lastSnapshot(accountId)),
    attemptRead(() => readUnfinished(accountId, ledger)),
    attemptRead(async () => (isUser(accountId) ? await ledger.reconciliation.drifts(accountId) : [])),
  ]);
  const fingerprint = records.profile.readable ? records.profile.value?.keyFingerprint : undefined;
  const keyOwner =
    fingerprint === undefined ? undefined : await attemptRead(() => ledger.accounts.ownerOf(fingerprint));
  return { accountId, at, ...records, snapshot, unfinished, drifts, keyOwner };
};

const readUnfinished = async (
  accountId: AccountId,
  ledger: ReportingPorts['ledger'],
): Promise<Unfinished> => {
  const [orders, copies, exits] = await Promise.all([
    ledger.orders.inDoubt(accountId),
    isUser(accountId) ? ledger.copies.unfinished(accountId) : [],
    isUser(accountId) ? ledger.exits.unfinished(accountId) : [],
  ]);
  return { orders, copies, exits };
};

/** What a part that can be read holds. */
export const readValue = <T>(read: Read<T>): T | undefined => (read.readable ? read.value : undefined);

/** Of an account that follows one; of a master, its own. */
export const masterHealthFor = async (
  { accountId, profile, at }: AccountFacts,
  around: Surroundings,
): Promise<{ readonly health: MasterHealth; readonly status: MasterStatus | undefined } | undefined> => {
  const masterId = isUser(accountId) ? readValue(profile)?.follows : accountId;
  if (masterId === undefined) return undefined;
  const read = await around.statusOf(masterId);
  return { health: healthFrom(read, at), status: readValue(read) };
};
