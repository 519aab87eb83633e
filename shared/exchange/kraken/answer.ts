import * as z from 'zod';
import { ExchangeError, type ExchangeErrorCode } from '../exchange.ts';
import { ADVICE, meaningOf } from './error-texts.ts';
import type { HttpAnswer, TransportFailure } from './transport.ts';

/** Whose call it was, for messages, and what must never appear in one. */
export interface Caller {
  /** `account u-ann`, or `the public` for market data. */
  readonly who: string;
  readonly secrets: readonly string[];
}

const zEnvelope = z.object({ error: z.array(z.string()), result: z.unknown().optional() });

export type Reading =
  /** Kraken's own JSON. `errors` without warnings; both may be absent. */
  | { readonly understood: true; readonly errors: readonly string[]; readonly result: unknown }
  | { readonly understood: false };

/** Reads an answer as Kraken's envelope; HTML, empty and truncated bodies are not understood. */
export const readEnvelope = (body: string): Reading => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { understood: false };
  }
  const envelope = zEnvelope.safeParse(json);
  if (!envelope.success) return { understood: false };
  // Texts that start with W are warnings beside a valid result.
  const errors = envelope.data.error.filter((text) => !text.startsWith('W'));
  return { understood: true, errors, result: envelope.data.result };
};

/**
 * Longer than any word of Kraken's and any id of an order, shorter than keys and signatures: which of these it is,
 * cut or encoded, cannot be told.
 */
const LIKE_A_SECRET = /[A-Za-z0-9+/=_%-]{24,}/g;

/** One of Kraken's error texts, fit to print: bounded, printable, without a secret. */
const printable = (text: string, caller: Caller): string => {
  let clean = text.replace(/[^\x20-\x7e]+/g, ' ');
  for (const secret of caller.secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, '[secret]');
  }
  return clean.replace(LIKE_A_SECRET, '[…]').slice(0, 120);
};

/** The sentence of every failure: call, account, what was said, what to do. Nothing of the request in it. */
export const sentence = (
  caller: Caller,
  endpoint: string,
  code: ExchangeErrorCode,
  said: readonly string[],
): string =>
  `kraken ${endpoint} for ${caller.who} failed with ${code}: ${said
    .slice(0, 3)
    .map((text) => printable(text, caller))
    .join('; ')}; ${ADVICE[code]}`;

/** An ExchangeError whose message is the sentence above. */
export const failure = (
  caller: Caller,
  endpoint: string,
  code: ExchangeErrorCode,
  ...said: readonly string[]
): ExchangeError => new ExchangeError('kraken', code, sentence(caller, endpoint, code, said));

export const codeOfTransport = (broken: TransportFailure): ExchangeErrorCode =>
  broken.kind === 'TIMEOUT' ? 'TIMEOUT' : broken.kind === 'NEVER_OPENED' ? 'UNREACHABLE' : 'UNAVAILABLE';

export const codeOfStatus = (status: number): ExchangeErrorCode => {
  if (status === 429) return 'RATE_LIMITED';
  return status >= 500 ? 'UNAVAILABLE' : 'MALFORMED_ANSWER';
};

/**
 * The result of a call that asks, as its schema sees it.
 * @throws ExchangeError for Kraken's errors, any HTTP status but 200, and a body that does not fit the schema
 */
export const resultOf = <T>(
  caller: Caller,
  endpoint: string,
  answer: HttpAnswer,
  schema: z.ZodType<T>,
): T => {
  const reading = readEnvelope(answer.body);
  const first = reading.understood ? reading.errors[0] : undefined;
  if (reading.understood && first !== undefined) {
    const { code } = meaningOf(first);
    throw failure(caller, endpoint, code, ...reading.errors, `HTTP ${answer.status}`);
  }
  if (answer.status !== 200) {
    throw failure(caller, endpoint, codeOfStatus(answer.status), `HTTP ${answer.status}`);
  }
  if (!reading.understood) {
    throw failure(caller, endpoint, 'MALFORMED_ANSWER', 'HTTP 200 without a Kraken answer in it');
  }
  const parsed = schema.safeParse(reading.result);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue === undefined ? 'result' : ['result', ...issue.path.map(String)].join('.');
  throw failure(caller, endpoint, 'MALFORMED_ANSWER', `${place}: ${issue?.message ?? 'unreadable'}`);
};
