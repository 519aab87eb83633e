import type { Instant } from '../../../../shared/time/clock.ts';
import type { Message } from './message.ts';

/** SQS keeps at most ten messages of one group in flight: one receive takes no more. */
export const LARGEST_BATCH = 10;

/** The messages of a queue in order, by group; the group served last stands last. */
export class Shelf {
  readonly #groups = new Map<string, Message[]>();
  readonly #byId = new Map<string, Message>();
  /** Those that may be invisible. */
  readonly #hidden = new Set<Message>();

  get(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Message> {
    return this.#byId.values();
  }

  /** At the end of its group. */
  add(message: Message): void {
    this.#byId.set(message.id, message);
    const messages = this.#groups.get(message.group);
    if (messages) messages.push(message);
    else this.#groups.set(message.group, [message]);
    this.#hidden.add(message);
  }

  remove(message: Message): void {
    this.#byId.delete(message.id);
    this.#hidden.delete(message);
    const messages = this.#groups.get(message.group) ?? [];
    const index = messages.indexOf(message);
    if (index >= 0) messages.splice(index, 1);
    if (messages.length === 0) this.#groups.delete(message.group);
  }

  /** To be called when `visibleAt` has changed. */
  hid(message: Message): void {
    this.#hidden.add(message);
  }

  /** Groups that may give something out, in turn. */
  *available(now: Instant): Generator<readonly Message[]> {
    for (const messages of this.#groups.values()) if (!isBlocked(messages, now)) yield messages;
  }

  served(groups: readonly string[]): void {
    for (const group of groups) {
      const messages = this.#groups.get(group);
      if (!messages) continue;
      this.#groups.delete(group);
      this.#groups.set(group, messages);
    }
  }

  /** When the first of the hidden messages shows again. */
  nextVisible(now: Instant): Instant | undefined {
    let next: Instant | undefined;
    for (const message of this.#hidden) {
      if (message.visibleAt <= now) this.#hidden.delete(message);
      else if (next === undefined || message.visibleAt < next) next = message.visibleAt;
    }
    return next;
  }
}

/** Only the first messages of a group can be in flight, or a delayed one stands first. */
const isBlocked = (messages: readonly Message[], now: Instant): boolean => {
  const end = Math.min(messages.length, LARGEST_BATCH);
  for (let index = 0; index < end; index += 1) {
    const message = messages[index];
    if (message !== undefined && message.visibleAt > now && (index === 0 || message.receipt !== undefined))
      return true;
  }
  return false;
};
