import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';
import type { QueueClient } from '../../aws/queue-client.ts';
import type { CheckMessage, CheckQueue, Unsent } from '../check-message.ts';

/** SQS takes ten messages at once. */
const BATCH = 10;
const BATCHES_AT_ONCE = 8;

/** FIFO queue, group = account; account and slot tell SQS which message is the same again. */
export const sqsCheckQueue = (
  env: AwsEnv,
  queueUrl: string,
  client: QueueClient = new SQSClient(awsClientConfig(env, 'SQS')),
): CheckQueue => {
  const sendBatch = async (messages: readonly CheckMessage[]): Promise<readonly Unsent[]> => {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map((message, index) => ({
        Id: String(index),
        MessageGroupId: message.accountId,
        MessageDeduplicationId: `${message.accountId}.${message.slot}`,
        MessageBody: JSON.stringify(message),
      })),
    });
    try {
      const { Failed = [] } = await client.send(command);
      return Failed.flatMap(({ Id, Code }) => {
        const accountId = messages[Number(Id)]?.accountId;
        return accountId === undefined ? [] : [{ accountId, why: Code ?? 'no code' }];
      });
    } catch (error) {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return messages.map(({ accountId }) => ({ accountId, why }));
    }
  };
  return {
    send: async (messages) => {
      const batches: CheckMessage[][] = [];
      for (let from = 0; from < messages.length; from += BATCH)
        batches.push(messages.slice(from, from + BATCH));
      const unsent: Unsent[] = [];
      for (let from = 0; from < batches.length; from += BATCHES_AT_ONCE) {
        const answers = await Promise.all(batches.slice(from, from + BATCHES_AT_ONCE).map(sendBatch));
        unsent.push(...answers.flat());
      }
      return unsent;
    },
  };
};
