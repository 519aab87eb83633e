import type { Instant } from '../time/clock.ts';
import type { ChannelId } from './channel.ts';
import type { Pending } from './channel-state.ts';
import type { Notice } from './notice.ts';

/** What is to be told, kept until it was told: whoever dies loses nothing. Every method may throw a LedgerError. */
export interface Outbox {
  /** Gathers those whose cause this channel has not had yet. @returns how many these were */
  add(channel: ChannelId, notices: readonly Notice[]): Promise<number>;
  /**
   * The message that is to be sent now, if any, with this try counted. Nobody else gets it for half a minute; who
   * neither delivers, postpones nor gives it up meanwhile has left it to the next.
   *
   * @param early also of what is still being gathered
   */
  take(channel: ChannelId, early?: boolean): Promise<Pending | undefined>;
  /** It has arrived. */
  delivered(channel: ChannelId, message: Pending): Promise<void>;
  /** It is tried again later. @param asked for how long the receiver asked us to wait, in ms */
  postpone(channel: ChannelId, message: Pending, why: string, asked?: number): Promise<void>;
  /** It will not arrive: kept apart for a month, so that somebody can read what was not told. */
  giveUp(channel: ChannelId, message: Pending, why: string): Promise<void>;
  /** Messages that were given up, oldest first. */
  undelivered(channel: ChannelId): Promise<readonly Undelivered[]>;
}

export interface Undelivered {
  readonly channel: ChannelId;
  readonly message: Pending;
  readonly why: string;
  readonly at: Instant;
}
