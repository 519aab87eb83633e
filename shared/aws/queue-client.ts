import type { SendMessageBatchCommand, SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs';

/** What queues of messages need of an SQSClient. */
export interface QueueClient {
  send(command: SendMessageBatchCommand): Promise<SendMessageBatchCommandOutput>;
}
