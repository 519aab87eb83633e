import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { AlarmClock } from '../../clock/virtual-clock.ts';
import type { Rows } from '../../state/rows.ts';
import { noSuchQueue, queueExists } from './errors.ts';
import { Queue, type QueueParts } from './queue.ts';
import { queueNameOf, queueSettings } from './settings.ts';

const zAttributes = z.record(z.string(), z.string());

const REAL: Pick<QueueParts, 'chance' | 'soon'> = {
  chance: { id: () => randomUUID() },
  soon: (run) => void setImmediate(run),
};

/** All queues, by name; with their messages they survive in the rows. */
export class Queues {
  readonly #rows: Rows;
  readonly #parts: QueueParts;
  readonly #byName = new Map<
    string,
    { readonly queue: Queue; attributes: Readonly<Record<string, string>> }
  >();

  /** @param given instead of random ids and the turns of the event loop */
  constructor(clock: AlarmClock, rows: Rows, given: Partial<typeof REAL> = {}) {
    this.#rows = rows;
    this.#parts = { ...REAL, ...given, clock, rows, deadLetters: (arn) => this.find(arn) };
    for (const { key, value } of rows.all('queue')) this.#open(key, zAttributes.parse(JSON.parse(value)));
  }

  /**
   * The same queue again when it exists with these attributes.
   *
   * @throws AwsError QueueNameExists, InvalidAttributeValue
   */
  create(name: string, attributes: Readonly<Record<string, string>> = {}): Queue {
    const existing = this.#byName.get(name);
    if (existing) {
      const differs = Object.entries(attributes).some(([key, value]) => existing.attributes[key] !== value);
      if (differs) throw queueExists(name);
      return existing.queue;
    }
    const queue = this.#open(name, attributes);
    this.#rows.put('queue', name, JSON.stringify(attributes));
    return queue;
  }

  /** @throws AwsError QueueDoesNotExist */
  get(name: string): Queue {
    const found = this.#byName.get(name);
    if (!found) throw noSuchQueue();
    return found.queue;
  }

  attributesOf(name: string): Readonly<Record<string, string>> {
    return this.#byName.get(name)?.attributes ?? {};
  }

  find(arn: string): Queue | undefined {
    return this.#byName.get(queueNameOf(arn))?.queue;
  }

  names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** All or nothing on disk, at the price of one write. */
  together<T>(change: () => T): T {
    return this.#rows.together(change);
  }

  close(): void {
    for (const { queue } of this.#byName.values()) queue.close();
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): Queue {
    const queue = new Queue(queueSettings(name, attributes), this.#parts);
    this.#byName.set(name, { queue, attributes });
    return queue;
  }
}
