import * as z from 'zod';
import { SECOND } from '../../../../shared/time/clock.ts';
import type { AlarmClock } from '../../clock/virtual-clock.ts';
import { AwsError, type Caller, type Operation, operation } from '../json-service.ts';
import { invalidValue, noSuchQueue } from './errors.ts';
import { type Message, md5, md5OfAttributes, sequenceText, zMessageAttributes } from './message.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { shown } from './received-message.ts';

const INVALID = 'InvalidParameterValue';
const LONGEST_MESSAGE = 1024 * 1024;

const zQueueUrl = z.string();
const zBody = z
  .string()
  .min(1)
  .refine((body) => Buffer.byteLength(body) <= LONGEST_MESSAGE, 'must be shorter than 1048576 bytes');
const zSend = z.object({
  MessageBody: zBody,
  MessageGroupId: z.string().min(1).max(128).optional(),
  MessageDeduplicationId: z.string().min(1).max(128).optional(),
  DelaySeconds: z.int().min(0).max(900).optional(),
  MessageAttributes: zMessageAttributes.optional(),
});
const zEntries = <S extends z.ZodRawShape>(entry: z.ZodObject<S>) =>
  z.object({
    QueueUrl: zQueueUrl,
    Entries: z
      .array(entry.extend({ Id: z.string() }))
      .min(1)
      .max(10),
  });
const zHandle = z.object({ ReceiptHandle: z.string() });
const zVisibility = zHandle.extend({ VisibilityTimeout: z.int().min(0).max(43_200) });
const onQueue = z.object({ QueueUrl: zQueueUrl });

/** The operations of SQS, over `queues`; `endpoint` is known once the server listens. */
export const sqsOperations = (
  queues: Queues,
  clock: AlarmClock,
  endpoint: () => string,
): Readonly<Record<string, Operation>> => {
  const at = (url: string): Queue => queues.get(url.slice(url.lastIndexOf('/') + 1));
  const urlOf = (name: string) => `${endpoint()}/000000000000/${name}`;

  const send = (queue: Queue, input: z.output<typeof zSend>, caller: Caller) => {
    if (queue.settings.fifo && input.DelaySeconds !== undefined) {
      throw invalidValue(
        `Value ${input.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
    }
    const message = queue.send({
      body: input.MessageBody,
      sender: caller.accessKeyId,
      ...(input.MessageGroupId !== undefined && { group: input.MessageGroupId }),
      ...(input.MessageDeduplicationId !== undefined && { deduplicationId: input.MessageDeduplicationId }),
      ...(input.DelaySeconds !== undefined && { delayMs: input.DelaySeconds * SECOND }),
      ...(input.MessageAttributes && { attributes: input.MessageAttributes }),
    });
    return {
      MessageId: message.id,
      MD5OfMessageBody: md5(input.MessageBody),
      ...(input.MessageAttributes && { MD5OfMessageAttributes: md5OfAttributes(input.MessageAttributes) }),
      ...(queue.settings.fifo && { SequenceNumber: sequenceText(message.sequence) }),
    };
  };

  return {
    CreateQueue: operation(
      z.object({
        QueueName: z.string().regex(/^[\w-]{1,75}(\.fifo)?$/),
        Attributes: z.record(z.string(), z.string()).optional(),
      }),
      INVALID,
      (input) => {
        queues.create(input.QueueName, input.Attributes);
        return { QueueUrl: urlOf(input.QueueName) };
      },
    ),
    GetQueueUrl: operation(z.object({ QueueName: z.string() }), INVALID, (input) => {
      queues.get(input.QueueName);
      return { QueueUrl: urlOf(input.QueueName) };
    }),
    ListQueues: operation(z.object({ QueueNamePrefix: z.string().default('') }), INVALID, (input) => ({
      QueueUrls: queues
        .names()
        .filter((name) => name.startsWith(input.QueueNamePrefix))
        .map(urlOf),
    })),
    GetQueueAttributes: operation(onQueue, INVALID, (input) => {
      const queue = at(input.QueueUrl);
      const counts = queue.counts();
      return {
        Attributes: {
          ...queues.attributesOf(queue.settings.name),
          QueueArn: queue.settings.arn,
          VisibilityTimeout: String(queue.settings.visibilityTimeoutMs / SECOND),
          ApproximateNumberOfMessages: String(counts.available),
          ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
          ApproximateNumberOfMessagesDelayed: String(counts.delayed),
        },
      };
    }),
    SendMessage: operation(onQueue.extend(zSend.shape), INVALID, (input, caller) =>
      send(at(input.QueueUrl), input, caller),
    ),
    SendMessageBatch: operation(zEntries(zSend), INVALID, (input, caller) => {
      const queue = at(input.QueueUrl);
      return queues.together(() => eachEntry(input.Entries, (entry) => send(queue, entry, caller)));
    }),
    ReceiveMessage: operation(
      onQueue.extend({
        MaxNumberOfMessages: z.int().min(1).max(10).default(1),
        VisibilityTimeout: z.int().min(0).max(43_200).optional(),
        WaitTimeSeconds: z.int().min(0).max(20).optional(),
        AttributeNames: z.array(z.string()).default([]),
        MessageSystemAttributeNames: z.array(z.string()).default([]),
        MessageAttributeNames: z.array(z.string()).default([]),
      }),
      INVALID,
      async (input, caller) => {
        const queue = at(input.QueueUrl);
        const hidden = input.VisibilityTimeout === undefined ? undefined : input.VisibilityTimeout * SECOND;
        const wait =
          input.WaitTimeSeconds === undefined ? queue.settings.receiveWaitMs : input.WaitTimeSeconds * SECOND;
        const wanted = {
          system: [...input.AttributeNames, ...input.MessageSystemAttributeNames],
          custom: input.MessageAttributeNames,
        };
        const take = () => queue.receive(input.MaxNumberOfMessages, hidden);
        const messages = await received(queue, take, wait, clock, caller.signal);
        return messages.length === 0
          ? {}
          : { Messages: messages.map((message) => shown(message, queue.settings.fifo, wanted)) };
      },
    ),
    DeleteMessage: operation(onQueue.extend(zHandle.shape), INVALID, (input) => {
      at(input.QueueUrl).delete(input.ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: operation(zEntries(zHandle), INVALID, (input) => {
      const queue = at(input.QueueUrl);
      return eachEntry(input.Entries, (entry) => {
        queue.delete(entry.ReceiptHandle);
        return {};
      });
    }),
    ChangeMessageVisibility: operation(onQueue.extend(zVisibility.shape), INVALID, (input) => {
      at(input.QueueUrl).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout * SECOND);
      return {};
    }),
    ChangeMessageVisibilityBatch: operation(zEntries(zVisibility), INVALID, (input) => {
      const queue = at(input.QueueUrl);
      return eachEntry(input.Entries, (entry) => {
        queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout * SECOND);
        return {};
      });
    }),
    PurgeQueue: operation(onQueue, INVALID, (input) => {
      at(input.QueueUrl).purge();
      return {};
    }),
    StartMessageMoveTask: operation(
      z.object({ SourceArn: z.string(), DestinationArn: z.string().optional() }),
      INVALID,
      (input) => {
        const source = queues.find(input.SourceArn);
        if (!source) throw noSuchQueue();
        source.redriveTo((message) => {
          const target = queues.find(input.DestinationArn ?? message.sourceArn ?? '');
          if (target) return target;
          throw invalidValue(
            `There is no queue that the message ${message.id} came from: name a DestinationArn.`,
          );
        });
        return { TaskHandle: Buffer.from(input.SourceArn).toString('base64url') };
      },
    ),
  };
};

const eachEntry = <E extends { readonly Id: string }>(entries: readonly E[], run: (entry: E) => object) => {
  const Successful: object[] = [];
  const Failed: object[] = [];
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) };
};

/** Long polling: what there is at once, else what comes until the wait is over or nobody listens any more. */
const received = async (
  queue: Queue,
  take: () => readonly Message[],
  waitMs: number,
  clock: AlarmClock,
  signal: AbortSignal,
): Promise<readonly Message[]> => {
  const first = take();
  if (first.length > 0 || waitMs === 0) return first;
  return new Promise((resolve) => {
    const finish = (messages: readonly Message[]) => {
      forgetChange();
      forgetAlarm();
      signal.removeEventListener('abort', leave);
      resolve(messages);
    };
    const leave = () => finish([]);
    const forgetChange = queue.onChange(() => {
      const messages = take();
      if (messages.length > 0) finish(messages);
    });
    const forgetAlarm = clock.at(clock.now() + waitMs, leave);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
  });
};
