import {
  ConditionFailed,
  type Table,
  type TableConfig,
  tableAccess,
} from '../../ledger/dynamodb/table-access.ts';
import { type Instant, iso, SECOND } from '../../time/clock.ts';
import { jittered } from '../../time/jitter.ts';
import { type Lease, type LeasePriority, type Leases, LeaseUnavailable } from '../lease.ts';
import { firstOf, type Holding, heldLease, reservation } from './held-lease.ts';
import {
  isHeld,
  isWaiter,
  type LeaseItem,
  leaseEntity,
  mayAcquire,
  mayWait,
  refusedBy,
} from './lease-item.ts';

export interface LeaseConfig extends TableConfig {
  /** How long a holder that dies keeps the key from others. */
  readonly ttlMs?: number;
}

const TTL_MS = 20 * SECOND;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 200;
/** A waiting exit says again that it waits long before this; a dead one blocks nobody for longer. */
const WAITING_MARK_MS = 3 * SECOND;

type AcquireInput = Parameters<Leases['acquire']>[0];

/**
 * One lease per API key, with the last nonce in the same item.
 *
 * Acquiring reserves a range of nonces in the same write, so nonces rise whatever the clocks say and
 * whoever crashed: a holder that is too late is turned away by the exchange itself.
 */
export const dynamoLeases = (config: LeaseConfig): Leases => {
  const { clock, chance, ttlMs = TTL_MS } = config;
  const table = tableAccess(config);

  return {
    acquire: async (input: AcquireInput): Promise<Lease> => {
      const attempt = acquisition(input, table, ttlMs);
      const givesUpAt = clock.now() + input.waitMs;
      const waiting = input.priority === 'exit' ? waitingMark(input, attempt.token, table, ttlMs) : undefined;
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const result = await attempt.at(clock.now());
        if (result.acquired) return heldLease(result.holding, { table, clock, ttlMs });
        const now = clock.now();
        if (now >= givesUpAt) {
          await waiting?.withdraw();
          throw unavailable(input, result.because);
        }
        await waiting?.show(now);
        const { heldUntil } = result.because;
        const untilExpiry = heldUntil !== undefined && heldUntil > now ? heldUntil - now : pause;
        await clock.sleep(Math.min(jittered(pause, chance), untilExpiry, givesUpAt - now));
      }
    },
  };
};

type Attempt =
  | { readonly acquired: true; readonly holding: Holding }
  | { readonly acquired: false; readonly because: LeaseItem };

const acquisition = ({ accountId, fingerprint, holder }: AcquireInput, table: Table, ttlMs: number) => {
  const token = table.chance.id();
  const key = { accountId, fingerprint };

  const attemptAt = async (now: Instant, lastNonce: number | undefined): Promise<Attempt> => {
    const nonces = reservation(now, lastNonce);
    const asking = { me: token, now, ttlMs };
    const heldUntil = now + ttlMs;
    try {
      await table.write({
        type: 'update',
        what: `the lease of ${accountId}'s key`,
        key: leaseEntity.key(key),
        set: { ...key, kind: leaseEntity.kind, token, holder, heldUntil, lastNonce: nonces.last },
        remove: ['waiter', 'waitingUntil'],
        condition: mayAcquire(asking, nonces.first),
      });
      return { acquired: true, holding: { key, token, firstNonce: nonces.first, heldUntil } };
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const old: LeaseItem = refusedBy(error.failures[0]?.old) ?? key;
      // Written by a try whose answer was lost; a waiting mark has been added since.
      if (old.token === token && old.heldUntil !== undefined && old.lastNonce !== undefined) {
        const firstNonce = firstOf(old.lastNonce);
        return { acquired: true, holding: { key, token, firstNonce, heldUntil: old.heldUntil } };
      }
      const behind = old.lastNonce !== undefined && old.lastNonce >= nonces.first;
      // Only our clock is behind the key's nonces: go on from them.
      if (behind && !isHeld(old, asking)) return await attemptAt(now, old.lastNonce);
      return { acquired: false, because: old };
    }
  };

  return { token, at: (now: Instant) => attemptAt(now, undefined) };
};

/** The mark by which one exit is served next. Where another exit has it, that one is served first. */
const waitingMark = (
  { accountId, fingerprint }: AcquireInput,
  token: string,
  table: Table,
  ttlMs: number,
) => {
  const what = `the waiting mark on the lease of ${accountId}'s key`;
  const key = { accountId, fingerprint };
  let shownUntil = 0;
  return {
    show: async (now: Instant): Promise<void> => {
      if (shownUntil - now > WAITING_MARK_MS / 2) return;
      const waitingUntil = now + WAITING_MARK_MS;
      try {
        await table.write({
          type: 'update',
          what,
          key: leaseEntity.key(key),
          set: { ...key, kind: leaseEntity.kind, waiter: token, waitingUntil },
          condition: mayWait({ me: token, now, ttlMs }),
        });
        shownUntil = waitingUntil;
      } catch (error) {
        // Another exit waits already.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
    withdraw: async (): Promise<void> => {
      if (shownUntil === 0) return;
      try {
        await table.write({
          type: 'update',
          what,
          key: leaseEntity.key(key),
          set: {},
          remove: ['waiter', 'waitingUntil'],
          condition: isWaiter(token),
        });
      } catch (error) {
        // It ran out, and another exit has it by now.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
};

const unavailable = (
  {
    accountId,
    holder,
    priority,
    waitMs,
  }: {
    readonly accountId: string;
    readonly holder: string;
    readonly priority: LeasePriority;
    readonly waitMs: number;
  },
  { holder: by, heldUntil, waitingUntil }: LeaseItem,
): LeaseUnavailable => {
  const state =
    by !== undefined && heldUntil !== undefined
      ? `${by} has it until ${iso(heldUntil)} at the latest`
      : waitingUntil !== undefined
        ? `an exit is served first, until ${iso(waitingUntil)} at the latest`
        : 'others were faster';
  return new LeaseUnavailable(
    `${holder} could not have the key of ${accountId} within ${waitMs} ms (priority ${priority}): ${state}. Nothing was sent; try again`,
  );
};
