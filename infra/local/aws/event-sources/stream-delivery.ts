import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Instant } from '../../../../shared/time/clock.ts';
import type { AlarmClock } from '../../clock/virtual-clock.ts';
import { failedItems } from './batch-response.ts';
import type { Report } from './event-source.ts';
import { type GivenUp, streamFailure } from './stream-failure.ts';

export interface Arrived {
  readonly record: DynamoDBRecord;
  readonly sequenceNumber: string;
  /** When this source saw it first. */
  readonly at: Instant;
}

export interface RetryPolicy {
  /** After the first attempt; undefined: until the records are too old. */
  readonly maxRetries?: number;
  /** By the clock of the source; undefined: no record is ever too old. */
  readonly maxRecordAgeMs?: number;
  /** Halve a failing batch, so that one bad record does not take its neighbours along. Default true. */
  readonly bisectOnError?: boolean;
  /** Default true: a list of `batchItemFailures` in the answer is heeded. */
  readonly reportBatchItemFailures?: boolean;
  /** The first pause; it doubles up to 32 times of itself. Default 50. */
  readonly backoffMs?: number;
}

interface Parts {
  readonly functionName: string;
  readonly invoke: (event: DynamoDBStreamEvent) => Promise<unknown>;
  /** A unique id for each batch that is given up. */
  readonly id: () => string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly clock: AlarmClock;
  readonly policy: RetryPolicy;
  /** Where records go that are given up; without it they are only reported. */
  readonly onFailure?: (record: object) => Promise<void> | void;
  readonly report: Report;
  readonly checkpoint: (sequenceNumber: string) => void;
  readonly invoked: () => void;
}

type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly from: number; readonly error: unknown };

/** Delivers the records of one shard to a function: in order, at least once, and past a batch only when it is done. */
export class StreamDelivery {
  readonly #parts: Parts;
  #stopped: (() => void) | undefined;
  readonly #stop = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });
  #stopping = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stopping = true;
    this.#stopped?.();
  }

  /** Resolves to false when it was stopped before all was delivered; what is left comes again. */
  async deliver(batch: readonly Arrived[]): Promise<boolean> {
    const { policy } = this.#parts;
    let pending = batch;
    let attempts = 0;
    while (pending.length > 0) {
      if (this.#stopping) return false;
      const expired = pending.filter(({ at }) => this.#tooOld(at));
      if (expired.length > 0) {
        if (!(await this.#giveUp(expired, 'RecordAgeExceeded', attempts))) return false;
        pending = pending.slice(expired.length);
        attempts = 0;
        continue;
      }
      const outcome = await this.#attempt(pending);
      attempts += 1;
      if (outcome.kind === 'done') {
        this.#advance(pending);
        return true;
      }
      if (outcome.from > 0) {
        this.#advance(pending.slice(0, outcome.from));
        pending = pending.slice(outcome.from);
        attempts = 0;
        continue;
      }
      this.#reportFailure(pending, attempts, outcome.error);
      if (pending.length > 1 && policy.bisectOnError !== false) {
        const middle = Math.ceil(pending.length / 2);
        if (!(await this.deliver(pending.slice(0, middle)))) return false;
        pending = pending.slice(middle);
        attempts = 0;
      } else if (policy.maxRetries !== undefined && attempts > policy.maxRetries) {
        return this.#giveUp(pending, 'RetryAttemptsExhausted', attempts);
      } else {
        await this.#pause(attempts);
      }
    }
    return true;
  }

  async #attempt(batch: readonly Arrived[]): Promise<Outcome> {
    const { invoke, policy, invoked } = this.#parts;
    try {
      const answer = await invoke({ Records: batch.map(({ record }) => structuredClone(record)) });
      if (policy.reportBatchItemFailures === false) return { kind: 'done' };
      const failed = failedItems(
        answer,
        batch.map(({ sequenceNumber }) => sequenceNumber),
      );
      if (failed.size === 0) return { kind: 'done' };
      return { kind: 'failed', from: Math.min(...failed), error: undefined };
    } catch (error) {
      return { kind: 'failed', from: 0, error };
    } finally {
      invoked();
    }
  }

  #tooOld(at: Instant): boolean {
    const { clock, policy } = this.#parts;
    return policy.maxRecordAgeMs !== undefined && clock.now() - at > policy.maxRecordAgeMs;
  }

  /** Goes past the records only when the destination has them. */
  async #giveUp(batch: readonly Arrived[], condition: GivenUp, invocations: number): Promise<boolean> {
    const { functionName, id, onFailure, report, clock, shardId, streamArn } = this.#parts;
    const [first, last] = [batch[0], batch.at(-1)];
    if (!first || !last) return true;
    const record = streamFailure({
      functionName,
      requestId: id(),
      condition,
      invocations,
      shardId,
      streamArn,
      sequenceNumbers: { first: first.sequenceNumber, last: last.sequenceNumber },
      arrived: { first: first.at, last: last.at },
      batchSize: batch.length,
      at: clock.now(),
    });
    for (let attempt = 1; ; attempt += 1) {
      if (this.#stopping) return false;
      try {
        await onFailure?.(record);
        break;
      } catch (error) {
        report({
          functionName,
          message: 'the on-failure destination did not take the record',
          error,
        });
        await this.#pause(attempt);
      }
    }
    report({
      functionName,
      message: `${batch.length} stream records were given up: ${condition}`,
      error: undefined,
    });
    this.#advance(batch);
    return true;
  }

  #advance(done: readonly Arrived[]): void {
    const last = done.at(-1);
    if (last) this.#parts.checkpoint(last.sequenceNumber);
  }

  #reportFailure(batch: readonly Arrived[], attempt: number, error: unknown): void {
    this.#parts.report({
      functionName: this.#parts.functionName,
      message: `attempt ${attempt} failed for ${batch.length} stream records from ${batch[0]?.sequenceNumber}`,
      error,
    });
  }

  async #pause(attempt: number): Promise<void> {
    if (this.#stopping) return;
    const { clock, policy } = this.#parts;
    const ms = (policy.backoffMs ?? 50) * 2 ** Math.min(attempt - 1, 5);
    let forget = () => {};
    const passed = new Promise<void>((resolve) => {
      forget = clock.at(clock.now() + ms, resolve);
    });
    await Promise.race([passed, this.#stop]);
    forget();
  }
}
