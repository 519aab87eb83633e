import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { functionNames } from '../../infra/bundle/bundle.ts';
import { BundledError, startBundle } from '../../infra/bundle/bundle-process.ts';
import { SECRET_READERS } from '../../infra/functions/specs.ts';
import { type Bundles, makeBundles } from './bundles.ts';

/** What a deployment sets for the function, and nothing of this machine. */
const VARIABLES = {
  NIJA_STAGE: 'test',
  NIJA_TABLE: 'nija-test',
  NIJA_COPY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/copies.fifo',
  NIJA_CHECK_QUEUE_URL: 'http://127.0.0.1:9/000000000000/checks.fifo',
  NIJA_CHECK_MINUTES: '15',
  NIJA_SECRET_READERS: JSON.stringify(SECRET_READERS),
  AWS_REGION: 'us-east-1',
};

let bundles: Bundles;

beforeAll(async () => {
  bundles = await makeBundles();
});
afterAll(() => bundles.remove());

const start = async (name: string, env: Readonly<Record<string, string>>) => {
  const running = await startBundle(bundles.named(name).file, env);
  onTestFinished(() => running.stop());
  return running;
};

const failureOf = async (call: Promise<unknown>): Promise<BundledError> => {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof BundledError) return failure;
  throw new Error(`the function did not throw (given ${String(failure)})`);
};

test.each(
  functionNames(),
)('the bundle of %s loads in a process of its own and names what is wrong with an event', async (name) => {
  const running = await start(name, VARIABLES);

  const failure = await failureOf(running.invoke('no event of any function'));

  expect(failure.name).toBe('InvalidInput');
  expect(failure.message).toMatch(/^the event is not valid: /);
});

test('a bundle names the variable that a deployment forgot', async () => {
  const { NIJA_TABLE: _forgotten, ...incomplete } = VARIABLES;
  const running = await start('exit', incomplete);

  const failure = await failureOf(running.invoke({}));

  expect(failure.name).toBe('EnvironmentError');
  expect(failure.message).toContain('NIJA_TABLE');
});

test('a bundle that cannot be loaded says why', async () => {
  const missing = startBundle(bundles.named('exit').file.replace('exit', 'exist'), VARIABLES);

  await expect(missing).rejects.toThrow(/Cannot find module/);
});
