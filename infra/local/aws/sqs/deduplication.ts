import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Instant, MINUTE } from '../../../../shared/time/clock.ts';
import type { Rows } from '../../state/rows.ts';
import { invalidValue, missing } from './errors.ts';
import type { NewMessage } from './message.ts';
import type { QueueSettings } from './settings.ts';

const WINDOW_MS = 5 * MINUTE;

const zSent = z.object({ id: z.string(), sequence: z.number(), until: z.number() });
type Sent = z.infer<typeof zSent>;

/** What was sent to a FIFO queue in the last five minutes, also if it has been deleted since. */
export class DeduplicationWindow {
  readonly #kind: string;
  readonly #rows: Rows;
  /** Oldest first. */
  readonly #sent = new Map<string, Sent>();

  constructor(queue: string, rows: Rows) {
    this.#kind = `sent:${queue}`;
    this.#rows = rows;
    for (const { key, value } of rows.all(this.#kind)) this.#sent.set(key, zSent.parse(JSON.parse(value)));
  }

  get highestSequence(): number {
    let highest = 0;
    for (const { sequence } of this.#sent.values()) highest = Math.max(highest, sequence);
    return highest;
  }

  find(key: string, now: Instant): Omit<Sent, 'until'> | undefined {
    const sent = this.#sent.get(key);
    return sent && sent.until > now ? sent : undefined;
  }

  remember(key: string, message: Omit<Sent, 'until'>, now: Instant): void {
    this.#forgetBefore(now);
    const sent = { ...message, until: now + WINDOW_MS };
    this.#sent.delete(key);
    this.#sent.set(key, sent);
    // Removed first, so that the rows are read oldest first.
    this.#rows.remove(this.#kind, key);
    this.#rows.put(this.#kind, key, JSON.stringify(sent));
  }

  #forgetBefore(now: Instant): void {
    for (const [key, { until }] of this.#sent) {
      if (until > now) break;
      this.#sent.delete(key);
      this.#rows.remove(this.#kind, key);
    }
  }
}

/**
 * Undefined for a standard queue.
 *
 * @throws AwsError MissingParameter, InvalidParameterValue where a FIFO queue needs more
 */
export const deduplicationIdOf = (settings: QueueSettings, message: NewMessage): string | undefined => {
  if (!settings.fifo) return undefined;
  if (message.group === undefined) throw missing('MessageGroupId');
  if (message.deduplicationId !== undefined) return message.deduplicationId;
  if (settings.contentBasedDeduplication) return createHash('sha256').update(message.body).digest('hex');
  throw invalidValue(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
};
