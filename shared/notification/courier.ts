import type { Channel } from './channel.ts';
import type { Pending } from './channel-state.ts';

/**
 * What became of one try. REFUSED: it will never be taken, whoever asks again. FAILED: another try may succeed, not
 * before `retryAfterMs`, where the receiver said so. `why` is our own sentence, without address or answer.
 */
export type Delivery =
  | { readonly state: 'DELIVERED' }
  | { readonly state: 'REFUSED'; readonly why: string }
  | { readonly state: 'FAILED'; readonly why: string; readonly retryAfterMs?: number };

/** Brings one message to one channel: one try, with an end in time. Never throws. */
export type Courier = (channel: Channel, message: Pending) => Promise<Delivery>;
