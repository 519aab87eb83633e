import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSqs } from '../../../../infra/local/aws/sqs.ts';
import { VirtualClock } from '../../../../infra/local/clock/virtual-clock.ts';
import { seededIds } from '../../../../infra/local/local-host.ts';
import { type MemorySqsClient, memoryQueues } from '../../../../simulation/aws/queues/memory-queues.ts';
import { connection } from '../../../local/aws/connection.ts';
import { SteppedClock } from '../../stepped-clock.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

/** SQS as a client sees it, whatever stands behind it. */
interface World {
  readonly client: MemorySqsClient;
  /** To a moment of the queues' clock. */
  advanceTo(moment: number): void;
  now(): number;
  stop(): Promise<void>;
}

const worlds: readonly (readonly [string, () => Promise<World>])[] = [
  [
    'the local SQS over HTTP',
    async () => {
      const clock = new VirtualClock(START);
      const sqs = await startSqs({ clock });
      const client = new SQSClient(connection(sqs.endpoint));
      return {
        client,
        advanceTo: (moment) => clock.advanceTo(moment),
        now: () => clock.now(),
        stop: async () => {
          client.destroy();
          await sqs.stop();
        },
      };
    },
  ],
  [
    'the queues in this process',
    async () => {
      const clock = new SteppedClock(START);
      return {
        client: memoryQueues({ clock, chance: seededIds(1, 'queues') }).client('test'),
        advanceTo: (moment) => clock.advance(moment - clock.now()),
        now: () => clock.now(),
        stop: async () => {},
      };
    },
  ],
];

describe.each(worlds)('%s', (_name, open) => {
  let world: World;
  let client: MemorySqsClient;
  let url: string;
  beforeEach(async () => {
    world = await open();
    client = world.client;
    url = await createQueue('copies.fifo', { FifoQueue: 'true', VisibilityTimeout: '60' });
  });
  afterEach(() => world.stop());

  const createQueue = async (name: string, attributes: Record<string, string>): Promise<string> => {
    const made = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    return made.QueueUrl ?? '';
  };
  const send = (body: string, group: string, to = url, deduplicationId = `${group} ${body}`) =>
    client.send(
      new SendMessageCommand({
        QueueUrl: to,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: deduplicationId,
      }),
    );
  const receive = async (max = 10, from = url, waitSeconds = 0): Promise<readonly Message[]> => {
    const answer = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: from,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return answer.Messages ?? [];
  };
  const remove = (message: Message | undefined, from = url) =>
    client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message?.ReceiptHandle }));
  const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

  it('gives out the messages of a group in the order they were sent, with what SQS says of each', async () => {
    await send('first', 'u-ann');
    await send('second', 'u-ann');

    const [first, second] = await receive();

    expect(bodies([first ?? {}, second ?? {}])).toEqual(['first', 'second']);
    expect(first?.Attributes).toMatchObject({
      MessageGroupId: 'u-ann',
      MessageDeduplicationId: 'u-ann first',
      ApproximateReceiveCount: '1',
      SenderId: 'test',
    });
    expect(Number(first?.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(START);
    expect(first?.Attributes?.SequenceNumber?.localeCompare(second?.Attributes?.SequenceNumber ?? '')).toBe(
      -1,
    );
  });

  it('holds a group back while it has a message in flight, and no other group', async () => {
    await send('a1', 'u-ann');
    await send('a2', 'u-ann');
    await send('b1', 'u-bob');

    const first = await receive(1);
    const others = await receive(10);
    const none = await receive(10);
    await remove(first[0]);
    const next = await receive(10);

    expect([bodies(first), bodies(others), bodies(none), bodies(next)]).toEqual([['a1'], ['b1'], [], ['a2']]);
  });

  it('lets groups take turns', async () => {
    for (const group of ['u-ann', 'u-bob', 'u-cid']) {
      await send(`${group} 1`, group);
      await send(`${group} 2`, group);
    }

    const order: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const [message] = await receive(1);
      await remove(message);
      order.push(message?.Body);
    }

    expect(order).toEqual(['u-ann 1', 'u-bob 1', 'u-cid 1', 'u-ann 2', 'u-bob 2', 'u-cid 2']);
  });

  it('shows a message again, first in its group, when its visibility timeout has passed', async () => {
    await send('one', 'u-ann');
    await send('two', 'u-ann');
    const [taken] = await receive(1);

    const hidden = await receive();
    world.advanceTo(START + 2 * MINUTE);
    const again = await receive();
    const late = remove(taken);

    expect(hidden).toEqual([]);
    expect(bodies(again)).toEqual(['one', 'two']);
    expect(again[0]?.Attributes?.ApproximateReceiveCount).toBe('2');
    await expect(late).rejects.toMatchObject({
      message: expect.stringContaining('receipt handle has expired'),
    });
  });

  it('shows a message at once when its visibility timeout is set to 0', async () => {
    await send('one', 'u-ann');
    const [taken] = await receive();

    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: taken?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );

    expect(bodies(await receive())).toEqual(['one']);
  });

  it('takes a repeated deduplication id for the same message for five minutes, even after its deletion', async () => {
    const first = await send('one', 'u-ann', url, 'same');
    await remove((await receive())[0]);

    const second = await send('one', 'u-ann', url, 'same');
    const within = await receive();
    world.advanceTo(START + 6 * MINUTE);
    await send('one', 'u-ann', url, 'same');
    const after = await receive();

    expect(second.MessageId).toBe(first.MessageId);
    expect([bodies(within), bodies(after)]).toEqual([[], ['one']]);
  });

  it('tells equal deduplication ids of two groups apart where the queue is set so', async () => {
    const perGroup = await createQueue('wide.fifo', {
      FifoQueue: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });

    await send('to ann', 'u-ann', perGroup, 'trade-1');
    await send('to bob', 'u-bob', perGroup, 'trade-1');

    expect(bodies(await receive(10, perGroup))).toEqual(['to ann', 'to bob']);
  });

  it('answers a long poll as soon as a message comes', async () => {
    const waiting = receive(1, url, 20);

    await send('late', 'u-ann');
    world.advanceTo(world.now());

    expect(bodies(await waiting)).toEqual(['late']);
  });

  it('ends a long poll by its own clock', async () => {
    const waiting = receive(1, url, 20);
    await send('elsewhere', 'u-ann', await createQueue('other.fifo', { FifoQueue: 'true' }));

    world.advanceTo(START + MINUTE);

    expect(await waiting).toEqual([]);
  });

  it('moves a message that was received too often to the dead letters, in order, and back when asked to', async () => {
    const deadUrl = await createQueue('dead.fifo', { FifoQueue: 'true' });
    const source = await createQueue('fragile.fifo', {
      FifoQueue: 'true',
      VisibilityTimeout: '10',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead.fifo',
        maxReceiveCount: 2,
      }),
    });
    await send('bad 1', 'u-ann', source);
    await send('bad 2', 'u-ann', source);
    await send('good', 'u-bob', source);

    const seen: (readonly (string | undefined)[])[] = [];
    for (let round = 0; round < 3; round += 1) {
      const messages = await receive(10, source);
      seen.push(bodies(messages));
      for (const message of messages) if (message.Body === 'good') await remove(message, source);
      world.advanceTo(world.now() + MINUTE);
    }
    const dead = await receive(10, deadUrl);
    world.advanceTo(world.now() + MINUTE);
    await client.send(
      new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:dead.fifo' }),
    );

    expect(seen).toEqual([['bad 1', 'bad 2', 'good'], ['bad 1', 'bad 2'], []]);
    expect(bodies(dead)).toEqual(['bad 1', 'bad 2']);
    expect(dead[0]?.Attributes?.DeadLetterQueueSourceArn).toBe(
      'arn:aws:sqs:us-east-1:000000000000:fragile.fifo',
    );
    expect(bodies(await receive(10, source))).toEqual(['bad 1', 'bad 2']);
  });

  it('answers batches entry by entry', async () => {
    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', MessageBody: 'one', MessageGroupId: 'u-ann', MessageDeduplicationId: '1' },
          { Id: 'b', MessageBody: 'two', MessageDeduplicationId: '2' },
        ],
      }),
    );
    const messages = await receive();
    const removed = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'a', ReceiptHandle: messages[0]?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );

    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(sent.Failed).toEqual([
      expect.objectContaining({ Id: 'b', Code: 'MissingParameter', SenderFault: true }),
    ]);
    expect(removed.Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(removed.Failed).toEqual([expect.objectContaining({ Id: 'b', Code: 'ReceiptHandleIsInvalid' })]);
  });

  it('carries message attributes with a digest that the SDK accepts', async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'with attributes',
        MessageGroupId: 'u-ann',
        MessageDeduplicationId: '1',
        MessageAttributes: {
          trade: { DataType: 'String', StringValue: 't-1' },
          raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
        },
      }),
    );

    const [message] = await receive();

    expect(message?.MessageAttributes?.['trade']?.StringValue).toBe('t-1');
    expect([...(message?.MessageAttributes?.['raw']?.BinaryValue ?? [])]).toEqual([1, 2, 3]);
  });

  it('counts what is available and what is in flight, and forgets all of it when purged', async () => {
    const counts = async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
      );
      return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
    };
    await send('one', 'u-ann');
    await send('two', 'u-bob');
    await receive(1);

    const before = await counts();
    await client.send(new PurgeQueueCommand({ QueueUrl: url }));

    expect(before).toEqual(['1', '1']);
    expect(await counts()).toEqual(['0', '0']);
  });

  it("names what is wrong with AWS's own errors", async () => {
    const unknown = client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }));
    const badName = createQueue('plain', { FifoQueue: 'true' });
    const different = createQueue('copies.fifo', { FifoQueue: 'true', VisibilityTimeout: '90' });

    await expect(unknown).rejects.toBeInstanceOf(SQSServiceException);
    await expect(unknown).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(badName).rejects.toThrow("ends in .fifo (given 'plain')");
    await expect(different).rejects.toMatchObject({ name: 'QueueNameExists' });
  });
});
