import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export type AwsEnv = Readonly<Record<string, string | undefined>>;

/**
 * The one way to reach the table. Region, endpoint and credentials come from the standard AWS variables of
 * `env`; credentials that it does not hold come from the SDK's own chain.
 *
 * A call has 3 s and three more tries: a write repeated by the SDK is recognised by its token, see table-access.
 */
export const documentClient = (env: AwsEnv): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(env)));

const clientConfig = (env: AwsEnv): DynamoDBClientConfig => {
  const endpoint = env['AWS_ENDPOINT_URL_DYNAMODB'];
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  const region = env['AWS_REGION'];
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
        }),
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  };
};
