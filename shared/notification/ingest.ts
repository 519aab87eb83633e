import { type Channel, isFor, wordedFor } from './channel.ts';
import type { Notice } from './notice.ts';
import type { Outbox } from './outbox.ts';

/**
 * Puts notices into the outboxes of the channels that get them. The same notices again change nothing.
 *
 * @returns how many were new, each counted for every channel that gets it
 * @throws LedgerError: hand them over again; what was put is not put twice
 */
export const ingest = async (
  notices: readonly Notice[],
  channels: readonly Channel[],
  outbox: Pick<Outbox, 'add'>,
): Promise<number> => {
  const added = await Promise.allSettled(
    channels.map(async (channel) => {
      const mine = notices
        .filter((notice) => isFor(channel, notice))
        .map((notice) => wordedFor(channel, notice));
      return mine.length === 0 ? 0 : await outbox.add(channel.id, mine);
    }),
  );
  // Only after all have ended: one channel's failure must not keep another from what it gets.
  const failed = added.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return added.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
};
