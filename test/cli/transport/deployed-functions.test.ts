import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { deployedFunctions } from '../../../cli/transport/deployed-functions.ts';

/** What Lambda would answer next, and what it was asked. */
let answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }[] =
  [];
let asked: { readonly path: string; readonly body: string }[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8') });
      const answer = answers.shift() ?? { status: 500, body: '{}' };
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
});
afterEach(() => {
  answers = [];
  asked = [];
});

const invoke = async (event: object = { action: 'status' }) => {
  const functions = deployedFunctions('prod');
  try {
    return await functions.invoke('control', event);
  } finally {
    functions.stop();
  }
};
const refusal = (status: number, code: string) => ({
  status,
  headers: { 'x-amzn-errortype': code },
  body: JSON.stringify({ Message: 'what AWS says' }),
});

test('the function of the stage is called with the event, and its answer is handed over', async () => {
  answers = [{ status: 200, body: '{"summary":"Buying is not halted."}' }];

  const answer = await invoke();

  expect(answer).toEqual({ ok: true, value: { summary: 'Buying is not halted.' } });
  expect(asked).toEqual([
    { path: '/2015-03-31/functions/nija-prod-control/invocations', body: '{"action":"status"}' },
  ]);
});

test("a function's own error is told by its name, with what it says", async () => {
  const body = JSON.stringify({ errorType: 'UnknownAccount', errorMessage: "there is no account 'u-zed'" });
  answers = [{ status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body }];

  const answer = await invoke();

  expect(answer).toMatchObject({
    ok: false,
    failure: { code: 'UnknownAccount', message: "there is no account 'u-zed'" },
  });
});

test.each([
  [refusal(404, 'ResourceNotFoundException'), 'NOT_DEPLOYED', 'nija-prod-control'],
  [refusal(403, 'AccessDeniedException'), 'NOT_ALLOWED', 'lambda:InvokeFunction'],
  [refusal(403, 'ExpiredTokenException'), 'NOT_ALLOWED', 'sign in'],
  [refusal(500, 'ServiceException'), 'NO_ANSWER', 'not known what was done'],
])('what AWS refuses is told with what to do next (%#)', async (reply, code, says) => {
  answers = [reply];

  const answer = await invoke();

  expect(answer).toMatchObject({ ok: false, failure: { code, message: expect.stringContaining(says) } });
  expect(asked).toHaveLength(1);
});

test('only what Lambda turned away before it ran is sent again', async () => {
  const throttled = refusal(429, 'TooManyRequestsException');
  answers = [throttled, throttled, { status: 200, body: '{"summary":"at last"}' }];

  const answer = await invoke();

  expect(answer).toEqual({ ok: true, value: { summary: 'at last' } });
  expect(asked).toHaveLength(3);
});

test('a stage out of reach is said so', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:9');

  const answer = await invoke();

  expect(answer).toMatchObject({
    ok: false,
    failure: { code: 'UNREACHABLE', message: expect.stringContaining('region') },
  });
});
