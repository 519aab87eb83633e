import { type Instant, iso } from '../../../../shared/time/clock.ts';
import { functionArn } from '../lambda.ts';

export type GivenUp = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** What Lambda sends to the on-failure destination of a stream: where the records are, not the records. */
export const streamFailure = (input: {
  readonly functionName: string;
  readonly requestId: string;
  readonly condition: GivenUp;
  readonly invocations: number;
  readonly shardId: string;
  readonly streamArn: string;
  readonly sequenceNumbers: { readonly first: string; readonly last: string };
  readonly arrived: { readonly first: Instant; readonly last: Instant };
  readonly batchSize: number;
  readonly at: Instant;
}): object => ({
  requestContext: {
    requestId: input.requestId,
    functionArn: functionArn(input.functionName),
    condition: input.condition,
    approximateInvokeCount: input.invocations,
  },
  ...(input.invocations > 0 && {
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  }),
  version: '1.0',
  timestamp: iso(input.at),
  DDBStreamBatchInfo: {
    shardId: input.shardId,
    startSequenceNumber: input.sequenceNumbers.first,
    endSequenceNumber: input.sequenceNumbers.last,
    approximateArrivalOfFirstRecord: iso(input.arrived.first),
    approximateArrivalOfLastRecord: iso(input.arrived.last),
    batchSize: input.batchSize,
    streamArn: input.streamArn,
  },
});
