import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';
import type { QueueClient } from '../../aws/queue-client.ts';
import { type CopyMessage, type CopyMessageQueue, QueueError } from '../copy-message.ts';

/** SQS takes ten messages at once. */
const BATCH = 10;
const BATCHES_AT_ONCE = 4;

/** FIFO queue, group = account; a second send within five minutes is dropped by SQS. */
export const sqsCopyQueue = (
  env: AwsEnv,
  queueUrl: string,
  client: QueueClient = new SQSClient(awsClientConfig(env, 'SQS')),
): CopyMessageQueue => {
  const sendBatch = async (messages: readonly CopyMessage[]): Promise<void> => {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map((message, index) => ({
        Id: String(index),
        MessageGroupId: message.accountId,
        MessageDeduplicationId: `${message.tradeId}.${message.accountId}`,
        MessageBody: JSON.stringify(message),
      })),
    });
    const answer = await client.send(command).catch((error: unknown) => {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new QueueError(
        `the copy queue took none of ${messages.length} messages (${why}); they are sent again with the trade`,
      );
    });
    const failed = answer.Failed ?? [];
    if (failed.length > 0) {
      const accounts = failed.map(({ Id }) => messages[Number(Id)]?.accountId).join(', ');
      throw new QueueError(
        `the copy queue refused ${failed.length} messages (${accounts}): ${failed[0]?.Code ?? 'no code'}; they are sent again with the trade`,
      );
    }
  };
  return {
    send: async (messages) => {
      const batches: CopyMessage[][] = [];
      for (let from = 0; from < messages.length; from += BATCH)
        batches.push(messages.slice(from, from + BATCH));
      for (let from = 0; from < batches.length; from += BATCHES_AT_ONCE) {
        await Promise.all(batches.slice(from, from + BATCHES_AT_ONCE).map(sendBatch));
      }
    },
  };
};
