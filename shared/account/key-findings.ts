import type { KeyInfo } from '../exchange/exchange.ts';
import { DAY, type Instant, iso } from '../time/clock.ts';
import type { AccountId } from './account.ts';

/** In the order in which they are told: what endangers money first. */
export const KEY_FINDING_CODES = [
  'CAN_WITHDRAW',
  'CANNOT_QUERY',
  'CANNOT_TRADE',
  'EXPIRES_SOON',
  'NONCE_WINDOW',
  'NO_IP_ALLOW_LIST',
] as const;
export type KeyFindingCode = (typeof KEY_FINDING_CODES)[number];

export interface KeyFinding {
  readonly code: KeyFindingCode;
  /** danger: money may leave. broken: something does not work any more. info: may well be meant. */
  readonly level: 'danger' | 'broken' | 'warning' | 'info';
  readonly says: string;
  readonly todo: string;
}

/** So long before its end a key is said to expire: its owner has to make another one by hand. */
export const EXPIRY_NOTICE_MS = 14 * DAY;

/** Our nonces are microseconds: so many steps of a nonce window are a millisecond. */
const NONCES_IN_A_MS = 1_000;

/** What is to be said of a key, as the exchange describes it. */
export const keyFindings = (accountId: AccountId, key: KeyInfo, at: Instant): readonly KeyFinding[] => {
  const has = key.permissions.join(', ') || 'none';
  const { nonceWindow = 0, ipAllowList, expiresAt } = key;
  return [
    ...when(key.canWithdraw, {
      code: 'CAN_WITHDRAW',
      level: 'danger',
      says: `the key of ${accountId} can withdraw money, or change where withdrawals go: whoever steals it can empty the account (it has: ${has})`,
      todo: 'its owner deletes this key at the exchange now and makes one without any withdrawal right; store it, register again, then lift exit-only',
    }),
    ...when(!key.canQuery, {
      code: 'CANNOT_QUERY',
      level: 'broken',
      says: `the key of ${accountId} cannot read all of balances, open orders and closed orders, of any time: checks, copies and exits of it fail where they need to (it has: ${has})`,
      todo: 'its owner gives it the query rights again at the exchange, without limits of time',
    }),
    ...when(!key.canTrade, {
      code: 'CANNOT_TRADE',
      level: 'broken',
      says: `the key of ${accountId} cannot both create and cancel orders: nothing is bought with it, and neither stops nor exits can sell (it has: ${has})`,
      todo: 'its owner gives it the rights to create and to cancel orders again; until then the owner sells at the exchange by hand',
    }),
    ...(expiresAt === undefined || expiresAt - at > EXPIRY_NOTICE_MS
      ? []
      : [expirySoon(accountId, expiresAt)]),
    ...when(nonceWindow > 0, {
      code: 'NONCE_WINDOW',
      level: 'warning',
      says: `the key of ${accountId} takes nonces that are too low by up to ${nonceWindow} (${nonceWindow / NONCES_IN_A_MS} ms of ours): a request that was overtaken is carried out late instead of refused`,
      todo: 'its owner sets the nonce window of the key to 0 at the exchange',
    }),
    ...when(ipAllowList?.length === 0, {
      code: 'NO_IP_ALLOW_LIST',
      level: 'info',
      says: `the key of ${accountId} may be used from any address`,
      todo: 'nothing, unless Nija calls the exchange from an address that never changes: then its owner allows that address alone',
    }),
  ];
};

const when = (found: boolean, finding: KeyFinding): readonly KeyFinding[] => (found ? [finding] : []);

const expirySoon = (accountId: AccountId, expiresAt: Instant): KeyFinding => ({
  code: 'EXPIRES_SOON',
  level: 'warning',
  says: `the key of ${accountId} expires at ${iso(expiresAt)}: from then on nothing can be read, bought or sold with it`,
  todo: 'its owner takes the expiry off the key, or makes another one; store that and register again',
});
