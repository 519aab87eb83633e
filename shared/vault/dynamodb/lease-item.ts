import * as z from 'zod';
import { type AccountId, zAccountId } from '../../account/account.ts';
import { type Entity, fromItem, type Item } from '../../ledger/dynamodb/entity.ts';
import { SORT } from '../../ledger/dynamodb/keys.ts';
import type { Expression } from '../../ledger/dynamodb/writes.ts';
import { type Instant, MINUTE } from '../../time/clock.ts';

/** The LEASE item of one API key. It outlives every lease: `lastNonce` is never forgotten. */
export interface LeaseItem {
  readonly accountId: AccountId;
  readonly fingerprint: string;
  /** The last nonce that was reserved, in microseconds since 1970 or above. */
  readonly lastNonce?: number;
  /** Who has the key, as a token of one acquisition and as a name for people, and until when. */
  readonly token?: string;
  readonly holder?: string;
  readonly heldUntil?: Instant;
  /** The exit that is served next, and until when it counts as waiting. */
  readonly waiter?: string;
  readonly waitingUntil?: Instant;
}

export const leaseEntity: Entity<LeaseItem> = {
  kind: 'LEASE',
  schema: z.object({
    accountId: zAccountId,
    fingerprint: z.string().min(1),
    lastNonce: z.int().exactOptional(),
    token: z.string().exactOptional(),
    holder: z.string().exactOptional(),
    heldUntil: z.number().exactOptional(),
    waiter: z.string().exactOptional(),
    waitingUntil: z.number().exactOptional(),
  }),
  key: ({ accountId, fingerprint }) => ({ pk: accountId, sk: SORT.lease(fingerprint) }),
};

/** What refused a write; nothing where the item does not exist. */
export const refusedBy = (old: Item | undefined): LeaseItem | undefined =>
  old === undefined ? undefined : fromItem(leaseEntity, old);

/**
 * How far beyond a lease's time an expiry may lie. Farther off it is of a clock that was wrong, or of a
 * simulated one, and must not keep an exit waiting; the nonces rise all the same.
 */
const PLAUSIBLE_MS = MINUTE;

const passed = (moment: 'heldUntil' | 'waitingUntil') => `#${moment} <= :now OR #${moment} > :implausible`;
const FREE = `(attribute_not_exists(#token) OR ${passed('heldUntil')})`;
const NOBODY_ELSE_WAITS = `(attribute_not_exists(#waiter) OR ${passed('waitingUntil')} OR #waiter = :me)`;
/** Also turns away a write that the network delivers long after its time. */
const NONCES_RISE = '(attribute_not_exists(#lastNonce) OR #lastNonce < :firstNonce)';

/** Who asks, and when, for a lease of how long. */
export interface Asking {
  readonly me: string;
  readonly now: Instant;
  readonly ttlMs: number;
}

const values = ({ me, now, ttlMs }: Asking) => ({ me, now, implausible: now + ttlMs + PLAUSIBLE_MS });

/** Whether `item` keeps others from the key by its holder, as `mayAcquire` judges it. */
export const isHeld = ({ token, heldUntil = 0 }: LeaseItem, asking: Asking): boolean =>
  token !== undefined && heldUntil > asking.now && heldUntil <= values(asking).implausible;

export const mayAcquire = (asking: Asking, firstNonce: number): Expression => ({
  expression: `${FREE} AND ${NOBODY_ELSE_WAITS} AND ${NONCES_RISE}`,
  values: { ...values(asking), firstNonce },
});

export const mayRenew = (asking: Asking, firstNonce: number): Expression => ({
  expression: `#token = :me AND ${NOBODY_ELSE_WAITS} AND ${NONCES_RISE}`,
  values: { ...values(asking), firstNonce },
});

export const mayWait = (asking: Asking): Expression => ({
  expression: NOBODY_ELSE_WAITS,
  values: values(asking),
});

export const isHolder = (me: string): Expression => ({ expression: '#token = :me', values: { me } });
export const isWaiter = (me: string): Expression => ({ expression: '#waiter = :me', values: { me } });
