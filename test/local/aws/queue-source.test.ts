import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventSource, settleAll } from '../../../infra/local/aws/event-sources/event-source.ts';
import {
  type QueueSourceOptions,
  startQueueSource,
} from '../../../infra/local/aws/event-sources/queue-source.ts';
import type { Queue } from '../../../infra/local/aws/sqs/queue.ts';
import { ensureQueuePair } from '../../../infra/local/aws/sqs/queue-pair.ts';
import { type LocalSqs, startSqs } from '../../../infra/local/aws/sqs.ts';
import { VirtualClock } from '../../../infra/local/clock/virtual-clock.ts';
import { connection } from './connection.ts';

const START = Date.UTC(2026, 0, 1);

describe('a queue source', () => {
  let clock: VirtualClock;
  let sqs: LocalSqs;
  let queue: Queue;
  let deadLetters: Queue;
  let source: EventSource | undefined;
  let problems: string[];
  let events: SQSEvent[];
  beforeEach(async () => {
    clock = new VirtualClock(START);
    sqs = await startSqs({ clock });
    ({ queue, deadLetters } = ensureQueuePair(sqs.queues, {
      name: 'copies',
      visibilityTimeoutMs: 30_000,
      maxReceiveCount: 3,
    }));
    problems = [];
    events = [];
  });
  afterEach(async () => {
    await source?.stop();
    source = undefined;
    await sqs.stop();
  });

  const send = (body: string, group: string) =>
    queue.send({ body, group, deduplicationId: `${group} ${body}`, sender: 'trade-copier' });
  const start = (
    handler: (event: SQSEvent) => unknown,
    options: Partial<QueueSourceOptions> = {},
  ): EventSource => {
    source = startQueueSource({
      queue,
      fn: {
        name: 'copy-worker',
        timeoutMs: 5_000,
        handler: async (event) => {
          events.push(event);
          return handler(event);
        },
      },
      report: ({ message }) => problems.push(message),
      ...options,
    });
    return source;
  };
  const bodies = () => events.map(({ Records }) => Records.map(({ body }) => body));

  it('hands a message over as Lambda shows it, and deletes it after success', async () => {
    const client = new SQSClient(connection(sqs.endpoint, 'trade-copier'));
    const running = start(() => {});
    await client.send(
      new SendMessageCommand({
        QueueUrl: `${sqs.endpoint}/000000000000/copies.fifo`,
        MessageBody: '{"copy":1}',
        MessageGroupId: 'u-ann',
        MessageDeduplicationId: 't-1',
      }),
    );

    await running.settle();

    expect(events).toEqual([
      {
        Records: [
          {
            messageId: expect.any(String),
            receiptHandle: expect.any(String),
            body: '{"copy":1}',
            attributes: {
              ApproximateReceiveCount: '1',
              SentTimestamp: expect.stringMatching(/^\d{13}$/),
              SenderId: 'trade-copier',
              ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
              SequenceNumber: expect.stringMatching(/^\d{20}$/),
              MessageGroupId: 'u-ann',
              MessageDeduplicationId: 't-1',
            },
            messageAttributes: {},
            md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventSource: 'aws:sqs',
            eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:copies.fifo',
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
    expect(queue.counts()).toEqual({ available: 0, inFlight: 0, delayed: 0 });
  });

  it('keeps the order within each group while groups run side by side', async () => {
    const groups = ['u-ann', 'u-bob', 'u-cid', 'u-dan'];
    for (let turn = 1; turn <= 5; turn += 1) for (const group of groups) send(`${turn}`, group);
    let running = 0;
    let most = 0;
    const inFlight = new Map<string, number>();

    const started = start(
      async ({ Records }) => {
        const group = Records[0]?.attributes.MessageGroupId ?? '';
        running += 1;
        most = Math.max(most, running);
        inFlight.set(group, (inFlight.get(group) ?? 0) + 1);
        expect(inFlight.get(group)).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight.set(group, 0);
        running -= 1;
      },
      { maxConcurrency: 3 },
    );
    await started.settle();

    expect(most).toBe(3);
    expect(problems).toEqual([]);
    for (const group of groups) {
      const order = events
        .flatMap(({ Records }) => Records)
        .filter(({ attributes }) => attributes.MessageGroupId === group);
      expect(order.map(({ body }) => body)).toEqual(['1', '2', '3', '4', '5']);
    }
  });

  it('brings a failed message back after the visibility timeout, holding back only its own group', async () => {
    send('a1', 'u-ann');
    send('a2', 'u-ann');
    send('b1', 'u-bob');
    let broken = true;
    const running = start(({ Records }) => {
      if (broken && Records[0]?.body === 'a1') throw new Error('the exchange is away');
    });

    await running.settle();
    const before = bodies();
    broken = false;
    clock.advanceTo(START + 60_000);
    await running.settle();

    expect(before).toEqual([['a1'], ['b1']]);
    expect(bodies().slice(2)).toEqual([['a1'], ['a2']]);
    expect(problems).toHaveLength(1);
  });

  it('deletes of a batch what succeeded and brings back what the function names', async () => {
    for (const group of ['u-ann', 'u-bob', 'u-cid']) send('copy', group);
    let first = true;
    const running = start(
      ({ Records }) => {
        if (!first) return { batchItemFailures: [] };
        first = false;
        return { batchItemFailures: [{ itemIdentifier: Records[1]?.messageId }] };
      },
      { batchSize: 10 },
    );

    await running.settle();
    clock.advanceTo(START + 60_000);
    await running.settle();

    const groups = events.map(({ Records }) => Records.map(({ attributes }) => attributes.MessageGroupId));
    expect(groups).toEqual([['u-ann', 'u-bob', 'u-cid'], ['u-bob']]);
    expect(events[1]?.Records[0]?.attributes.ApproximateReceiveCount).toBe('2');
  });

  it('lets a group go on after its poison message has gone to the dead letters', async () => {
    send('poison', 'u-ann');
    send('fine', 'u-ann');
    const running = start(
      ({ Records }) => {
        if (Records[0]?.body === 'poison') throw new Error('never');
      },
      { retryAfterMs: 0 },
    );

    await running.settle();

    expect(bodies()).toEqual([['poison'], ['poison'], ['poison'], ['fine']]);
    expect(deadLetters.receive(10).map(({ body, group }) => [body, group])).toEqual([['poison', 'u-ann']]);
  });

  it('lets a message come again that was held longer than its visibility timeout, and says so', async () => {
    send('slow', 'u-ann');
    let calls = 0;
    const running = start(() => {
      calls += 1;
      if (calls === 1) clock.advanceTo(START + 60_000);
    });

    await running.settle();

    expect(calls).toBe(2);
    expect(problems).toEqual([expect.stringContaining('held too long')]);
  });

  it('finishes what runs when it stops and takes nothing new', async () => {
    send('a1', 'u-ann');
    send('a2', 'u-ann');
    let finish = () => {};
    const running = start(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );

    const stopped = running.stop();
    finish();
    await stopped;

    expect(bodies()).toEqual([['a1']]);
    expect(queue.counts()).toEqual({ available: 1, inFlight: 0, delayed: 0 });
  });

  it('settles together with others that feed it', async () => {
    const second = ensureQueuePair(sqs.queues, {
      name: 'next',
      visibilityTimeoutMs: 30_000,
      maxReceiveCount: 3,
    });
    const relay = start(({ Records }) => {
      second.queue.send({ body: Records[0]?.body ?? '', group: 'g', deduplicationId: '1', sender: 'relay' });
    });
    const received: string[] = [];
    const last = startQueueSource({
      queue: second.queue,
      fn: {
        name: 'last',
        timeoutMs: 5_000,
        handler: async ({ Records }) => {
          received.push(Records[0]?.body ?? '');
        },
      },
      report: ({ message }) => problems.push(message),
    });
    send('passed on', 'u-ann');

    await settleAll([last, relay]);
    await last.stop();

    expect(received).toEqual(['passed on']);
  });
});
