import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod';
import { SIGNATURE_HEADER } from '../../../shared/notification/format/generic.ts';

const LARGEST_BODY = 1024 * 1024;
const zMessage = z.object({ id: z.string(), createdAt: z.string(), subject: z.string(), text: z.string() });

export interface NoticeReceiver {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A receiver of signed notices on 127.0.0.1, as anybody would write one: what is signed with the key is appended to
 * a file, once, and anything else refused.
 */
export const startNoticeReceiver = async (file: string, signingKey: string): Promise<NoticeReceiver> => {
  writeFileSync(file, '', { flag: 'a', mode: 0o600 });
  const had = new Set<string>();
  const server = createServer((request, response) => {
    receive(request, signingKey).then(
      (message) => {
        if (message !== undefined && !had.has(message.id)) {
          had.add(message.id);
          appendFileSync(file, `${message.createdAt}  ${message.subject}\n\n${message.text}\n\n\n`);
        }
        response.writeHead(message === undefined ? 401 : 204).end();
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // Where the runtime cannot start, nothing is kept waiting by it.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`the receiver of notices has no port (given '${address}')`);
  return {
    url: `http://127.0.0.1:${address.port}/notices`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Undefined where the signature is not right. */
const receive = async (
  request: IncomingMessage,
  signingKey: string,
): Promise<z.infer<typeof zMessage> | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LARGEST_BODY) throw new Error(`a notice is too long (given ${length} bytes)`);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return isSigned(body, String(request.headers[SIGNATURE_HEADER]), signingKey)
    ? zMessage.parse(JSON.parse(body))
    : undefined;
};

/** `t=<seconds>,v1=<hex>`, computed over `<seconds>.<body>`. How old it is does not matter: time is simulated here. */
export const isSigned = (body: string, header: string, signingKey: string): boolean => {
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || signature === undefined) return false;
  const expected = createHmac('sha256', signingKey).update(`${seconds}.${body}`).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
};
