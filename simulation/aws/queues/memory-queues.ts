import {
  type $Command,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  type SQSClientResolvedConfig,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { LOCAL_AWS_ACCOUNT } from '../../../infra/local/aws/environment.ts';
import { sqsOperations } from '../../../infra/local/aws/sqs/operations.ts';
import { Queues } from '../../../infra/local/aws/sqs/queues.ts';
import type { AlarmClock } from '../../../infra/local/clock/virtual-clock.ts';
import type { Ids } from '../../../shared/time/jitter.ts';
import { inProcessService, serviceError } from '../in-process-service.ts';
import { noRows } from './no-rows.ts';
import { fromWire, toWire } from './wire.ts';

/** What an SQSClient can do here. */
export interface MemorySqsClient {
  /** @throws SQSServiceException as SQS does */
  send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: $Command<Input, Output, SQSClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
  ): Promise<Output>;
}

export interface MemoryQueues {
  /** For event sources and for who looks on: they share the process. */
  readonly queues: Queues;
  /** What a function is given as the queue's address. */
  urlOf(queueName: string): string;
  /** @param caller shown as the sender of messages */
  client(caller: string): MemorySqsClient;
}

const ENDPOINT = 'https://sqs.in-process.invalid';

/**
 * SQS in memory: FIFO, deduplication, visibility and dead letters by the code of the local endpoint, in the
 * time of `clock`, with ids from `chance`.
 */
export const memoryQueues = ({
  clock,
  chance,
}: {
  readonly clock: AlarmClock;
  readonly chance: Ids;
}): MemoryQueues => {
  const soon = (run: () => void): void => void clock.at(clock.now(), run);
  const queues = new Queues(clock, noRows, { chance, soon });
  const operations = sqsOperations(queues, clock, () => ENDPOINT);
  return {
    queues,
    urlOf: (queueName) => `${ENDPOINT}/${LOCAL_AWS_ACCOUNT}/${queueName}`,
    client: (caller) => {
      const run = inProcessService({
        service: 'SQS',
        operations,
        caller,
        refusal: (error) => new SQSServiceException(serviceError(error)),
      });
      return {
        // Which output belongs to which input, only the SDK's types know.
        send: async <Output extends ServiceOutputTypes>(command: object & { readonly input: object }) =>
          fromWire(await run(command, toWire(command.input))) as Output,
      };
    },
  };
};
