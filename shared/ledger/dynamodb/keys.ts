import { createHash } from 'node:crypto';
import { type AccountId, type Role, roleOf } from '../../account/account.ts';
import type { Instant } from '../../time/clock.ts';

/** Sort keys of the items under an account's own id. */
export const SORT = {
  profile: 'PROFILE',
  risk: 'RISK',
  circuit: 'CIRCUIT',
  equity: (at: Instant) => `EQUITY#${timeText(at)}`,
  order: (clientOrderId: string) => `ORDER#${clientOrderId}`,
  fill: (fillId: string) => `FILL#${fillId}`,
  position: (symbol: string) => `POSITION#${symbol}`,
  copy: (tradeId: string) => `COPY#${tradeId}`,
  exit: (requestId: string) => `EXIT#${requestId}`,
  trade: (tradeId: string) => `TRADE#${tradeId}`,
  strategy: (key: string) => `STRATEGY#${key}`,
  reconciliation: 'RECONCILIATION',
  keyCheck: 'KEYCHECK',
  keyState: 'KEYSTATE',
  following: 'FOLLOWING',
  watch: (symbol: string) => `WATCH#${symbol}`,
  protection: (exitId: string) => `PROTECTION#${exitId}`,
  unjudged: 'UNJUDGED',
  drift: (asset: string) => `DRIFT#${asset}`,
  ownTrades: (asset: string) => `OWNTRADES#${asset}`,
  adjustment: (id: string) => `ADJUSTMENT#${id}`,
  lease: (fingerprint: string) => `LEASE#${fingerprint}`,
} as const;

export const keyOwnerKey = (fingerprint: string) => ({ pk: `key#${fingerprint}`, sk: 'OWNER' });
export const statusKey = (masterId: AccountId) => ({ pk: `status#${masterId}`, sk: 'STATUS' });
export const HALT_KEY = { pk: 'control', sk: 'HALT' } as const;
/** Apart from the switches: who sends orders trips it, and may set no switch. */
export const RUNAWAY_KEY = { pk: 'runaway', sk: 'BREAKER' } as const;
export const RUNAWAY_LIMITS_KEY = { pk: 'control', sk: 'RUNAWAY_LIMITS' } as const;

/** How many partitions of an index share the accounts of a role, or the unfinished work. */
export const SHARDS = 8;

const shardOf = (text: string): number => createHash('sha256').update(text).digest().readUInt8(0) % SHARDS;

/** Sorts as its time does. */
const timeText = (at: Instant): string => String(Math.trunc(at)).padStart(15, '0');

/** How many partitions share the BUYs of one slice of time. */
export const RATE_SHARDS = 4;
export const rateShardOf = (clientOrderId: string): number => shardOf(clientOrderId) % RATE_SHARDS;
export const rateKey = (slice: Instant, shard: number, countsSince: Instant) => ({
  pk: `rate#${timeText(slice)}#${shard}`,
  sk: `SINCE#${timeText(countsSince)}`,
});

export const followersKey = (masterId: AccountId): string => `followers#${masterId}`;
export const followerSort = (since: Instant, accountId: AccountId): string =>
  `${timeText(since)}#${accountId}`;
/** Sorts behind all who followed at `by`, and before all who began later. */
export const followersBy = (by: Instant): string => timeText(by + 1);

/** Copies of an account that have no outcome or still owe a sale, by their trades' time, in the index of its items. */
export const UNFINISHED_COPIES = 'COPY#';
export const unfinishedCopySort = (tradedAt: Instant, tradeId: string): string =>
  `${UNFINISHED_COPIES}${timeText(tradedAt)}#${tradeId}`;
/** Exits of an account that are not flat. */
export const UNFINISHED_EXITS = 'EXIT#';
export const unfinishedExitSort = (requestedAt: Instant, requestId: string): string =>
  `${UNFINISHED_EXITS}${timeText(requestedAt)}#${requestId}`;

/** Executions of a user by symbol and the exchange's time, in the index of its items. */
export const fillSort = (symbol: string, at: Instant, fillId: string): string =>
  `FILL#${symbol}#${timeText(at)}#${fillId}`;

/** Adjustments of an account by symbol and time, in the index of its items. */
export const adjustmentSort = (symbol: string, at: Instant, id: string): string =>
  `ADJUSTMENT#${symbol}#${timeText(at)}#${id}`;

/** A master's trades by their time, in the index of its items. */
export const tradeSort = (at: Instant, tradeId: string): string => `TRADE#${timeText(at)}#${tradeId}`;
export const roleKey = (role: Role, shard: number): string => `accounts#${role}#${shard}`;
export const roleKeyOf = (accountId: AccountId): string => roleKey(roleOf(accountId), shardOf(accountId));

/** Work that must reach an end: copies without an outcome, sales that are owed, orders in doubt, exits that are not flat. */
export const UNFINISHED = ['copy', 'sale', 'order', 'exit'] as const;
export type UnfinishedKind = (typeof UNFINISHED)[number];

export const unfinishedKey = (kind: UnfinishedKind, shard: number): string => `unfinished#${kind}#${shard}`;

/** Index attributes of unfinished work; oldest first within a shard. */
export const unfinishedIndexes = (
  kind: UnfinishedKind,
  accountId: AccountId,
  since: Instant,
  id: string,
) => ({
  gsi2pk: unfinishedKey(kind, shardOf(accountId)),
  gsi2sk: `${timeText(since)}#${accountId}#${id}`,
});
