/** Variables as the AWS SDK names them. */
export type AwsEnv = Readonly<Record<string, string | undefined>>;

/** What each SDK client is made from. */
export interface AwsClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/**
 * Region, endpoint and credentials from the standard AWS variables of `env`; what it does not hold comes from
 * the SDK's own chain. An explicit environment rather than the process's lets several functions, each with an
 * identity of its own, run in one process.
 */
export const awsClientConfig = (
  env: AwsEnv,
  service: 'DYNAMODB' | 'SECRETS_MANAGER' | 'SQS',
): AwsClientConfig => {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`];
  const region = env['AWS_REGION'];
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
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
  };
};
