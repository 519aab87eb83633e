import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/functions/specs.ts';
import { METRIC_NAMESPACE, metricIdentity } from '../../../shared/telemetry/metric-identity.ts';
import { METRICS, type MetricName, OWN_DIMENSION } from '../../../shared/telemetry/telemetry.ts';
import { type Bundles, makeBundles } from '../../bundle/bundles.ts';
import { alarmsOf, dashboardMetricsOf, dashboardQueriesOf } from './alarm-reading.ts';
import { FULL, synthesised } from './synthesised.ts';

/** By what AWS tells the figures of a service apart, as its documentation lists them. */
const DIMENSIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'AWS/Lambda': {
    Errors: ['FunctionName'],
    Throttles: ['FunctionName'],
    Duration: ['FunctionName'],
    IteratorAge: ['FunctionName'],
    ConcurrentExecutions: ['FunctionName', ''],
    ClaimedAccountConcurrency: [''],
  },
  'AWS/SQS': {
    ApproximateAgeOfOldestMessage: ['QueueName'],
    ApproximateNumberOfMessagesVisible: ['QueueName'],
  },
  'AWS/DynamoDB': {
    ReadThrottleEvents: ['TableName', 'GlobalSecondaryIndexName,TableName'],
    WriteThrottleEvents: ['TableName', 'GlobalSecondaryIndexName,TableName'],
  },
  'AWS/Scheduler': { TargetErrorCount: ['ScheduleGroup'] },
};

/** Emitted where a figure's name stands as the first argument of a meter. */
const EMITS = /\.(?:count|milliseconds|basisPoints|quoteUnits)\(\s*["'`](\w+)["'`]/g;

const stage = synthesised(FULL);
const watched = [...alarmsOf(stage).flatMap(({ metrics }) => metrics), ...dashboardMetricsOf(stage)];
const own = watched.filter(({ namespace }) => namespace === METRIC_NAMESPACE);
/** Those that only a query of the dashboard reads, from the log. */
const queriedFigures = dashboardQueriesOf(stage).flatMap((text) =>
  [...text.matchAll(/ispresent\((\w+)\)/g)].map(([, name = '']) => name),
);
const foreign = watched.filter(({ namespace }) => namespace !== METRIC_NAMESPACE);

let bundles: Bundles;

beforeAll(async () => {
  bundles = await makeBundles();
});
afterAll(() => bundles.remove());

/** The figures whose emission is left in a function's bundle: what it cannot reach is not in there. */
const emittedBy = (name: FunctionName): ReadonlySet<string> => {
  const code = readFileSync(bundles.named(name).file, 'utf8');
  const counted = [...code.matchAll(EMITS)].map(([, metric = '']) => metric);
  return new Set(counted.filter((metric) => METRICS.some((known) => known === metric)));
};

test('every figure of our own that is watched is emitted by the function that it is watched of', () => {
  const emitted = new Map<string, ReadonlySet<string>>(FUNCTION_NAMES.map((name) => [name, emittedBy(name)]));
  const silent = own.filter(
    ({ name, dimensions }) => !(emitted.get(dimensions['service'] ?? '')?.has(name) ?? false),
  );

  expect(own.length).toBeGreaterThan(20);
  expect(silent.map(({ name, dimensions }) => `${dimensions['service']} ${name}`)).toEqual([]);
});

/** Told by no alarm and drawn nowhere, and why that is right. */
const UNSEEN: Readonly<Partial<Record<MetricName, string>>> = {};

test('every figure that there is, is emitted by a function', () => {
  const emitted = new Set(FUNCTION_NAMES.flatMap((name) => [...emittedBy(name)]));

  expect(METRICS.filter((name) => !emitted.has(name))).toEqual([]);
});

test('every figure that there is, is told by an alarm or shown on the dashboard', () => {
  const seen = new Set([...own.map(({ name }) => name), ...queriedFigures]);

  const unseen = METRICS.filter((name) => !seen.has(name));

  expect(unseen.filter((name) => UNSEEN[name] === undefined)).toEqual([]);
  expect(Object.keys(UNSEEN).filter((name) => seen.has(name))).toEqual([]);
});

/** Functions that hold the code which emits a figure, and why no alarm has to hear it of them. */
const UNHEARD: Readonly<Record<string, string>> = {
  'account-check CopyOrderLatency': 'a copy that a check runs again is late: it was given up before',
  'master-tick CircuitStaysOpen': 'nothing is noted of a master: its ticks are told themselves',
};

test('an alarm hears its figure of every function that can emit it', () => {
  const heard = new Set(
    alarmsOf(stage)
      .flatMap(({ metrics }) => metrics)
      .filter(({ namespace }) => namespace === METRIC_NAMESPACE)
      .map(({ name, dimensions }) => `${dimensions['service']} ${name}`),
  );
  const alarmed = new Set([...heard].map((figure) => figure.slice(figure.indexOf(' ') + 1)));

  const unheard = FUNCTION_NAMES.flatMap((service) =>
    [...emittedBy(service)].filter((name) => alarmed.has(name)).map((name) => `${service} ${name}`),
  ).filter((figure) => !heard.has(figure));

  expect(unheard.sort()).toEqual(Object.keys(UNHEARD).sort());
});

test('every figure of our own is watched by exactly the dimensions it is emitted with', () => {
  for (const { name, dimensions } of own) {
    const { service = '', master = '', role } = dimensions;
    const dimension = Object.hasOwn(OWN_DIMENSION, name) ? Reflect.get(OWN_DIMENSION, name) : undefined;
    const mine =
      dimension === 'master'
        ? { master }
        : dimension === 'role'
          ? { role: role === 'master' ? ('master' as const) : ('user' as const) }
          : {};

    expect(METRICS).toContain(name);
    expect(dimensions, name).toEqual(metricIdentity(service, 'dev', mine).dimensions);
  }
});

test('masters are watched by the names under which they tick', () => {
  const masters = own.flatMap(({ dimensions: { master } }) => (master === undefined ? [] : [master]));

  for (const master of masters) expect(FULL.masters.map(({ accountId }) => accountId)).toContain(master);
});

test('no user is a dimension of anything: every value of one is a figure that is paid for', () => {
  const dimensions = new Set(watched.flatMap((metric) => Object.keys(metric.dimensions)));

  expect([...dimensions].filter((name) => /account|user/i.test(name))).toEqual([]);
});

test('every figure of AWS is watched by dimensions that AWS publishes it with', () => {
  expect(foreign.length).toBeGreaterThan(20);
  for (const { namespace, name, dimensions } of foreign)
    expect(DIMENSIONS[namespace]?.[name] ?? [], `${namespace} ${name}`).toContain(
      Object.keys(dimensions).sort().join(','),
    );
});

test('every figure of AWS is one of a resource of this stage', () => {
  const known: Readonly<Record<string, readonly unknown[]>> = {
    FunctionName: stage.all('AWS::Lambda::Function').map(({ properties }) => properties['FunctionName']),
    QueueName: stage.all('AWS::SQS::Queue').map(({ properties }) => properties['QueueName']),
    TableName: ['nija-dev-ledger'],
    GlobalSecondaryIndexName: ['gsi1', 'gsi2'],
    ScheduleGroup: ['nija-dev-checks', 'nija-dev-masters', 'nija-dev-notices'],
  };

  for (const { name, dimensions } of foreign)
    for (const [dimension, value] of Object.entries(dimensions))
      expect(known[dimension] ?? [], `${name} of ${dimension}`).toContain(value);
});
