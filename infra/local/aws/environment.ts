/** Where the local endpoints are; streams are served by the database itself. */
export interface LocalEndpoints {
  readonly dynamodb?: string;
  readonly secretsManager?: string;
  readonly sqs?: string;
}

export const LOCAL_REGION = 'us-east-1';
export const LOCAL_AWS_ACCOUNT = '000000000000';

/**
 * What the AWS SDK reads to reach the local endpoints and nothing else.
 *
 * @param caller access key id that the endpoints see: each function has its own, so that access policies
 * can tell them apart
 */
export const localAwsEnv = (
  endpoints: LocalEndpoints,
  caller = 'nija-local',
): Readonly<Record<string, string>> => ({
  AWS_REGION: LOCAL_REGION,
  AWS_ACCESS_KEY_ID: caller,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...(endpoints.dynamodb && {
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
  }),
  ...(endpoints.secretsManager && { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager }),
  ...(endpoints.sqs && { AWS_ENDPOINT_URL_SQS: endpoints.sqs }),
});
