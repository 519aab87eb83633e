import {
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  ResourceNotFoundException,
  type CancellationReason as ShownReason,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { imageOf } from './image.ts';
import type { StoredItem } from './value.ts';

/** One entry of a cancelled transaction's reasons. */
export type CancellationReason =
  | { readonly code: 'None' }
  | { readonly code: 'ConditionalCheckFailed'; readonly old?: StoredItem }
  | { readonly code: 'ValidationError'; readonly message: string };

const CONDITION_FAILED = 'The conditional request failed';

export const conditionFailed = (old: StoredItem | undefined): ConditionalCheckFailedException =>
  new ConditionalCheckFailedException({
    message: CONDITION_FAILED,
    $metadata: {},
    ...(old === undefined ? {} : { Item: imageOf(old) }),
  });

export const cancelled = (reasons: readonly CancellationReason[]): TransactionCanceledException =>
  new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ code }) => code).join(', ')}]`,
    $metadata: {},
    CancellationReasons: reasons.map(reasonShown),
  });

const reasonShown = (reason: CancellationReason): ShownReason => {
  switch (reason.code) {
    case 'None':
      return { Code: reason.code };
    case 'ValidationError':
      return { Code: reason.code, Message: reason.message };
    case 'ConditionalCheckFailed':
      return {
        Code: reason.code,
        Message: CONDITION_FAILED,
        ...(reason.old === undefined ? {} : { Item: imageOf(reason.old) }),
      };
  }
};

export const noSuchTable = (): ResourceNotFoundException =>
  new ResourceNotFoundException({ message: 'Requested resource not found', $metadata: {} });

export const tokenReused = (): IdempotentParameterMismatchException =>
  new IdempotentParameterMismatchException({
    message: 'the ClientRequestToken was used for another transaction within ten minutes',
    $metadata: {},
  });
