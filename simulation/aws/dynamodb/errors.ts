import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';

/** Something was asked that DynamoDB may do and this stand-in does not: never of the product's doing at run time. */
export class NotSimulated extends Error {
  override readonly name = 'NotSimulated';
}

/** What DynamoDB says of a request that is wrong in itself. */
export const invalid = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata: {}, message });

/** A write that is wrong for what the table holds: a ValidationException, or the reason of a cancellation. */
export class WrongForItem extends Error {
  override readonly name = 'WrongForItem';
}
