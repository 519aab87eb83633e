import { inspect } from 'node:util';

/** In every key and secret of a run, and nowhere else. Letters of base64, so that signing works with it. */
const CANARY = 'Zq7wXkVb93JhTyPd';

const LENGTH = { apiKey: 56, apiSecret: 88 } as const;
const filled = (text: string, length: number): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

/** An account's key of Kraken's lengths, its own and full of the canary. */
export const canaryKey = (owner: string): { readonly apiKey: string; readonly apiSecret: string } => {
  const own = Buffer.from(owner).toString('hex');
  return {
    apiKey: filled(`${CANARY}k${own}`, LENGTH.apiKey),
    apiSecret: filled(`${CANARY}s${own}`, LENGTH.apiSecret),
  };
};

/** The shortest piece of a secret that nobody may see. */
const PIECE = 6;

const formsOf = (text: string): readonly string[] => {
  const bytes = Buffer.from(text);
  return [
    ...new Set([text, encodeURIComponent(text), bytes.toString('base64'), bytes.toString('base64url')]),
  ];
};

const piecesOf = (text: string, stride: number): readonly string[] =>
  Array.from({ length: Math.max(0, Math.ceil((text.length - PIECE + 1) / stride)) }, (_, index) =>
    text.slice(index * stride, index * stride + PIECE),
  );

/**
 * Everything that a value shows to whoever prints it: message, stack, causes, hidden properties.
 */
export const shownOf = (value: unknown): string =>
  inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxStringLength: Number.POSITIVE_INFINITY,
    maxArrayLength: Number.POSITIVE_INFINITY,
    breakLength: Number.POSITIVE_INFINITY,
  });

/**
 * Pieces of the secrets that a text shows, plain, in base64 or URL-encoded.
 *
 * @param stride how far the pieces looked for lie apart: 1 finds each, PIECE finds all that are twice as long
 */
export const leaksOf = (
  shown: string,
  secrets: Iterable<string>,
  stride: number = PIECE,
): readonly string[] =>
  [...secrets]
    .flatMap(formsOf)
    .flatMap((form) => piecesOf(form, stride))
    .filter((piece) => shown.includes(piece));
