import { isBuiltin } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BundleError, bundleFunction, functionNames } from '../../infra/bundle/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/functions/specs.ts';
import { type Bundles, makeBundles } from './bundles.ts';

const USER_PLANE = [
  'account-check',
  'adopt',
  'balance',
  'check-dispatcher',
  'control',
  'copy-worker',
  'exit',
  'register-user',
];
const MASTER_CODE = /^(shared\/strategy|functions\/(master-tick|register-master))\//;
const ADAPTERS =
  /^shared\/(ledger\/dynamodb|vault\/secrets-manager|exchange\/kraken|copying\/sqs|check\/sqs|reporting\/sqs|telemetry\/powertools|notification\/(secrets-manager|sns))\//;
const SDK = /node_modules\/(ccxt|@aws-sdk)\//;

/** Kilobytes of the minified bundle, as measured, and how much more is let pass: a larger one starts slower. */
const MEASURED: Readonly<Record<string, number>> = {
  'account-check': 988,
  adopt: 936,
  balance: 912,
  'check-dispatcher': 585,
  control: 534,
  'copy-worker': 937,
  exit: 923,
  'master-tick': 952,
  'register-master': 910,
  'register-user': 910,
  'trade-copier': 574,
  notify: 604,
  statement: 600,
  view: 650,
  dashboard: 680,
};
const LEEWAY = 1.15;

/** What is wrong with a bundle's size, in a sentence; undefined where nothing is. */
const sizeProblem = (name: string, bytes: number): string | undefined => {
  const measured = MEASURED[name];
  if (measured === undefined)
    return `the bundle of ${name} has no size budget: measure it and add it to MEASURED (given ${name})`;
  const budget = Math.round(measured * LEEWAY);
  const kilobytes = Math.ceil(bytes / 1_000);
  return kilobytes <= budget
    ? undefined
    : `the bundle of ${name} is larger than its budget of ${budget} kB, so it starts slower: see what it imports anew, or raise the budget on purpose (given ${kilobytes} kB)`;
};

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
  'check-dispatcher',
  'control',
  'view',
  'dashboard',
  'statement',
  'notify',
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
  expect(sizeProblem(name, bundles.named(name).bytes)).toBeUndefined();
});

test('every function that is deployed has a size budget, and nothing else has one', () => {
  expect(Object.keys(MEASURED).sort()).toEqual([...FUNCTION_NAMES].sort());
});

test('a bundle over its budget, or without one, is told in a sentence that says what to do', () => {
  expect(sizeProblem('exit', 2_000_000)).toMatch(
    /^the bundle of exit is larger than its budget of \d+ kB, .*\(given 2000 kB\)$/,
  );
  expect(sizeProblem('unheard-of', 1)).toMatch(/^the bundle of unheard-of has no size budget: /);
});

test('a function that does not exist is refused by name', async () => {
  await expect(bundleFunction('blance')).rejects.toThrow(BundleError);
  await expect(bundleFunction('blance')).rejects.toThrow("(given 'blance')");
});
