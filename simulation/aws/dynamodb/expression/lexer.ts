import { invalid } from '../errors.ts';

/** A token is its own text: `#name`, `:value`, a word, or a sign. */
const TOKEN = /\s*(?:([#:]?\w+)|(<=|>=|<>|[=<>(),.+\-[\]]))/y;
const MOST_BYTES = 4_096;

/** @throws ValidationException for a text that is empty, longer than 4 kB, or has other signs */
export const tokensOf = (text: string, parameter: string): readonly string[] => {
  if (text.trim() === '') throw invalid(`Invalid ${parameter}: The expression can not be empty;`);
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw invalid(`Invalid ${parameter}: Expression size has exceeded the maximum allowed size;`);
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const token = match?.[1] ?? match?.[2];
    if (token === undefined)
      throw invalid(
        `Invalid ${parameter}: Syntax error; token: "${text.slice(from).trim()[0]}", near: "${text}"`,
      );
    tokens.push(token);
  }
  return tokens;
};
