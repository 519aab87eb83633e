import { ConditionFailed, type Table } from '../../ledger/dynamodb/table-access.ts';
import { type Clock, type Instant, iso } from '../../time/clock.ts';
import { type Lease, LeaseLost } from '../lease.ts';
import { isHolder, type LeaseItem, leaseEntity, mayRenew, refusedBy } from './lease-item.ts';

/** How many nonces one acquisition or renewal reserves: no key's rate limit allows as many calls in a lease's time. */
export const NONCE_RANGE = 1_000;

/** Taken off the end by the holder alone, for clocks that differ and calls on their way. */
export const SAFETY_MARGIN_MS = 500;

/** Nonces above all earlier ones, by the clock where it is ahead of them. */
export const reservation = (now: Instant, lastNonce: number | undefined) => {
  const first = Math.max(now * 1_000, (lastNonce ?? 0) + 1);
  return { first, last: first + NONCE_RANGE - 1 };
};

/** The first nonce of the range that ends with `lastNonce`. */
export const firstOf = (lastNonce: number): number => lastNonce - NONCE_RANGE + 1;

export interface Holding {
  readonly key: Pick<LeaseItem, 'accountId' | 'fingerprint'>;
  readonly token: string;
  readonly firstNonce: number;
  readonly heldUntil: Instant;
}

export const heldLease = (
  holding: Holding,
  { table, clock, ttlMs }: { readonly table: Table; readonly clock: Clock; readonly ttlMs: number },
): Lease => {
  const { accountId } = holding.key;
  const key = leaseEntity.key(holding.key);
  const what = `the lease of ${accountId}'s key`;
  let nextNonce = holding.firstNonce;
  let lastNonce = holding.firstNonce + NONCE_RANGE - 1;
  let heldUntil = holding.heldUntil;
  let lostBecause: string | undefined;

  const lost = (because: string): LeaseLost => {
    lostBecause = because;
    return new LeaseLost(`${what} is over: ${because}. Nothing was sent after that; acquire it again`);
  };
  const ensureHeld = (): void => {
    if (lostBecause !== undefined) throw lost(lostBecause);
    if (clock.now() >= heldUntil - SAFETY_MARGIN_MS) throw lost(`it ran out at ${iso(heldUntil)}`);
  };

  return {
    next: () => {
      ensureHeld();
      if (nextNonce > lastNonce) throw lost(`its ${NONCE_RANGE} nonces are used up; renew it before that`);
      const nonce = nextNonce;
      nextNonce += 1;
      return nonce;
    },
    renew: async () => {
      ensureHeld();
      const now = clock.now();
      const nonces = reservation(now, lastNonce);
      try {
        await table.write({
          type: 'update',
          what,
          key,
          set: { heldUntil: now + ttlMs, lastNonce: nonces.last },
          condition: mayRenew({ me: holding.token, now, ttlMs }, nonces.first),
        });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const old = refusedBy(error.failures[0]?.old);
        const mine = old?.token === holding.token;
        // Otherwise written by a try whose answer was lost; a waiting mark has been added since.
        if (!mine || old?.lastNonce !== nonces.last) {
          throw lost(mine ? 'an exit waits for it' : 'another holder has it by now');
        }
      }
      heldUntil = now + ttlMs;
      nextNonce = nonces.first;
      lastNonce = nonces.last;
    },
    release: async () => {
      if (lostBecause === 'it was released') return;
      const over = clock.now() >= heldUntil;
      lost('it was released');
      if (over) return;
      try {
        await table.write({
          type: 'update',
          what,
          key,
          set: {},
          remove: ['token', 'holder', 'heldUntil'],
          condition: isHolder(holding.token),
        });
      } catch (error) {
        // Somebody else has it: it was over.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
};
