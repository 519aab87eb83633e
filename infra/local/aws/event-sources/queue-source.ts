import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { LOCAL_REGION } from '../environment.ts';
import { AwsError } from '../json-service.ts';
import { invoke, type LocalFunction } from '../lambda.ts';
import { type Message, type MessageAttributes, md5, md5OfAttributes } from '../sqs/message.ts';
import type { Queue } from '../sqs/queue.ts';
import { receiptHandle } from '../sqs/receipt.ts';
import { systemAttributes } from '../sqs/received-message.ts';
import { failedItems } from './batch-response.ts';
import type { EventSource, Report } from './event-source.ts';

/** What a source needs of a queue. */
export type SourceQueue = Pick<
  Queue,
  'settings' | 'hasAvailable' | 'receive' | 'delete' | 'changeVisibility' | 'onChange'
>;

interface FeedOptions {
  readonly queue: SourceQueue;
  /** 1 to 10. Default 1. */
  readonly batchSize?: number;
  /** Invocations at once. Default 10. */
  readonly maxConcurrency?: number;
  /** Default true: a list of `batchItemFailures` in the answer is heeded. */
  readonly reportBatchItemFailures?: boolean;
  /** When failed messages show again; without it after the queue's visibility timeout, as with Lambda. */
  readonly retryAfterMs?: number;
  readonly report: Report;
}

export interface QueueSourceOptions extends FeedOptions {
  readonly fn: LocalFunction<SQSEvent>;
}

export interface QueueFeedOptions extends FeedOptions {
  readonly functionName: string;
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
}

/**
 * Feeds a function from a queue as Lambda does: several groups at once, each in its order; what succeeded
 * is deleted, what failed shows again until the queue's redrive policy ends that.
 */
export const startQueueSource = ({ fn, ...options }: QueueSourceOptions): EventSource =>
  feedFromQueue({ ...options, functionName: fn.name, invoke: (event) => invoke(fn, event) });

/** The same, whatever runs the function. */
export const feedFromQueue = (options: QueueFeedOptions): EventSource => {
  const source = new QueueSource(options);
  source.pump();
  return source;
};

class QueueSource implements EventSource {
  invocations = 0;
  readonly #options: QueueFeedOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #forget: () => void;
  #settling: (() => void)[] = [];
  #stopping = false;

  constructor(options: QueueFeedOptions) {
    this.#options = options;
    this.#forget = options.queue.onChange(() => this.pump());
  }

  /** Starts invocations until nothing is available or the concurrency is used up. */
  pump(): void {
    const { queue, batchSize = 1, maxConcurrency = 10 } = this.#options;
    while (!this.#stopping && this.#running.size < maxConcurrency && queue.hasAvailable()) {
      const messages = queue.receive(batchSize);
      if (messages.length === 0) break;
      const running = this.#deliver(messages).finally(() => {
        this.#running.delete(running);
        this.pump();
      });
      this.#running.add(running);
    }
    if (this.#running.size === 0 && (this.#stopping || !queue.hasAvailable())) {
      for (const settled of this.#settling.splice(0)) settled();
    }
  }

  settle(): Promise<void> {
    return new Promise((resolve) => {
      this.#settling.push(resolve);
      this.pump();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#forget();
    await Promise.all(this.#running);
    this.pump();
  }

  async #deliver(messages: readonly Message[]): Promise<void> {
    const { functionName, queue, report, retryAfterMs } = this.#options;
    const failed = await this.#failedOf(messages);
    this.invocations += 1;
    for (const [index, held] of messages.entries()) {
      try {
        if (!failed.has(index)) queue.delete(receiptHandle(held));
        else if (retryAfterMs !== undefined) queue.changeVisibility(receiptHandle(held), retryAfterMs);
      } catch (error) {
        const message = error instanceof AwsError ? 'it was held too long' : 'it could not be settled';
        report({ functionName, message: `a message comes again (${held.id}): ${message}`, error });
      }
    }
  }

  async #failedOf(messages: readonly Message[]): Promise<ReadonlySet<number>> {
    const { functionName, queue, report, reportBatchItemFailures } = this.#options;
    try {
      const answer = await this.#options.invoke({
        Records: messages.map((message) => shown(message, queue)),
      });
      if (reportBatchItemFailures === false) return new Set();
      return failedItems(
        answer,
        messages.map(({ id }) => id),
      );
    } catch (error) {
      report({
        functionName,
        message: `an invocation with ${messages.length} messages failed`,
        error,
      });
      return new Set(messages.keys());
    }
  }
}

const shown = (message: Message, queue: SourceQueue): SQSRecord => ({
  messageId: message.id,
  receiptHandle: receiptHandle(message),
  body: message.body,
  attributes: {
    ...systemAttributes(message, queue.settings.fifo),
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentAt),
    SenderId: message.sender,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  },
  messageAttributes: shownAttributes(message.attributes ?? {}),
  md5OfBody: md5(message.body),
  ...(message.attributes && { md5OfMessageAttributes: md5OfAttributes(message.attributes) }),
  eventSource: 'aws:sqs',
  eventSourceARN: queue.settings.arn,
  awsRegion: LOCAL_REGION,
});

const shownAttributes = (attributes: MessageAttributes): SQSRecord['messageAttributes'] =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      {
        dataType: attribute.DataType,
        ...(attribute.StringValue !== undefined && { stringValue: attribute.StringValue }),
        ...(attribute.BinaryValue !== undefined && { binaryValue: attribute.BinaryValue }),
      },
    ]),
  );
