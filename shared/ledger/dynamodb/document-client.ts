import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AwsEnv, awsClientConfig } from '../../aws/client-config.ts';

/** The one way to reach the table. A write that the SDK repeats is recognised by its token, see table-access. */
export const documentClient = (env: AwsEnv): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(awsClientConfig(env, 'DYNAMODB')));
