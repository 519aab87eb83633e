export type AwsEnv = Readonly<Record<string, string | undefined>>;

/**
 * What every AWS client is made with. Region, endpoint and credentials come from the standard AWS variables
 * of `env`; credentials that it does not hold come from the SDK's own chain. A call has 3 s and three more
 * tries, over connections that stay open.
 */
export const awsClientConfig = (env: AwsEnv, service: 'DYNAMODB' | 'SECRETS_MANAGER' | 'SQS' | 'SNS') => {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`];
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  const region = env['AWS_REGION'];
  const agent = { keepAlive: true, maxSockets: 64 };
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
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
};
