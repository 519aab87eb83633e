import * as z from 'zod';
import type { FunctionName } from '../../infra/functions/specs.ts';
import { CommandFailed } from '../outcome.ts';

/** Why a call brought no answer. */
export interface CallFailure {
  readonly functionName: string;
  /** The name of the function's own error (`UnknownAccount`), or one of TRANSPORT_CODES. */
  readonly code: string;
  /** What happened and what to do next; nothing secret. */
  readonly message: string;
}

/** Failures of the way to a function, not of the function. */
export const TRANSPORT_CODES = [
  'UNREACHABLE',
  'NOT_DEPLOYED',
  'NOT_ALLOWED',
  'NO_CREDENTIALS',
  'THROTTLED',
  'NO_ANSWER',
  'UNEXPECTED_ANSWER',
] as const;
export type TransportCode = (typeof TRANSPORT_CODES)[number];

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: CallFailure };

/** The functions of one deployment, wherever it is. */
export interface Functions {
  /** Which deployment, as a person would say it: `stage prod`. */
  readonly target: string;
  /** Runs a function once and waits for its answer. Never throws for what a call may meet. */
  invoke(name: FunctionName, event: object): Promise<Answer>;
}

export class CallFailed extends CommandFailed {
  override readonly name = 'CallFailed';

  constructor({ code, message }: CallFailure) {
    super(code, message);
  }
}

/** @throws CallFailed where the function fails, cannot be reached, or answers something else than agreed */
export const call = async <Schema extends z.ZodType>(
  functions: Functions,
  name: FunctionName,
  event: object,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const answer = await functions.invoke(name, event);
  if (!answer.ok) throw new CallFailed(answer.failure);
  return agreed(name, schema, answer.value);
};

/** @throws CallFailed */
export const agreed = <Schema extends z.ZodType>(
  name: FunctionName,
  schema: Schema,
  value: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where = first === undefined ? '' : ` at ${first.path.join('.') || 'the whole'}: ${first.message}`;
  throw new CallFailed({
    functionName: name,
    code: 'UNEXPECTED_ANSWER' satisfies TransportCode,
    message: `${name} answered something that this version of the command does not know${where}. What was asked for may have been done: look with a reading command, and use the version that is deployed`,
  });
};

const zFunctionError = z.object({
  errorType: z.string().optional(),
  errorMessage: z.string().optional(),
});

/** What Lambda says of a function that threw, or did not end in time. */
export const failureOfFunction = (functionName: string, payload: unknown): Answer => {
  const parsed = zFunctionError.safeParse(payload);
  const { errorType, errorMessage } = parsed.success ? parsed.data : {};
  const message = errorMessage ?? `${functionName} failed and did not say why: see its log`;
  return { ok: false, failure: { functionName, code: errorType ?? 'Unhandled', message } };
};

export const notReached = (functionName: string, code: TransportCode, message: string): Answer => ({
  ok: false,
  failure: { functionName, code, message },
});
