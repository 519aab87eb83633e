import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { InvalidInput } from '../shared/account/errors.ts';
import type { Log } from '../shared/telemetry/telemetry.ts';

/** What Lambda calls, and the local runtime too. */
export type FunctionHandler<Result> = (event: unknown, context: Context) => Promise<Result>;

/**
 * A function that somebody calls and that answers: the event is validated first, and a failure leaves a line
 * with the request id before it goes to the caller as it is.
 *
 * @throws InvalidInput naming each field; what `run` throws
 */
export const callable = <Schema extends z.ZodType, Result>(
  schema: Schema,
  log: Log,
  run: (input: z.output<Schema>) => Promise<Result>,
): FunctionHandler<Result> => withLoggedFailure(log, async (event) => await run(validInput(schema, event)));

/** The same for what events come to in batches: `run` judges them one by one. */
export const withLoggedFailure = <Result>(
  log: Log,
  run: (event: unknown, context: Context) => Promise<Result>,
): FunctionHandler<Result> =>
  middy<unknown, Result>({ timeoutEarlyInMillis: 0 })
    .use({
      onError: ({ error, context }) => {
        log.error('the call failed', error, { request: context.awsRequestId });
      },
    })
    .handler(async (event, context) => await run(event, context));

/** @throws InvalidInput naming each field */
export const validInput = <Schema extends z.ZodType>(schema: Schema, event: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`the event is not valid: ${problemsOf(parsed.error.issues)}`);
};

/** An event may be megabytes long; what is said of it goes to a log and to whoever called. */
const MOST_PROBLEMS = 8;
const LONGEST_PROBLEM = 300;

/** Of a union the reasons of each of its shapes: which of them was meant, only the caller knows. */
const problemsOf = (issues: readonly z.core.$ZodIssue[]): string => {
  const told = issues
    .slice(0, MOST_PROBLEMS)
    .map((issue) =>
      issue.code === 'invalid_union' && issue.errors.length > 0
        ? issue.errors.map((shape) => `(${problemsOf(shape)})`).join(' or ')
        : clipped(`${issue.path.length === 0 ? 'the event' : issue.path.join('.')}: ${issue.message}`),
    );
  const rest = issues.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
};

const clipped = (problem: string): string =>
  problem.length > LONGEST_PROBLEM ? `${problem.slice(0, LONGEST_PROBLEM)}…` : problem;
