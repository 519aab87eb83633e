import type { DynamoDBRecord } from 'aws-lambda';
import {
  type EventPattern,
  matches,
  zEventPattern,
} from '../../../infra/local/aws/event-sources/event-pattern.ts';
import {
  type Arrived,
  type RetryPolicy,
  StreamDelivery,
} from '../../../infra/local/aws/event-sources/stream-delivery.ts';
import type { Range } from '../faults.ts';
import type { Lambda } from '../lambda.ts';
import { hashed } from '../random.ts';
import type { Sim } from '../sim.ts';
import { resultOf } from './invocation-failed.ts';

/** A stream of changes, as its readers see it. */
export interface StreamFeed {
  /** In order, all after that sequence number; from the beginning without one. */
  since(after: string | undefined): readonly DynamoDBRecord[];
}

export interface SimStreamOptions {
  readonly sim: Sim;
  readonly lambda: Lambda;
  readonly functionName: string;
  readonly stream: StreamFeed;
  /** A record that matches one of them is delivered; without any all are. */
  readonly filters?: readonly EventPattern[];
  /** Default 100. */
  readonly batchSize?: number;
  readonly retry?: RetryPolicy;
  /** Partition keys are spread over so many, each in its own time. Default 4. */
  readonly shards?: number;
  /** From a write to its delivery, drawn for each turn of each shard. */
  readonly lagMs?: Range;
  readonly rates?: StreamRates;
  readonly onFailure?: (record: object) => Promise<void> | void;
}

/** How often what befalls batches. */
export interface StreamRates {
  /** Delivered, and delivered once more. */
  readonly again: number;
  /** Delivered long after they were written. */
  readonly late: number;
}

export interface SimStream {
  /** Something may have been written. */
  wake(): void;
  /** Records that were written and not delivered yet, of those that the filters let through. */
  readonly waiting: number;
}

export const USUAL_STREAM_RATES: StreamRates = { again: 0.02, late: 0.02 };

const LAG_MS: Range = { from: 100, to: 600 };
const LATE_MS: Range = { from: 5_000, to: 180_000 };

/**
 * Feeds a function from a stream as Lambda does, with the code of the local runtime: what has one partition
 * key comes in order, at least once; different keys overtake each other.
 */
export const startSimStream = (options: SimStreamOptions): SimStream => {
  const { stream, shards: count = 4 } = options;
  const filters = (options.filters ?? []).map((filter) => zEventPattern.parse(filter));
  const shards = Array.from({ length: count }, (_, index) => new Shard(options, index));
  let position: string | undefined;
  return {
    get waiting() {
      return shards.reduce((sum, shard) => sum + shard.waiting, 0);
    },
    wake: () => {
      for (const record of stream.since(position)) {
        position = sequenceOf(record);
        if (filters.length > 0 && !filters.some((filter) => matches(filter, record))) continue;
        const keys = JSON.stringify(Object.values(record.dynamodb?.Keys ?? {})[0] ?? null);
        shards[hashed(0, keys) % count]?.add(record);
      }
    },
  };
};

const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '';

class Shard {
  readonly #options: SimStreamOptions;
  readonly #place: string;
  readonly #delivery: StreamDelivery;
  readonly #backlog: Arrived[] = [];
  #delivering = 0;
  #active = false;

  constructor(options: SimStreamOptions, index: number) {
    const { sim, lambda, functionName } = options;
    this.#options = options;
    this.#place = `stream of ${functionName} ${index + 1}`;
    this.#delivery = new StreamDelivery({
      functionName,
      invoke: async (event) => resultOf(await lambda.invoke(functionName, event)),
      id: () => sim.drawAt(`${this.#place} id`).uuid(),
      streamArn: 'arn:aws:dynamodb:simulated:000000000000:table/ledger/stream/1',
      shardId: this.#place,
      clock: sim.clock,
      policy: options.retry ?? {},
      ...(options.onFailure && { onFailure: options.onFailure }),
      report: ({ message, error }) =>
        sim.note(this.#place, message, error instanceof Error ? `${error.name}: ${error.message}` : ''),
      checkpoint: () => {},
      invoked: () => {},
    });
  }

  get waiting(): number {
    return this.#backlog.length + this.#delivering;
  }

  add(record: DynamoDBRecord): void {
    this.#backlog.push({ record, sequenceNumber: sequenceOf(record), at: this.#options.sim.now() });
    if (this.#active) return;
    this.#active = true;
    this.#options.sim.watch(this.#drain());
  }

  async #drain(): Promise<void> {
    const { sim, batchSize = 100, lagMs = LAG_MS, rates = USUAL_STREAM_RATES } = this.#options;
    while (this.#backlog.length > 0) {
      const late = sim.deviates(this.#place, 'late', rates.late)
        ? sim.between(`${this.#place} late`, LATE_MS)
        : 0;
      await sim.clock.sleep(late + sim.between(`${this.#place} lag`, lagMs));
      const batch = this.#backlog.splice(0, batchSize);
      this.#delivering = batch.length;
      await this.#delivery.deliver(batch);
      if (sim.deviates(this.#place, 'delivered again', rates.again)) await this.#delivery.deliver(batch);
      this.#delivering = 0;
    }
    this.#active = false;
  }
}
