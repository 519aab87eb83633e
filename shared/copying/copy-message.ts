import * as z from 'zod';
import { zMasterId, zUserId } from '../account/account.ts';
import { MINUTE } from '../time/clock.ts';

export const zTradeId = z.string().min(1).max(64);

/** What the copier sends for each follower of a trade: where the COPY row is. The row carries the facts. */
export const zCopyMessage = z.strictObject({
  accountId: zUserId,
  masterId: zMasterId,
  tradeId: zTradeId,
});
export type CopyMessage = z.infer<typeof zCopyMessage>;

/** The queue delivers a copy five times, six minutes apart: younger ones are still its own. */
export const QUEUE_RETRIES_MS = 30 * MINUTE;

/** Messages of one account arrive in the order they were sent, one at a time. */
export interface CopyMessageQueue {
  /** All, or throws QueueError: some may have been sent then, and sending them again does no harm. */
  send(messages: readonly CopyMessage[]): Promise<void>;
}

export class QueueError extends Error {
  override readonly name = 'QueueError';
}
