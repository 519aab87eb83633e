import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { SECOND } from '../../../../shared/time/clock.ts';
import type { AlarmClock } from '../../clock/virtual-clock.ts';
import type { Rows } from '../../state/rows.ts';
import { LOCAL_REGION } from '../environment.ts';
import { invoke, type LocalFunction } from '../lambda.ts';
import { type EventPattern, matches, zEventPattern } from './event-pattern.ts';
import type { EventSource, Report } from './event-source.ts';
import { type Arrived, type RetryPolicy, StreamDelivery } from './stream-delivery.ts';
import { openStreams, type RawRecord, type Shard, type StreamsApi } from './streams-api.ts';
import { Wakeup } from './wakeup.ts';

export interface StreamSourceOptions {
  /** Of the database. */
  readonly endpoint: string;
  readonly streamArn: string;
  readonly fn: LocalFunction<DynamoDBStreamEvent>;
  readonly clock: AlarmClock;
  /** Where positions are kept. */
  readonly rows: Rows;
  /** A record that matches one of them is delivered; without any all are. */
  readonly filters?: readonly EventPattern[];
  /** Default 100. */
  readonly batchSize?: number;
  readonly retry?: RetryPolicy;
  /** Where a stream is read from that has no position yet. Default TRIM_HORIZON. */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  readonly onFailure?: (record: object) => Promise<void> | void;
  readonly report: Report;
  /** A cheap stamp that changes whenever something was written: while it stays, the stream is hardly asked. */
  readonly writeStamp?: () => string | undefined;
}

export interface StreamSource extends EventSource {
  /** Looks at the stream at once instead of at the next turn. */
  nudge(): void;
}

const PAGE = 1_000;
const TURN_MS = 15;
const LONGEST_QUIET_MS = 250;
const POSITION = 'stream-position';

/**
 * Feeds a function from a DynamoDB stream as Lambda does: per shard in order, at least once; a position is
 * kept only after success. MODIFY records that change nothing are dropped, since the real streams have none.
 *
 * @throws StreamsError when there is no such stream; ZodError for a filter with an unknown condition
 */
export const startStreamSource = async (options: StreamSourceOptions): Promise<StreamSource> => {
  const filters = (options.filters ?? []).map((filter) => zEventPattern.parse(filter));
  const api = openStreams(options.endpoint);
  const readers = new Map<string, ShardReader>();
  let invocations = 0;

  const discover = async () => {
    const shards = await api.shards(options.streamArn);
    for (const shard of shards) {
      const parent = shard.parent === undefined ? undefined : readers.get(shard.parent);
      if (readers.has(shard.id) || parent?.closed === false) continue;
      const reader = new ShardReader(shard, { ...options, filters }, api, {
        invoked: () => {
          invocations += 1;
        },
        closed: discover,
      });
      readers.set(shard.id, reader);
      reader.start();
    }
  };
  try {
    await discover();
  } catch (error) {
    api.close();
    throw error;
  }

  return {
    get invocations() {
      return invocations;
    },
    nudge: () => {
      for (const reader of readers.values()) reader.nudge();
    },
    settle: async () => {
      await Promise.all([...readers.values()].map((reader) => reader.settle()));
    },
    stop: async () => {
      await Promise.all([...readers.values()].map((reader) => reader.stop()));
      api.close();
    },
  };
};

class ShardReader {
  closed = false;
  readonly #shard: Shard;
  readonly #options: StreamSourceOptions & { readonly filters: readonly EventPattern[] };
  readonly #api: StreamsApi;
  readonly #delivery: StreamDelivery;
  readonly #onClosed: () => Promise<void>;
  readonly #key: string;
  readonly #wakeup = new Wakeup();
  #settling: (() => void)[] = [];
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    shard: Shard,
    options: StreamSourceOptions & { readonly filters: readonly EventPattern[] },
    api: StreamsApi,
    events: { readonly invoked: () => void; readonly closed: () => Promise<void> },
  ) {
    this.#shard = shard;
    this.#options = options;
    this.#api = api;
    this.#onClosed = events.closed;
    this.#key = `${options.fn.name} ${options.streamArn} ${shard.id}`;
    this.#delivery = new StreamDelivery({
      functionName: options.fn.name,
      invoke: (event) => invoke(options.fn, event),
      id: randomUUID,
      streamArn: options.streamArn,
      shardId: shard.id,
      clock: options.clock,
      policy: options.retry ?? {},
      ...(options.onFailure && { onFailure: options.onFailure }),
      report: options.report,
      checkpoint: (sequenceNumber) => options.rows.put(POSITION, this.#key, sequenceNumber),
      invoked: events.invoked,
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  nudge(): void {
    this.#wakeup.ring();
  }

  settle(): Promise<void> {
    if (this.closed || this.#stopping) return this.#running;
    return new Promise((resolve) => {
      this.#settling.push(resolve);
      this.nudge();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#delivery.stop();
    this.nudge();
    await this.#running;
  }

  async #run(): Promise<void> {
    let iterator: string | undefined;
    let failures = 0;
    while (!this.#stopping) {
      try {
        iterator ??= await this.#api.iterator(this.#options.streamArn, this.#shard.id, this.#position());
        iterator = await this.#turn(iterator);
        failures = 0;
        if (iterator === undefined) break;
      } catch (error) {
        iterator = undefined;
        failures += 1;
        this.#options.report({
          functionName: this.#options.fn.name,
          message: `the stream could not be read (${failures} times in a row); trying again`,
          error,
        });
        await this.#wakeup.within(Math.min(1_000, 25 * 2 ** failures));
      }
    }
    for (const settled of this.#settling.splice(0)) settled();
  }

  /** Reads and delivers one page. Resolves to where to read on, or undefined when the shard is closed or all stops. */
  async #turn(iterator: string): Promise<string | undefined> {
    const stamp = this.#options.writeStamp?.();
    const asked = this.#settling.splice(0);
    let page: Awaited<ReturnType<StreamsApi['records']>>;
    try {
      page = await this.#api.records(iterator, PAGE);
    } catch (error) {
      this.#settling.unshift(...asked);
      throw error;
    }
    if (page.records.length === 0) {
      for (const settled of asked) settled();
      if (page.next === undefined) {
        this.closed = true;
        await this.#onClosed();
        return undefined;
      }
      if (this.#settling.length === 0) await this.#quiet(stamp);
      return page.next;
    }
    this.#settling.unshift(...asked);
    if (!(await this.#deliver(page.records))) return undefined;
    return page.next ?? iterator;
  }

  async #deliver(records: readonly RawRecord[]): Promise<boolean> {
    const at = this.#options.clock.now();
    const arrived = records
      .map(
        (raw): Arrived => ({ record: this.#shown(raw, at), sequenceNumber: raw.dynamodb.SequenceNumber, at }),
      )
      .filter(({ record }) => this.#wanted(record));
    const size = this.#options.batchSize ?? 100;
    for (let from = 0; from < arrived.length; from += size) {
      if (!(await this.#delivery.deliver(arrived.slice(from, from + size)))) return false;
    }
    const last = records.at(-1);
    if (last) this.#options.rows.put(POSITION, this.#key, last.dynamodb.SequenceNumber);
    return true;
  }

  #wanted(record: DynamoDBRecord): boolean {
    const { NewImage, OldImage } = record.dynamodb ?? {};
    if (record.eventName === 'MODIFY' && NewImage && OldImage && isDeepStrictEqual(NewImage, OldImage))
      return false;
    const { filters } = this.#options;
    return filters.length === 0 || filters.some((filter) => matches(filter, record));
  }

  #shown(raw: RawRecord, at: number): DynamoDBRecord {
    return {
      ...raw,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: LOCAL_REGION,
      dynamodb: {
        ...raw.dynamodb,
        ApproximateCreationDateTime: Math.floor(at / SECOND),
      } as NonNullable<DynamoDBRecord['dynamodb']>,
      eventSourceARN: this.#options.streamArn,
    };
  }

  #position(): { readonly after: string } | 'TRIM_HORIZON' | 'LATEST' {
    const after = this.#options.rows.get(POSITION, this.#key);
    return after === undefined ? (this.#options.startingPosition ?? 'TRIM_HORIZON') : { after };
  }

  /** Until the next turn; longer while nothing was written at all. */
  async #quiet(stamp: string | undefined): Promise<void> {
    const until = performance.now() + LONGEST_QUIET_MS;
    do {
      if (await this.#wakeup.within(TURN_MS)) return;
    } while (stamp !== undefined && performance.now() < until && this.#options.writeStamp?.() === stamp);
  }
}
