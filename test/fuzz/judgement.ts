const OF_THE_LANGUAGE = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'URIError',
  'EvalError',
  'ZodError',
  '$ZodError',
]);

/** Of an error's name: a crash, and nobody's refusal. */
export const isOfTheLanguage = (name: unknown): boolean =>
  typeof name === 'string' && OF_THE_LANGUAGE.has(name);

/** Whether somebody wrote this error for whoever reads it; a crash is none, nor is what is no error. */
export const isOwnError = (error: unknown): error is Error =>
  error instanceof Error && !isOfTheLanguage(error.name) && error.message.length > 0;

/** Longer than anybody reads: an error that repeats what it was given. */
export const LONGEST_MESSAGE = 6_000;
