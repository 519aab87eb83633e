import { SECOND } from '../../../../shared/time/clock.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

/**
 * Creates a high-throughput FIFO queue and the queue of its dead letters, if they are not there.
 *
 * @param options.name without `.fifo`; the dead letters' has `-dead-letters` added
 */
export const ensureQueuePair = (
  queues: Queues,
  options: {
    readonly name: string;
    /** Whole seconds. */
    readonly visibilityTimeoutMs: number;
    readonly maxReceiveCount: number;
  },
): { readonly queue: Queue; readonly deadLetters: Queue } => {
  const deadLetters = queues.create(`${options.name}-dead-letters.fifo`, { FifoQueue: 'true' });
  const queue = queues.create(`${options.name}.fifo`, {
    FifoQueue: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
    VisibilityTimeout: String(Math.round(options.visibilityTimeoutMs / SECOND)),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: deadLetters.settings.arn,
      maxReceiveCount: options.maxReceiveCount,
    }),
  });
  return { queue, deadLetters };
};
