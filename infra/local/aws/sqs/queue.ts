import type { Instant } from '../../../../shared/time/clock.ts';
import type { Ids } from '../../../../shared/time/jitter.ts';
import type { AlarmClock } from '../../clock/virtual-clock.ts';
import type { Rows } from '../../state/rows.ts';
import { DeduplicationWindow, deduplicationIdOf } from './deduplication.ts';
import { expiredHandle, notInFlight } from './errors.ts';
import { type Message, type NewMessage, zMessage } from './message.ts';
import { readReceiptHandle } from './receipt.ts';
import type { QueueSettings } from './settings.ts';
import { LARGEST_BATCH, Shelf } from './shelf.ts';

export interface QueueCounts {
  readonly available: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface QueueParts {
  readonly clock: AlarmClock;
  readonly rows: Rows;
  /** Of message ids and receipts. */
  readonly chance: Ids;
  /** Runs it when the present call is over: how listeners are told once of many changes. */
  readonly soon: (run: () => void) => void;
  readonly deadLetters: (arn: string) => Queue | undefined;
}

/**
 * One queue with the semantics of SQS. FIFO: the messages of a group come in the order they were sent, and
 * a group with a message in flight gives out no other; groups take turns.
 */
export class Queue {
  readonly settings: QueueSettings;
  readonly #clock: AlarmClock;
  readonly #rows: Rows;
  readonly #parts: QueueParts;
  readonly #shelf = new Shelf();
  readonly #window: DeduplicationWindow;
  readonly #listeners = new Set<() => void>();
  #sequence = 0;
  #alarm: { readonly moment: Instant; readonly forget: () => void } | undefined;
  #announced = false;

  constructor(settings: QueueSettings, parts: QueueParts) {
    this.settings = settings;
    this.#clock = parts.clock;
    this.#rows = parts.rows;
    this.#parts = parts;
    this.#window = new DeduplicationWindow(settings.name, parts.rows);
    const kept = parts.rows.all(this.#kind).map(({ value }) => zMessage.parse(JSON.parse(value)));
    kept.sort((a, b) => a.sequence - b.sequence);
    for (const message of kept) {
      this.#shelf.add(message);
      this.#sequence = message.sequence;
    }
    this.#sequence = Math.max(this.#sequence, this.#window.highestSequence);
    this.#watch();
  }

  /** @throws AwsError MissingParameter or InvalidParameterValue where SQS answers so */
  send(input: NewMessage): Message {
    const now = this.#clock.now();
    const deduplicationId = deduplicationIdOf(this.settings, input);
    const perGroup = deduplicationId !== undefined && this.settings.deduplicationScope === 'messageGroup';
    const key = perGroup ? `${input.group} ${deduplicationId}` : deduplicationId;
    const duplicate = key === undefined ? undefined : this.#window.find(key, now);
    const id = duplicate?.id ?? this.#parts.chance.id();
    if (!duplicate) this.#sequence += 1;
    const message: Message = {
      id,
      body: input.body,
      ...(input.attributes && { attributes: input.attributes }),
      group: input.group ?? id,
      ...(deduplicationId !== undefined && { deduplicationId }),
      sequence: duplicate?.sequence ?? this.#sequence,
      sender: input.sender,
      sentAt: now,
      receives: 0,
      visibleAt: now + (input.delayMs ?? this.settings.delayMs),
    };
    if (duplicate) return message;
    this.#rows.together(() => {
      if (key !== undefined) this.#window.remember(key, { id, sequence: message.sequence }, now);
      this.#save(message);
    });
    this.#shelf.add(message);
    this.#changed();
    return message;
  }

  /** Takes up to `max` messages that are visible now, and hides them. Moves exhausted ones to the dead letters. */
  receive(max: number, visibilityTimeoutMs = this.settings.visibilityTimeoutMs): readonly Message[] {
    const now = this.#clock.now();
    const taken: Message[] = [];
    let moved = 0;
    const most = Math.min(max, LARGEST_BATCH);
    for (const messages of this.#shelf.available(now)) {
      if (taken.length >= most) break;
      for (const message of messages.slice(0, LARGEST_BATCH)) {
        if (taken.length >= most || message.visibleAt > now) break;
        if (this.#moveWhenExhausted(message)) {
          moved += 1;
          continue;
        }
        this.#hand(message, now, visibilityTimeoutMs);
        taken.push(message);
      }
    }
    this.#shelf.served(taken.map(({ group }) => group));
    // What stood behind a dead letter may be available now.
    if (moved > 0) this.#changed();
    else this.#watch();
    return taken.map((message) => ({ ...message }));
  }

  /**
   * @param handle of the last receive; an older one deletes nothing
   * @throws AwsError ReceiptHandleIsInvalid, or for a FIFO queue InvalidParameterValue when it has expired
   */
  delete(handle: string): void {
    const message = this.#held(handle);
    if (message === undefined) return;
    this.#shelf.remove(message);
    // Lost in a crash just now, it comes again, as after any crash before the deletion.
    this.#rows.soon(() => this.#rows.remove(this.#kind, message.id));
    this.#changed();
  }

  /** @throws AwsError as `delete`, and MessageNotInflight */
  changeVisibility(handle: string, timeoutMs: number): void {
    const now = this.#clock.now();
    const message = this.#held(handle);
    if (message === undefined || message.visibleAt <= now) {
      throw notInFlight();
    }
    message.visibleAt = now + timeoutMs;
    this.#shelf.hid(message);
    this.#saveSoon(message);
    this.#changed();
  }

  purge(): void {
    this.#rows.together(() => {
      for (const message of [...this.#shelf.all()]) this.#remove(message);
    });
    this.#changed();
  }

  /** Sends everything that is visible here back to where it came from, in order. Resolves to how many. */
  redriveTo(target: (message: Message) => Queue): number {
    const now = this.#clock.now();
    const visible = [...this.#shelf.all()].filter((message) => message.visibleAt <= now);
    visible.sort((a, b) => a.sequence - b.sequence);
    this.#rows.together(() => {
      for (const message of visible) {
        target(message).adopt({ ...message, receives: 0 });
        this.#remove(message);
      }
    });
    this.#changed();
    return visible.length;
  }

  /** Takes a message over from another queue, at the end of its group. */
  adopt(message: Message): void {
    this.#sequence += 1;
    const { firstReceivedAt: _first, receipt: _receipt, ...rest } = message;
    const adopted: Message = { ...rest, sequence: this.#sequence, visibleAt: this.#clock.now() };
    this.#save(adopted);
    this.#shelf.add(adopted);
    this.#changed();
  }

  counts(): QueueCounts {
    const now = this.#clock.now();
    let [available, inFlight, delayed] = [0, 0, 0];
    for (const message of this.#shelf.all()) {
      if (message.visibleAt <= now) available += 1;
      else if (message.receipt === undefined) delayed += 1;
      else inFlight += 1;
    }
    return { available, inFlight, delayed };
  }

  /** Whether a receive would find something now; false while all that waits is behind a message in flight. */
  hasAvailable(): boolean {
    return this.#shelf.available(this.#clock.now()).next().done === false;
  }

  /** The listener runs, soon and once for many changes, when something may have become available. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#alarm?.forget();
    this.#alarm = undefined;
    this.#listeners.clear();
  }

  get #kind(): string {
    return `message:${this.settings.name}`;
  }

  #hand(message: Message, now: Instant, visibilityTimeoutMs: number): void {
    message.receives += 1;
    message.firstReceivedAt ??= now;
    message.visibleAt = now + visibilityTimeoutMs;
    message.receipt = this.#parts.chance.id();
    this.#shelf.hid(message);
    this.#saveSoon(message);
  }

  #moveWhenExhausted(message: Message): boolean {
    const redrive = this.settings.redrive;
    if (!redrive || message.receives < redrive.maxReceiveCount) return false;
    const target = this.#parts.deadLetters(redrive.deadLetterArn);
    if (!target) return false;
    this.#rows.together(() => {
      target.adopt({ ...message, sourceArn: this.settings.arn });
      this.#remove(message);
    });
    return true;
  }

  #held(handle: string): Message | undefined {
    const { id, receipt } = readReceiptHandle(handle);
    const message = this.#shelf.get(id);
    if (message === undefined) return undefined;
    const current = message.receipt === receipt;
    if (current && (!this.settings.fifo || message.visibleAt > this.#clock.now())) return message;
    if (!this.settings.fifo) return undefined;
    throw expiredHandle(handle);
  }

  #remove(message: Message): void {
    this.#rows.remove(this.#kind, message.id);
    this.#shelf.remove(message);
  }

  #saveSoon(message: Message): void {
    this.#rows.soon(() => {
      if (this.#shelf.get(message.id) === message) this.#save(message);
    });
  }

  #save(message: Message): void {
    this.#rows.put(this.#kind, message.id, JSON.stringify(message));
  }

  #changed(): void {
    this.#watch();
    if (this.#announced) return;
    this.#announced = true;
    this.#parts.soon(() => {
      this.#announced = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** One alarm, for the first moment at which something hidden shows again. */
  #watch(): void {
    const next = this.#shelf.nextVisible(this.#clock.now());
    if (next === this.#alarm?.moment) return;
    this.#alarm?.forget();
    this.#alarm = undefined;
    if (next === undefined) return;
    const forget = this.#clock.at(next, () => {
      this.#alarm = undefined;
      this.#changed();
    });
    this.#alarm = { moment: next, forget };
  }
}
