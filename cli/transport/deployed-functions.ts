import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { stageName } from '../../infra/aws/names.ts';
import { FUNCTION_SPECS, type FunctionName } from '../../infra/functions/specs.ts';
import { codeOfAwsError } from './aws-error.ts';
import { type Answer, type Functions, failureOfFunction, notReached } from './functions.ts';

/** Beyond a function's own time. */
const SPARE_MS = 30_000;
/** Lambda turned the call away before it ran, so asking again is safe. */
const THROTTLED_TRIES = 5;
const FIRST_PAUSE_MS = 500;

/**
 * The functions of a deployed stage, by Lambda's Invoke call, with whatever credentials and region the AWS SDK finds;
 * IAM decides what the caller may do. A call is sent once: only one that Lambda itself turned away is sent again.
 */
export const deployedFunctions = (stage: string): Functions & { stop(): void } => {
  const longest = Math.max(...Object.values(FUNCTION_SPECS).map(({ timeoutMs }) => timeoutMs));
  const client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: longest + SPARE_MS,
      throwOnRequestTimeout: true,
    },
  });
  const invoke = async (name: FunctionName, event: object): Promise<Answer> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(client, stage, name, event);
      } catch (error) {
        const code = codeOfAwsError(error);
        if (code === 'TooManyRequestsException' && attempt < THROTTLED_TRIES) {
          await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
          continue;
        }
        return failureOfCall(stage, name, code, await regionOf(client));
      }
    }
  };
  return { target: `stage ${stage}`, invoke, stop: () => client.destroy() };
};

const once = async (
  client: LambdaClient,
  stage: string,
  name: FunctionName,
  event: object,
): Promise<Answer> => {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: stageName(stage, name), Payload: JSON.stringify(event) }),
  );
  const text = Payload === undefined ? '' : Payload.transformToString();
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? 'null' : text);
  } catch {
    return notReached(name, 'UNEXPECTED_ANSWER', `${name} of stage ${stage} answered what is no JSON`);
  }
  return FunctionError === undefined ? { ok: true, value } : failureOfFunction(name, value);
};

const regionOf = async (client: LambdaClient): Promise<string> => {
  try {
    return await client.config.region();
  } catch {
    return 'none';
  }
};

const failureOfCall = (stage: string, name: FunctionName, code: string, region: string): Answer => {
  const resource = stageName(stage, name);
  switch (code) {
    case 'ResourceNotFoundException':
      return notReached(
        name,
        'NOT_DEPLOYED',
        `there is no function ${resource} in this AWS account and region: see that the stage is deployed, and that AWS_PROFILE and AWS_REGION are those of it (given region '${region}')`,
      );
    case 'AccessDeniedException':
    case 'UnrecognizedClientException':
    case 'ExpiredTokenException':
    case 'InvalidSignatureException':
      return notReached(
        name,
        'NOT_ALLOWED',
        `AWS refuses to run ${resource} with these credentials (${code}): sign in anew, or have lambda:InvokeFunction on it granted`,
      );
    case 'CredentialsProviderError':
      return notReached(
        name,
        'NO_CREDENTIALS',
        'no AWS credentials were found: run aws configure or aws sso login, or set AWS_PROFILE',
      );
    case 'TooManyRequestsException':
      return notReached(
        name,
        'THROTTLED',
        `Lambda has no execution free for ${resource} (given ${THROTTLED_TRIES} tries); it did not run. Ask again, and raise the account's limit of concurrent executions`,
      );
    case 'ENOTFOUND':
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return notReached(
        name,
        'UNREACHABLE',
        `AWS Lambda cannot be reached (${code}): see the connection and the region (given region '${region}')`,
      );
    default:
      return region === 'none'
        ? notReached(name, 'UNREACHABLE', 'no AWS region is set: set AWS_REGION, or run aws configure')
        : notReached(
            name,
            'NO_ANSWER',
            `${resource} gave no answer (${code}), so it is not known what was done: look, then ask again`,
          );
  }
};
