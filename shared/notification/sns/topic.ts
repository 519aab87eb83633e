import { PublishCommand, type PublishCommandOutput, SNSClient } from '@aws-sdk/client-sns';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';
import type { Delivery } from '../courier.ts';
import type { PlainMessage } from '../format/plain.ts';

/** What e-mail needs of an SNSClient. */
export interface TopicClient {
  send(command: PublishCommand): Promise<PublishCommandOutput>;
}

/** Hands a message to all who have subscribed to a topic. Never throws. */
export type Topic = (topicArn: string, message: PlainMessage) => Promise<Delivery>;

export const snsTopic =
  (env: AwsEnv, client: TopicClient = new SNSClient(awsClientConfig(env, 'SNS'))): Topic =>
  async (topicArn, { subject, text }) => {
    try {
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: text }));
      return { state: 'DELIVERED' };
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown error';
      return { state: 'FAILED', why: `SNS did not take it (${name})` };
    }
  };
