/** A request to an address that somebody else runs. The URL may itself be a secret. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of all of it: connecting, sending, and the answer. */
  readonly timeoutMs: number;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter?: string;
  /** Its beginning: a few thousand characters. */
  readonly body: string;
}

/** No answer. Carries neither URL, headers nor body, and nothing of what the network said of them. */
export class PostFailure extends Error {
  override readonly name = 'PostFailure';
  readonly kind: 'TIMEOUT' | 'UNREACHABLE';

  constructor(kind: PostFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** One attempt; redirects are answers like any other. @throws PostFailure */
export type Post = (request: PostRequest) => Promise<PostAnswer>;

const LONGEST_ANSWER_BYTES = 4_096;

/** Over the network. */
export const post: Post = async ({ url, headers, body, timeoutMs }) => {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      // A kept connection may be dead by the next message: between two calls Lambda stops this process.
      headers: { ...headers, 'user-agent': 'nija', connection: 'close' },
      body,
      redirect: 'manual',
      signal: ending.signal,
    });
    const retryAfter = answer.headers.get('retry-after');
    return {
      status: answer.status,
      ...(retryAfter === null ? {} : { retryAfter }),
      body: await beginningOf(answer),
    };
  } catch (error) {
    if (ending.signal.aborted) throw new PostFailure('TIMEOUT', `no answer within ${timeoutMs} ms`);
    throw new PostFailure('UNREACHABLE', `the connection failed (${codeOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
};

/** However much a receiver sends, no more than this is waited for and kept. */
const beginningOf = async ({ body }: Response): Promise<string> => {
  if (body === null) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < LONGEST_ANSWER_BYTES; ) {
    const { value } = await reader.read();
    if (value === undefined) break;
    chunks.push(value);
    length += value.length;
  }
  await reader.cancel();
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER_BYTES).toString('utf8');
};

/** What Node says of a socket; its messages would tell the address. */
const codeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'no code';
};
