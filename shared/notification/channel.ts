import * as z from 'zod';
import { zAccountId } from '../account/account.ts';
import { ADVICE } from './advice.ts';
import { atLeast, type Concerned, NOTICE_KINDS, type Notice, type NoticeKind, SEVERITIES } from './notice.ts';

const CHANNEL_ID = /^[a-z][a-z0-9-]{0,31}$/;
export const zChannelId = z.string().regex(CHANNEL_ID, 'a channel id looks like ops or ann-phone');
export type ChannelId = z.infer<typeof zChannelId>;

export const MOST_ACCOUNTS_OF_A_CHANNEL = 50;

/** Which notices a channel gets. */
export const ROUTING = {
  id: zChannelId,
  /** All, or these alone: then nothing about another account goes there, and nothing for operators. */
  accounts: z
    .union([z.literal('all'), z.array(zAccountId).min(1).max(MOST_ACCOUNTS_OF_A_CHANNEL)])
    .default('all'),
  /** What weighs less is not sent. */
  least: z.enum(SEVERITIES).default('info'),
  /** Never these, whatever they weigh. */
  without: z.array(z.enum(NOTICE_KINDS)).default([]),
} as const;

/** A place where notices go. Addresses of webhooks, and what signs them, are secrets and no part of it. */
export const zChannel = z.discriminatedUnion('kind', [
  z.strictObject({ ...ROUTING, kind: z.literal('email'), topicArn: z.string().startsWith('arn:') }),
  z.strictObject({ ...ROUTING, kind: z.enum(['webhook', 'slack', 'telegram']) }),
]);
export type Channel = z.infer<typeof zChannel>;
export type ChannelKind = Channel['kind'];

/** Whether a channel gets a notice of that kind about that account. A test is sent to whom it names. */
export const isFor = (
  { accounts, least, without }: Pick<Channel, 'accounts' | 'least' | 'without'>,
  { kind, concerns }: { readonly kind: NoticeKind; readonly concerns: Concerned },
): boolean => !without.includes(kind) && atLeast(ADVICE[kind].severity, least) && reaches(accounts, concerns);

/** As a channel may read it: one of some accounts is their owners', and gets no operator's own words. */
export const wordedFor = ({ accounts }: Pick<Channel, 'accounts'>, notice: Notice): Notice => {
  const { toOwners, ...plain } = notice;
  return accounts === 'all' ? plain : { ...plain, ...toOwners };
};

const reaches = (accounts: Channel['accounts'], concerns: Concerned): boolean =>
  accounts === 'all' ||
  (concerns !== 'operators' && (concerns === 'everyone' || accounts.includes(concerns)));
