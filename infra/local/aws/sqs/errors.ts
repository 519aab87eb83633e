import { AwsError } from '../json-service.ts';

const queryError = (code: string, queryCode: string, message: string): AwsError =>
  new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${queryCode}` });

export const noSuchQueue = (): AwsError =>
  queryError('QueueDoesNotExist', 'NonExistentQueue', 'The specified queue does not exist.');

export const queueExists = (name: string): AwsError =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attributes (given '${name}')`,
    { queryCode: 'QueueAlreadyExists' },
  );

export const notInFlight = (): AwsError =>
  queryError('MessageNotInflight', 'MessageNotInflight', 'The specified message is not in flight.');

export const invalidHandle = (handle: string): AwsError =>
  new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    { queryCode: 'ReceiptHandleIsInvalid' },
  );

export const expiredHandle = (handle: string): AwsError =>
  invalidValue(
    `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
  );

export const invalidValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValue', message, { queryCode: 'InvalidParameterValue' });

export const missing = (parameter: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`, {
    queryCode: 'MissingParameter',
  });
