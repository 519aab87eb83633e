import { createServer, type IncomingHttpHeaders } from 'node:http';

/** What a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a receiver answers: with a status, never, by hanging up, or with a body that does not end. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'never'
  | 'hangs-up'
  | 'endless';

/** Somebody's webhook on 127.0.0.1. Answers as told, in that order; 200 from then on. */
export const startReceiver = async () => {
  const received: Received[] = [];
  const answers: Answer[] = [];
  let always: Answer = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = answers.shift() ?? always;
      if (answer === 'never') return;
      if (answer === 'hangs-up') request.destroy();
      else if (answer === 'endless') {
        response.writeHead(200);
        const pour = () => {
          while (response.write('x'.repeat(1_024)));
          response.once('drain', pour);
        };
        pour();
      } else response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    bodies: () => received.map(({ body }) => JSON.parse(body)),
    answerNext: (...next: readonly Answer[]) => {
      answers.push(...next);
    },
    answerAlways: (answer: Answer) => {
      always = answer;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
