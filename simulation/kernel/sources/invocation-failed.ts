import type { InvocationEnd } from '../lambda.ts';

/** What an event source gets from an invocation without a result. */
export class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
}

/** @throws InvocationFailed */
export const resultOf = (end: InvocationEnd): unknown => {
  if (end.state === 'SUCCEEDED') return end.result;
  throw new InvocationFailed(`${end.error}: ${end.message}`);
};
