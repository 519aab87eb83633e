import { createHash } from 'node:crypto';
import * as z from 'zod';
import { zAccountId } from '../../account/account.ts';
import { type Entity, type Key, toItem } from '../../ledger/dynamodb/entity.ts';
import { LEDGER_EXPIRY } from '../../ledger/dynamodb/table.ts';
import type { Write } from '../../ledger/dynamodb/writes.ts';
import { ABSENT } from '../../ledger/dynamodb/writes.ts';
import { DAY, type Instant, SECOND } from '../../time/clock.ts';
import { type ChannelId, zChannelId } from '../channel.ts';
import type { ChannelState } from '../channel-state.ts';
import { NOTICE_KINDS, type Notice } from '../notice.ts';
import type { Undelivered } from '../outbox.ts';

/** All that lies in the ledger for a channel; who tells notices may touch nothing else. */
const partitionOf = (channel: ChannelId): string => `notice#${channel}`;
const UNDELIVERED = 'UNDELIVERED#';

/** Longer than the stream and the topic bring a record again. */
const CAUSE_KEPT_MS = 2 * DAY;
const UNDELIVERED_KEPT_MS = 30 * DAY;

const zKind = z.enum(NOTICE_KINDS);
const zDigest = z.object({
  kind: zKind,
  count: z.int().min(1),
  firstAt: z.number(),
  lastAt: z.number(),
  reasons: z.array(z.object({ reason: z.string(), count: z.int().min(1) })),
  otherReasons: z.int().min(0),
  accounts: z.array(zAccountId),
  moreAccounts: z.boolean(),
  examples: z.array(z.object({ at: z.number(), says: z.string(), todo: z.string().exactOptional() })),
});
const zPending = z.object({
  id: z.string().min(1),
  createdAt: z.number(),
  digests: z.array(zDigest),
  attempts: z.int().min(1),
  nextTryAt: z.number(),
  lastFailure: z.string().exactOptional(),
});

export const channelEntity: Entity<ChannelState> = {
  kind: 'NOTICE_CHANNEL',
  schema: z.object({
    channel: zChannelId,
    gathering: z.array(z.object({ digest: zDigest, dueAt: z.number() })),
    told: z.array(z.object({ kind: zKind, at: z.number(), streak: z.int().min(1) })),
    pending: zPending.exactOptional(),
    version: z.int().min(1),
  }),
  key: ({ channel }) => channelKey(channel),
};
export const channelKey = (channel: ChannelId): Key => ({ pk: partitionOf(channel), sk: 'CHANNEL' });

export const undeliveredEntity: Entity<Undelivered & { readonly [LEDGER_EXPIRY]: number }> = {
  kind: 'NOTICE_UNDELIVERED',
  schema: z.object({
    channel: zChannelId,
    message: zPending,
    why: z.string(),
    at: z.number(),
    [LEDGER_EXPIRY]: z.number(),
  }),
  key: ({ channel, message }) => ({ pk: partitionOf(channel), sk: `${UNDELIVERED}${message.id}` }),
};
export const undeliveredOf = (channel: ChannelId) => ({
  expression: '#pk = :channel AND begins_with(#sk, :undelivered)',
  values: { channel: partitionOf(channel), undelivered: UNDELIVERED },
});
export const undeliveredWrite = (undelivered: Undelivered): Write => ({
  type: 'put',
  what: `a message to ${undelivered.channel} that was given up`,
  item: toItem(undeliveredEntity, {
    ...undelivered,
    [LEDGER_EXPIRY]: Math.ceil((undelivered.at + UNDELIVERED_KEPT_MS) / SECOND),
  }),
});

/** By its hash: a cause may be as long as what it was made of. */
export const causeKey = (channel: ChannelId, { cause }: Notice): Key => ({
  pk: partitionOf(channel),
  sk: `CAUSE#${createHash('sha256').update(cause).digest('hex')}`,
});
export const causeWrite = (channel: ChannelId, notice: Notice, now: Instant): Write => ({
  type: 'put',
  what: `that ${channel} has had ${notice.kind}`,
  item: {
    ...causeKey(channel, notice),
    kind: 'NOTICE_CAUSE',
    [LEDGER_EXPIRY]: Math.ceil((now + CAUSE_KEPT_MS) / SECOND),
  },
  condition: ABSENT,
});
