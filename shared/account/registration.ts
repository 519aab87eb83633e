import * as z from 'zod';
import { EXCHANGES } from '../exchange/market.ts';
import { zProtectionChanges } from '../protection/protection-settings.ts';
import type { Instant } from '../time/clock.ts';
import {
  type Account,
  roleOf,
  zAccount,
  zAccountId,
  zMasterId,
  zMasterStrategy,
  zQuoteCurrency,
  zSymbols,
} from './account.ts';
import { zAsks } from './asked.ts';
import { zLimitChanges } from './limits.ts';
import { changedSizing, zSizingChange } from './sizing.ts';

/**
 * What the operator says of an account; the key itself is in the vault already. Nothing here has a default: of
 * an account that is registered already, what is not named stays as it is.
 */
export const zRegistration = z.strictObject({
  accountId: zAccountId,
  exchange: z.enum(EXCHANGES),
  quoteCurrency: zQuoteCurrency.exactOptional(),
  /** `null`: nobody any more. */
  follows: zMasterId.nullable().exactOptional(),
  enabled: z.boolean().exactOptional(),
  copyPaused: z.boolean().exactOptional(),
  exitOnly: z.boolean().exactOptional(),
  /** Each for itself. */
  limits: zLimitChanges.exactOptional(),
  sizing: zSizingChange.exactOptional(),
  /** Each for itself; users only. */
  protection: zProtectionChanges.exactOptional(),
  deniedSymbols: zSymbols.exactOptional(),
  /** `null`: all. */
  allowedSymbols: zSymbols.nullable().exactOptional(),
  /** As a whole: nothing of the strategy before is kept, and one that does not say `live` is in paper mode. */
  strategy: zMasterStrategy.exactOptional(),
});
export type Registration = z.infer<typeof zRegistration>;

/** A registration as it is called for; who and why are kept in the account's audit trail. */
export const zRegistrationCall = z.strictObject({
  ...zRegistration.shape,
  by: zAsks.by.exactOptional(),
  why: zAsks.why.exactOptional(),
});
export type RegistrationCall = z.infer<typeof zRegistrationCall>;

/**
 * The account as a registration leaves it: what is named, else what was, else the default.
 *
 * @param known the account as it was; undefined where it is new
 */
export const settle = (
  registration: Registration,
  known: Account | undefined,
  { keyFingerprint, now }: { readonly keyFingerprint: string; readonly now: Instant },
): Account => {
  const { accountId, limits, sizing, protection, follows, allowedSymbols, ...named } = registration;
  const role = roleOf(accountId);
  const { exchange } = named;
  const before = known ?? zAccount.parse({ accountId, role, exchange, keyFingerprint, registeredAt: now });
  const { follows: followed, followsSince = before.registeredAt, allowedSymbols: allowed, ...kept } = before;
  const master = follows === undefined ? followed : (follows ?? undefined);
  const only = allowedSymbols === undefined ? allowed : (allowedSymbols ?? undefined);
  return {
    ...kept,
    ...named,
    // A key may be another one now; what the account began to be is kept: fills before it are not ours.
    keyFingerprint,
    limits: { ...before.limits, ...limits },
    sizing: sizing === undefined ? before.sizing : changedSizing(before.sizing, sizing),
    protection: { ...before.protection, ...protection },
    ...(master === undefined
      ? {}
      : { follows: master, followsSince: master === followed ? followsSince : now }),
    ...(only === undefined ? {} : { allowedSymbols: only }),
  };
};

/** Settings that a registration may change, in the order in which they are told. */
const SETTINGS = [
  'enabled',
  'exitOnly',
  'copyPaused',
  'limits',
  'sizing',
  'protection',
  'deniedSymbols',
  'allowedSymbols',
  'follows',
  'quoteCurrency',
  'strategy',
] as const satisfies readonly (keyof Account & keyof Registration)[];

/** An account's key, as a fingerprint, and settings by name: what an audit trail keeps of a registration. */
export interface Registered {
  readonly keyFingerprint: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * What a registration has changed: the settings that differ, all of them where the account is new. What is not set
 * is null.
 */
export const changeOf = (
  before: Account | undefined,
  after: Account,
): { readonly before: Registered | null; readonly after: Registered } => {
  const same = (name: (typeof SETTINGS)[number]): boolean =>
    before !== undefined && JSON.stringify(before[name]) === JSON.stringify(after[name]);
  const names = SETTINGS.filter((name) => !same(name));
  const registered = (account: Account): Registered => ({
    keyFingerprint: account.keyFingerprint,
    settings: Object.fromEntries(names.map((name) => [name, account[name] ?? null])),
  });
  return { before: before === undefined ? null : registered(before), after: registered(after) };
};

/** What differs, as one JSON text for each side; undefined where nothing does. */
export const changedSettings = (
  before: Account,
  after: Account,
): { readonly before: string; readonly after: string } | undefined => {
  const change = changeOf(before, after);
  if (Object.keys(change.after.settings).length === 0) return undefined;
  return {
    before: JSON.stringify(change.before?.settings),
    after: JSON.stringify(change.after.settings),
  };
};
