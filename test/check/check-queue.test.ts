import { setImmediate } from 'node:timers/promises';
import type { SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { seededIds } from '../../infra/local/local-host.ts';
import type { QueueClient } from '../../shared/aws/queue-client.ts';
import type { CheckMessage } from '../../shared/check/check-message.ts';
import { sqsCheckQueue } from '../../shared/check/sqs/check-queue.ts';
import { memoryQueues } from '../../simulation/aws/queues/memory-queues.ts';
import { SteppedClock } from '../simulation/stepped-clock.ts';

const SLOT = '2026-03-02T12:00:00Z';
const env = {};

const messagesTo = (count: number, slot = SLOT): readonly CheckMessage[] =>
  Array.from({ length: count }, (_, index) => ({ accountId: `u-${index}`, slot }));

/** SQS, and how many messages each call had and how many calls there were at once. */
const world = () => {
  const memory = memoryQueues({ clock: new SteppedClock(Date.parse(SLOT)), chance: seededIds(1, 'queues') });
  const queue = memory.queues.create('checks.fifo', { FifoQueue: 'true' });
  const sqs: QueueClient = memory.client('test');
  const sizes: number[] = [];
  let [running, most] = [0, 0];
  const client: QueueClient = {
    send: async (command) => {
      sizes.push(command.input.Entries?.length ?? 0);
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
      return await sqs.send(command);
    },
  };
  return {
    checks: sqsCheckQueue(env, memory.urlOf('checks.fifo'), client),
    sizes,
    most: () => most,
    waiting: () => queue.counts().available,
  };
};

/** A queue that answers as told. */
const answering = (answer: (call: number) => Partial<SendMessageBatchCommandOutput>) => {
  let calls = 0;
  const client: QueueClient = {
    send: async () => {
      calls += 1;
      return { $metadata: {}, Successful: [], Failed: undefined, ...answer(calls) };
    },
  };
  return sqsCheckQueue(env, 'https://sqs.invalid/checks.fifo', client);
};

describe('the queue of checks', () => {
  it.each([
    [0, []],
    [20, [10, 10]],
    [95, [10, 10, 10, 10, 10, 10, 10, 10, 10, 5]],
  ])('takes the checks of %i accounts, ten in a call', async (count, expected) => {
    const { checks, sizes, waiting } = world();

    const unsent = await checks.send(messagesTo(count));

    expect(unsent).toEqual([]);
    expect(waiting()).toBe(count);
    expect(sizes).toEqual(expected);
  });

  it('is called eight times at once and no more', async () => {
    const { checks, most } = world();

    await checks.send(messagesTo(200));

    expect(most()).toBe(8);
  });

  it('takes the same account and slot once, and the next slot', async () => {
    const { checks, waiting } = world();
    await checks.send(messagesTo(3));

    await checks.send(messagesTo(3));
    const again = waiting();
    await checks.send(messagesTo(3, '2026-03-02T12:15:00Z'));

    expect([again, waiting()]).toEqual([3, 6]);
  });

  it('tells whose check it did not take, and why', async () => {
    const checks = answering((call) =>
      call === 1
        ? {}
        : {
            Failed: [
              { Id: '2', Code: 'InternalError', SenderFault: false },
              { Id: '4', Code: undefined, SenderFault: false },
              { Id: '99', Code: 'Unasked', SenderFault: false },
            ],
          },
    );

    const unsent = await checks.send(messagesTo(20));

    expect(unsent).toEqual([
      { accountId: 'u-12', why: 'InternalError' },
      { accountId: 'u-14', why: 'no code' },
    ]);
  });

  it('is sent all others where one call fails', async () => {
    const checks = answering((call) => {
      if (call === 2) throw new TypeError('socket hang up');
      return {};
    });

    const unsent = await checks.send(messagesTo(25));

    expect(unsent).toEqual(
      messagesTo(20)
        .slice(10)
        .map(({ accountId }) => ({ accountId, why: 'TypeError: socket hang up' })),
    );
  });
});
