import type { SQSEvent } from 'aws-lambda';
import type { EventSource } from '../../../infra/local/aws/event-sources/event-source.ts';
import { feedFromQueue, type SourceQueue } from '../../../infra/local/aws/event-sources/queue-source.ts';
import type { Range } from '../faults.ts';
import type { Lambda } from '../lambda.ts';
import type { Sim } from '../sim.ts';
import { InvocationFailed, resultOf } from './invocation-failed.ts';

export interface SimQueueOptions {
  readonly sim: Sim;
  readonly lambda: Lambda;
  readonly functionName: string;
  readonly queue: SourceQueue;
  readonly batchSize?: number;
  readonly maxConcurrency?: number;
  /** From receiving to invoking. */
  readonly lagMs?: Range;
  readonly rates?: QueueRates;
}

/** How often what befalls messages. */
export interface QueueRates {
  /** Received and not delivered: they come again when they are visible again. */
  readonly undelivered: number;
  /** Done, and their deletion is lost: they come again as well. */
  readonly undeleted: number;
  /** Delivered long after they were received. */
  readonly late: number;
}

export const USUAL_QUEUE_RATES: QueueRates = { undelivered: 0.005, undeleted: 0.01, late: 0.01 };

const LAG_MS: Range = { from: 5, to: 120 };
const LATE_MS: Range = { from: 2_000, to: 150_000 };

/** Feeds a function from a queue as Lambda does, with the code of the local runtime, and with faults. */
export const startSimQueue = (options: SimQueueOptions): EventSource => {
  const { sim, lambda, functionName, queue, rates = USUAL_QUEUE_RATES, lagMs = LAG_MS } = options;
  const place = `queue of ${functionName}`;
  const faulty: SourceQueue = {
    settings: queue.settings,
    hasAvailable: () => queue.hasAvailable(),
    receive: (max, visibilityMs) => queue.receive(max, visibilityMs),
    changeVisibility: (handle, ms) => queue.changeVisibility(handle, ms),
    onChange: (listener) => queue.onChange(listener),
    delete: (handle) => {
      if (!sim.deviates(place, 'deletion lost', rates.undeleted)) queue.delete(handle);
    },
  };
  const invoke = async (event: SQSEvent): Promise<unknown> => {
    if (sim.deviates(place, 'undelivered', rates.undelivered))
      throw new InvocationFailed('the messages were received and not delivered');
    const late = sim.deviates(place, 'late', rates.late) ? sim.between(`${place} late`, LATE_MS) : 0;
    await sim.clock.sleep(late + sim.between(`${place} lag`, lagMs));
    return resultOf(await lambda.invoke(functionName, event));
  };
  return feedFromQueue({
    ...options,
    queue: faulty,
    invoke,
    report: ({ message, error }) =>
      sim.note(place, message, error instanceof Error ? `${error.name}: ${error.message}` : ''),
  });
};
