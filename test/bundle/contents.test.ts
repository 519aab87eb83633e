import { isBuiltin } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BundleError, bundleFunction, functionNames } from '../../infra/bundle/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/functions/specs.ts';
import { type Bundles, makeBundles } from './bundles.ts';

const USER_PLANE = ['balance', 'control', 'copy-worker', 'exit', 'register-user'];
const MASTER_CODE = /^(shared\/strategy|functions\/(master-tick|register-master))\//;
const ADAPTERS =
  /^shared\/(ledger\/dynamodb|vault\/secrets-manager|exchange\/kraken|copying\/sqs|telemetry\/powertools)\//;
const SDK = /node_modules\/(ccxt|@aws-sdk)\//;

/** Kilobytes of the minified bundle, as measured, and how much more is let pass: a larger one starts slower. */
const MEASURED: Readonly<Record<string, number>> = {
  balance: 912,
  control: 534,
  'copy-worker': 937,
  exit: 923,
  'master-tick': 952,
  'register-master': 910,
  'register-user': 910,
  'trade-copier': 574,
};
const LEEWAY = 1.15;

let bundles: Bundles;

beforeAll(async () => {
  bundles = await makeBundles();
});
afterAll(() => bundles.remove());

const filesOf = (name: string): readonly string[] => Object.keys(bundles.named(name).metafile.inputs);

test('every function that runs locally has a bundle, and the reverse', () => {
  expect([...functionNames()].sort()).toEqual([...FUNCTION_NAMES].sort());
});

describe.each(USER_PLANE)('the bundle of %s', (name) => {
  test('holds no file of a strategy or of a master function', () => {
    expect(filesOf(name)).toContain(`functions/${name}/handler.ts`);
    expect(filesOf(name).filter((file) => MASTER_CODE.test(file))).toEqual([]);
  });
});

test.each([
  'trade-copier',
  'control',
])('the bundle of %s holds no exchange, no vault and no lease', (name) => {
  const found = filesOf(name).filter((file) =>
    /node_modules\/ccxt\/|^shared\/(vault|exchange\/kraken)\//.test(file),
  );

  expect(found).toEqual([]);
});

test.each(functionNames())('only adapters bring an SDK into the bundle of %s', (name) => {
  const { inputs } = bundles.named(name).metafile;
  const importers = Object.entries(inputs)
    .filter(([file]) => !file.includes('node_modules/'))
    .filter(([, { imports }]) => imports.some(({ path }) => SDK.test(path)))
    .map(([file]) => file);

  expect(importers.length).toBeGreaterThan(0);
  expect(importers.filter((file) => !ADAPTERS.test(file))).toEqual([]);
});

test.each(functionNames())('the bundle of %s needs nothing beside Node', (name) => {
  const outputs = Object.values(bundles.named(name).metafile.outputs);
  const foreign = outputs
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path));

  expect(outputs).toHaveLength(1);
  expect(foreign.map(({ path }) => path)).toEqual([]);
});

test.each(functionNames())('the bundle of %s stays within its size', (name) => {
  const budget = Math.round((MEASURED[name] ?? 0) * LEEWAY);

  expect(bundles.named(name).bytes / 1_000).toBeLessThanOrEqual(budget);
});

test('a function that does not exist is refused by name', async () => {
  await expect(bundleFunction('blance')).rejects.toThrow(BundleError);
  await expect(bundleFunction('blance')).rejects.toThrow("(given 'blance')");
});
