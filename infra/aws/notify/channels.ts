import * as z from 'zod';
import { type Channel, ROUTING } from '../../../shared/notification/channel.ts';

/** Lambda takes 4 KB of variables, and the channels are one of them. */
export const MOST_CHANNELS = 20;
const LONGEST_CHANNELS = 3_000;

const zAddress = z.email('an e-mail address looks like ops@example.com');

/** A channel as stages.json has it. Addresses of webhooks, which are secrets, are stored apart. */
export const zNotifyChannel = z.discriminatedUnion('kind', [
  z.strictObject({
    ...ROUTING,
    kind: z.literal('email'),
    addresses: z.array(zAddress).min(1, 'at least one address').max(10, 'at most ten addresses'),
  }),
  z.strictObject({ ...ROUTING, kind: z.enum(['webhook', 'slack', 'telegram']) }),
]);
export type NotifyChannel = z.infer<typeof zNotifyChannel>;
export type EmailChannel = Extract<NotifyChannel, { kind: 'email' }>;

/** A function takes no more of them. */
export class TooManyChannels extends Error {
  override readonly name = 'TooManyChannels';
}

/**
 * The variable by which the function knows its channels: each as the code reads it.
 *
 * @throws TooManyChannels
 */
export const channelsVariable = (
  channels: readonly NotifyChannel[],
  topicArnOf: (channel: EmailChannel) => string,
): string => {
  const told = channels.map((channel): Channel => {
    if (channel.kind !== 'email') return channel;
    const { addresses: _subscribed, ...routing } = channel;
    return { ...routing, topicArn: topicArnOf(channel) };
  });
  const text = JSON.stringify(told.map(withoutDefaults));
  if (text.length > LONGEST_CHANNELS)
    throw new TooManyChannels(
      `notify: a Lambda function takes channels of ${LONGEST_CHANNELS} characters together; route fewer accounts by name, or to fewer channels (given ${text.length})`,
    );
  return text;
};

/** Shorter: what a channel has unless told, the code knows. */
const withoutDefaults = ({ accounts, least, without, ...rest }: Channel) => ({
  ...rest,
  ...(accounts === 'all' ? {} : { accounts }),
  ...(least === 'info' ? {} : { least }),
  ...(without.length === 0 ? {} : { without }),
});
