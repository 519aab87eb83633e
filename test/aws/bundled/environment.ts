import * as z from 'zod';
import { FUNCTION_SPECS, type FunctionName } from '../../../infra/functions/specs.ts';
import { LOCAL_AWS_ACCOUNT } from '../../../infra/local/aws/environment.ts';
import type { SynthesisedStage } from '../stacks/synthesised.ts';

type Variables = Readonly<Record<string, string>>;

const zEnvironment = z.object({ Variables: z.record(z.string(), z.string()) });
const QUEUE_URL = /^https:\/\/sqs\.[^/]+\/\d{12}\/(.+)$/;

/** What the template gives the function; a queue's URL is that of the queue of this name at the local endpoint. */
export const templateVariables = (
  stage: SynthesisedStage,
  name: FunctionName,
  endpoints: Variables,
): Variables => {
  const { Variables: given } = zEnvironment.parse(stage.functionNamed(name)['Environment']);
  return Object.fromEntries(
    Object.entries(given).map(([variable, value]) => [
      variable,
      value.replace(QUEUE_URL, `${endpoints['AWS_ENDPOINT_URL_SQS']}/${LOCAL_AWS_ACCOUNT}/$1`),
    ]),
  );
};

/** What Lambda itself sets for every function, whatever its stack says. */
export const lambdaVariables = (
  stage: SynthesisedStage,
  name: FunctionName,
  credentials: Variables,
): Variables => {
  const functionName = `nija-${stage.configuration.stage}-${name}`;
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = credentials;
  return {
    AWS_REGION,
    AWS_DEFAULT_REGION: AWS_REGION,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(FUNCTION_SPECS[name].memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/21/[$LATEST]0',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: '/var/task',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
};

const OVERRIDES = [
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_ENDPOINT_URL_SQS',
  'NIJA_EXCHANGE_URL_KRAKEN',
] as const;

/** Where AWS and the exchange are, instead of in the world. */
export const endpointOverrides = (local: Variables): Variables =>
  Object.fromEntries(OVERRIDES.map((variable) => [variable, local[variable] ?? '']));
