import {
  GetQueueAttributesCommand,
  type GetQueueAttributesCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';

/** What counting needs of an SQSClient. */
export interface DepthClient {
  send(command: GetQueueAttributesCommand): Promise<GetQueueAttributesCommandOutput>;
}

/** A queue did not say how many messages it holds. */
export class QueueUnanswered extends Error {
  override readonly name = 'QueueUnanswered';
}

const DEPTH = 'ApproximateNumberOfMessages';

/** About how many messages lie in the queue of this URL. @throws QueueUnanswered */
export const queueDepth = (
  env: AwsEnv,
  client: DepthClient = new SQSClient(awsClientConfig(env, 'SQS')),
): ((queueUrl: string) => Promise<number>) => {
  const attributesOf = async (QueueUrl: string) => {
    try {
      return await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [DEPTH] }));
    } catch (error) {
      const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new QueueUnanswered(`the queue ${QueueUrl} does not say how much it holds: ${said}`, {
        cause: error,
      });
    }
  };
  return async (queueUrl) => {
    const { Attributes } = await attributesOf(queueUrl);
    const depth = Number(Attributes?.[DEPTH]);
    if (!Number.isInteger(depth))
      throw new QueueUnanswered(
        `the queue ${queueUrl} answers no number of messages (given '${String(Attributes?.[DEPTH])}')`,
      );
    return depth;
  };
};
