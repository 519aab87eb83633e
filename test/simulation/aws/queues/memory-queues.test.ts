import { ReceiveMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { ensureQueuePair } from '../../../../infra/local/aws/sqs/queue-pair.ts';
import { seededIds } from '../../../../infra/local/local-host.ts';
import { memoryQueues } from '../../../../simulation/aws/queues/memory-queues.ts';
import { forbidTimersAndSockets } from '../../forbidden-time.ts';
import { SteppedClock } from '../../stepped-clock.ts';

const opened = () => {
  const clock = new SteppedClock(1_000_000);
  const sqs = memoryQueues({ clock, chance: seededIds(1, 'queues') });
  const { queue } = ensureQueuePair(sqs.queues, {
    name: 'copies',
    visibilityTimeoutMs: 60_000,
    maxReceiveCount: 3,
  });
  const url = sqs.urlOf('copies.fifo');
  const client = sqs.client('trade-copier');
  const send = (body: string) =>
    client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [{ Id: '0', MessageBody: body, MessageGroupId: 'u-ann', MessageDeduplicationId: body }],
      }),
    );
  const receive = () =>
    client.send(new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ['All'] }));
  return { clock, queue, send, receive };
};

test('the same calls give the same ids, receipts and times again', async () => {
  const history = async () => {
    const { send, receive, clock } = opened();
    const sent = await send('one');
    clock.advance(5);
    return [sent, await receive()];
  };

  const [first, second] = [await history(), await history()];

  expect(second).toEqual(first);
});

test('a message is in the queue when send returns, before anybody waits for the answer', async () => {
  const { send, queue } = opened();

  const sending = send('one');
  const available = queue.counts().available;

  expect(available).toBe(1);
  await sending;
});

test('who listens is told in virtual time, once of many changes, and again when a message shows again', async () => {
  forbidTimersAndSockets();
  const { clock, queue, send, receive } = opened();
  let told = 0;
  queue.onChange(() => {
    told += 1;
  });

  await send('one');
  await send('two');
  const atOnce = told;
  clock.advance(0);
  const afterwards = told;
  await receive();
  clock.advance(60_000);

  expect([atOnce, afterwards, told]).toEqual([0, 1, 2]);
  expect(queue.hasAvailable()).toBe(true);
});
