import * as z from 'zod';
import { type AccountId, zUserId } from '../account/account.ts';

/** The moment a round of checks was due, ISO 8601 in UTC: all of its messages carry it. */
export const zCheckSlot = z.iso.datetime('a slot looks like 2026-01-31T10:15:00Z');

/** What the dispatcher sends for each account, and what an operator may send by hand without a slot. */
export const zCheckMessage = z.strictObject({ accountId: zUserId, slot: zCheckSlot });
export type CheckMessage = z.infer<typeof zCheckMessage>;

export interface Unsent {
  readonly accountId: AccountId;
  readonly why: string;
}

/** Checks of one account run one at a time, in the order they were sent; accounts do not wait for each other. */
export interface CheckQueue {
  /**
   * Tries all, whatever becomes of some. The same account and slot again within five minutes is dropped.
   *
   * @returns those that the queue did not take
   */
  send(messages: readonly CheckMessage[]): Promise<readonly Unsent[]>;
}
