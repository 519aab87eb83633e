import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { LOCAL_AWS_ACCOUNT, LOCAL_REGION } from './environment.ts';

/** A function as Lambda would run it: the handler cannot tell the difference. */
export interface LocalFunction<Event = unknown> {
  readonly name: string;
  readonly handler: (event: Event, context: Context) => Promise<unknown>;
  /** Real milliseconds, whatever the clock of the domain does. */
  readonly timeoutMs: number;
}

/** What Lambda reports of a function that did not answer in time. */
export class TaskTimedOut extends Error {
  override readonly name = 'TaskTimedOut';
}

export const functionArn = (name: string): string =>
  `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_AWS_ACCOUNT}:function:${name}`;

/**
 * Runs the function once. Where Lambda would kill it, it is left to itself, and counted as failed.
 *
 * @throws what the handler throws; TaskTimedOut
 */
export const invoke = async <Event>(
  fn: LocalFunction<Event>,
  event: Event,
  requestId: string = randomUUID(),
): Promise<unknown> => {
  const deadline = performance.now() + fn.timeoutMs;
  const remainingMs = () => Math.max(0, Math.round(deadline - performance.now()));
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seconds = (fn.timeoutMs / 1000).toFixed(2);
      reject(new TaskTimedOut(`${requestId} ${fn.name}: Task timed out after ${seconds} seconds`));
    }, fn.timeoutMs);
  });
  try {
    return await Promise.race([answer(fn, event, contextOf(fn.name, requestId, remainingMs)), timeout]);
  } finally {
    clearTimeout(timer);
  }
};

const answer = async <Event>(fn: LocalFunction<Event>, event: Event, context: Context): Promise<unknown> =>
  fn.handler(event, context);

/** What a function is told of an invocation. */
export const contextOf = (name: string, requestId: string, remainingMs: () => number): Context => ({
  awsRequestId: requestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: name,
  functionVersion: '$LATEST',
  getRemainingTimeInMillis: remainingMs,
  invokedFunctionArn: functionArn(name),
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: `local/[$LATEST]${requestId}`,
  memoryLimitInMB: '512',
  done: refuseCallback,
  fail: refuseCallback,
  succeed: refuseCallback,
});

const refuseCallback = (): never => {
  throw new Error('the Node 24 runtime has no callbacks: return a promise from the handler');
};
