import { afterEach, expect, test } from 'vitest';
import { type FunctionEndpoint, startFunctionEndpoint } from '../../infra/local/function-endpoint.ts';

let endpoint: FunctionEndpoint | undefined;
afterEach(async () => {
  await endpoint?.stop();
  endpoint = undefined;
});

const start = async () => {
  const calls: unknown[] = [];
  endpoint = await startFunctionEndpoint(
    async (name, event) => {
      calls.push({ name, event });
      return { done: name };
    },
    (request, response) => response.end(`the page at ${request.url}`),
  );
  const { url, pageUrl } = endpoint;
  return { calls, pageUrl, urlOf: (name: string) => url.replace('<name>', name) };
};

test('calls a function as Lambda does, and shows the page at every other address', async () => {
  const { calls, pageUrl, urlOf } = await start();

  const answered = await fetch(urlOf('balance'), { method: 'POST', body: '{"accountId":"u-ann"}' });
  const shown = await fetch(`${pageUrl}exit?account=u-ann`);

  expect(await answered.json()).toEqual({ done: 'balance' });
  expect(calls).toEqual([{ name: 'balance', event: { accountId: 'u-ann' } }]);
  expect(await shown.text()).toBe('the page at /exit?account=u-ann');
});

test('lets no page in a browser call a function, wherever it comes from', async () => {
  const { calls, pageUrl, urlOf } = await start();
  const asked = ['https://elsewhere.example', 'null', new URL(pageUrl).origin].map((origin) =>
    fetch(urlOf('exit'), {
      method: 'POST',
      headers: { origin, 'content-type': 'text/plain' },
      body: '{"accountId":"u-ann"}',
    }),
  );

  const answers = await Promise.all(asked);

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(calls).toEqual([]);
});

test('names the functions there are to who asks for another', async () => {
  const { urlOf } = await start();

  const answer = await fetch(urlOf('nothing'), { method: 'POST', body: '{}' });

  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('account-check');
});
