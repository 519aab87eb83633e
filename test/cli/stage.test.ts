import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/functions/specs.ts';
import { openServedRuntime, type ServedRuntime, USERS } from './served-runtime.ts';

let served: ServedRuntime;
let server: Server;
let lambda: string;
const asked: string[] = [];

/** As Lambda answers, for functions of stage `prod` that are those of the runtime. */
beforeAll(async () => {
  served = await openServedRuntime();
  server = createServer((request, response) => {
    const resource = /^\/2015-03-31\/functions\/([a-z-]+)\/invocations$/.exec(request.url ?? '')?.[1] ?? '';
    asked.push(resource);
    const name = FUNCTION_NAMES.find((one) => resource === `nija-prod-${one}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answered = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      };
      if (name === undefined) {
        answered(404, { Message: resource }, { 'x-amzn-errortype': 'ResourceNotFoundException' });
        return;
      }
      served.runtime.call(name, JSON.parse(Buffer.concat(chunks).toString('utf8'))).then(
        (value) => answered(200, value),
        (error: Error) =>
          answered(
            200,
            { errorType: error.name, errorMessage: error.message },
            { 'x-amz-function-error': 'Unhandled' },
          ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  lambda = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(async () => {
  await new Promise((resolve) => server?.close(resolve));
  await served?.stop();
});

test('on a stage the same commands call the functions of that stage, and end alike', async () => {
  const balances = await served.nijaOnStage(['balances'], lambda);
  const exit = await served.nijaOnStage(['exit', 'u-ben', '--yes'], lambda);
  const halted = await served.nijaOnStage(['halt', '--yes', '--why', 'odd prices'], lambda);
  const unknown = await served.nijaOnStage(['balances', 'u-zed', '--json'], lambda);

  expect(balances.code).toBe(0);
  for (const user of USERS) expect(balances.stdout).toContain(user);
  expect(exit).toMatchObject({ code: 0, stdout: expect.stringContaining('u-ben is flat') });
  expect(served.held('u-ben', 'BTC')).toBe('0');
  expect(halted.code).toBe(0);
  expect(await served.runtime.ledger.control.halt()).toMatchObject({ engaged: true, why: 'odd prices' });
  expect(JSON.parse(unknown.stdout)).toMatchObject({
    accounts: [{ connected: false, code: 'UnknownAccount' }],
  });
  expect(new Set(asked)).toEqual(
    new Set(['nija-prod-view', 'nija-prod-balance', 'nija-prod-exit', 'nija-prod-control']),
  );
});

test('a question names the stage, and without a terminal nothing is done on it', async () => {
  asked.length = 0;

  const refused = await served.nijaOnStage(['resume'], lambda);

  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('on stage prod') });
  expect(asked).toEqual([]);
});

test('a stage and a local runtime are never meant together', async () => {
  const both = await served.nijaOnStage(['halt', '--yes', '--url', 'http://127.0.0.1:4600'], lambda);
  const odd = await served.nijaOnStage(['halt', '--yes', '--stage', 'Prod!'], lambda);

  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--stage and --url') });
  expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining("(given 'Prod!')") });
});
