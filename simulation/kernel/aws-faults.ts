import {
  DynamoDBServiceException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import type { Call } from './call.ts';
import { type Ending, type Fault, killedAfter, killedBefore, type Profile, slow, writes } from './faults.ts';
import type { Random } from './random.ts';

/**
 * Faults as they are at the surface of an SDK client: the client has tried four times by then. What failed
 * before acting was refused each time; of what had no answer nobody knows whether it was done. `repeated` is
 * what a client hides: the first try was done and its answer lost, the second meets what the first has done.
 */
export interface AwsRates {
  readonly refused: number;
  readonly failedBefore: number;
  readonly lostAnswer: number;
  readonly repeated: number;
  readonly slow: number;
  readonly killed: number;
}

const metadata = (status: number, attempts = 4) => ({
  httpStatusCode: status,
  requestId: 'SIMULATED',
  attempts,
});

/** As the SDK's HTTP handler ends a request that had no answer in its 3 s. */
export const timeoutError = (): Error =>
  Object.assign(new Error('Request timed out after 3000 ms'), {
    name: 'TimeoutError',
    $metadata: { attempts: 4 },
  });

const connectionReset = (): Error =>
  Object.assign(new Error('read ECONNRESET'), {
    code: 'ECONNRESET',
    errno: -104,
    $metadata: { attempts: 4 },
  });

const noAnswer: Ending = (_call, random) => (random.chance(0.5) ? timeoutError() : connectionReset());

/** How long four tries without an answer take, and four that are answered with an error. */
const UNANSWERED_MS = { from: 3_000, to: 13_000 };
const REFUSED_MS = { from: 100, to: 1_500 };
const SLOW_MS = { from: 200, to: 2_500 };
const REPEAT_MS = { from: 50, to: 3_500 };

const throttled = (_call: Call, random: Random): Error => {
  const input = {
    message: 'Throughput exceeds the current capacity of your table',
    $metadata: metadata(400),
  };
  return random.chance(0.5)
    ? new ProvisionedThroughputExceededException(input)
    : new ThrottlingException(input);
};

/** Of a transaction one reason is the conflict, the others are none, as DynamoDB lists them. */
const conflict = (call: Call, random: Random): Error => {
  const [message, $metadata] = ['Transaction is ongoing for the item', metadata(400, 1)];
  if (call.items === undefined) return new TransactionConflictException({ message, $metadata });
  const conflicting = random.whole(0, call.items - 1);
  const reasons = Array.from({ length: call.items }, (_, index) =>
    index === conflicting ? { Code: 'TransactionConflict', Message: message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    $metadata,
    CancellationReasons: reasons,
  });
};

const unansweredFaults = (rates: AwsRates, failedBefore: Ending): readonly Fault[] => [
  {
    name: 'failed before',
    probability: rates.failedBefore,
    acts: 0,
    ends: failedBefore,
    afterMs: REFUSED_MS,
  },
  { name: 'lost request', probability: rates.lostAnswer, acts: 0, ends: noAnswer, afterMs: UNANSWERED_MS },
  { name: 'lost answer', probability: rates.lostAnswer, acts: 1, ends: noAnswer, afterMs: UNANSWERED_MS },
  {
    name: 'repeated',
    probability: rates.repeated,
    applies: writes,
    acts: 2,
    ends: 'answer',
    betweenMs: REPEAT_MS,
  },
  slow(rates.slow, SLOW_MS),
  killedBefore(rates.killed),
  killedAfter(rates.killed),
];

/** DynamoDB: also conflicts of transactions, which the SDK does not retry. */
export const storeProfile = (rates: AwsRates & { readonly conflict: number }): Profile => ({
  latencyMs: { from: 1, to: 6 },
  faults: [
    { name: 'conflict', probability: rates.conflict, applies: writes, acts: 0, ends: conflict },
    { name: 'throttled', probability: rates.refused, acts: 0, ends: throttled, afterMs: REFUSED_MS },
    ...unansweredFaults(
      rates,
      () => new InternalServerError({ message: 'Internal server error', $metadata: metadata(500) }),
    ),
  ],
});

/** SQS and Secrets Manager. */
export const serviceProfile = (rates: AwsRates, latencyMs: Profile['latencyMs']): Profile => ({
  latencyMs,
  faults: [
    {
      name: 'throttled',
      probability: rates.refused,
      acts: 0,
      ends: () => serviceError('ThrottlingException', 'Rate exceeded', 400),
      afterMs: REFUSED_MS,
    },
    ...unansweredFaults(rates, () => serviceError('ServiceUnavailable', 'Service unavailable', 503)),
  ],
});

/** What SDK clients throw for an error answer, in the shape that all services share. */
const serviceError = (name: string, message: string, status: number): Error =>
  new DynamoDBServiceException({
    name,
    message,
    $fault: status >= 500 ? 'server' : 'client',
    $metadata: metadata(status),
    $retryable: { throttling: status < 500 },
  });
