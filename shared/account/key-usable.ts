import type { Ledger } from '../ledger/ledger.ts';
import type { Log, Meter } from '../telemetry/telemetry.ts';
import type { Clock, Instant } from '../time/clock.ts';
import type { AccountId } from './account.ts';
import { isUnusable } from './unusable.ts';
import { UNUSABLE_TODO } from './unusable-codes.ts';

export interface KeyUsablePorts {
  readonly ledger: Pick<Ledger, 'keyWatch'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** What a failure to connect says of the key. */
export type KeyUnusableNote =
  /** Of the key nothing: the exchange or the vault could not answer, or the key is busy. */
  | { readonly note: 'NOT_THE_KEY' }
  /** It is unusable; `BEGAN`: this was told now, by a metric and an error. `CONTINUES`: it is known already. */
  | { readonly note: 'BEGAN' | 'CONTINUES'; readonly since: Instant };

/**
 * Notes that an account's key cannot be used, and tells it once for as long as the reason stays the same.
 *
 * @param error what connecting, or reading the account, failed with
 * @throws LedgerError: it is not known whether it was noted
 */
export const noteKeyUnusable = async (
  accountId: AccountId,
  error: unknown,
  { ledger, clock, log, meter }: KeyUsablePorts,
): Promise<KeyUnusableNote> => {
  if (!isUnusable(error)) return { note: 'NOT_THE_KEY' };
  const { code } = error;
  const before = await ledger.keyWatch.keyState(accountId);
  if (before?.usable === false && before.code === code) return { note: 'CONTINUES', since: before.since };
  const since = clock.now();
  const version = (before?.version ?? 0) + 1;
  const first = await ledger.keyWatch.saveKeyState({ accountId, usable: false, code, since, version });
  if (!first) return { note: 'CONTINUES', since };
  const fields = { account: accountId, code, todo: UNUSABLE_TODO[code] };
  log.error("an account's key cannot be used; this is told once", error, fields);
  meter.count('KeyUnusable', { account: accountId, code });
  return { note: 'BEGAN', since };
};

/**
 * Notes that an account's key works, and tells it where it did not before.
 *
 * @returns whether it works again since this very check
 * @throws LedgerError: it is not known whether it was noted
 */
export const noteKeyUsable = async (
  accountId: AccountId,
  { ledger, clock, log }: KeyUsablePorts,
): Promise<boolean> => {
  const before = await ledger.keyWatch.keyState(accountId);
  if (before === undefined || before.usable) return false;
  const since = clock.now();
  const state = { accountId, usable: true, since, version: before.version + 1 } as const;
  if (!(await ledger.keyWatch.saveKeyState(state))) return false;
  const { code, since: from } = before;
  log.info("an account's key can be used again", { account: accountId, code, unusableMs: since - from });
  return true;
};
