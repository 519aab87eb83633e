import * as z from 'zod';
import { FAMILIARITIES, type MeasuredUnit, WORK_UNITS, type Work, type WorkUnit } from '../calls.ts';
import { FOLLOWERS, type Measured } from './acts.ts';
import { MORE_ACCOUNTS } from './checks.ts';

import type { Sample } from './world.ts';

/** A record of CloudWatch's embedded metric format, as far as metrics are counted by it. */
const zMetricRecord = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const metricRecords = (printed: string): readonly z.infer<typeof zMetricRecord>[] =>
  printed.split('\n').flatMap((line) => {
    if (!line.includes('"CloudWatchMetrics"')) return [];
    return [zMetricRecord.parse(JSON.parse(line))];
  });

/** Every metric that is paid for: its name, and each combination of the dimensions' values. */
export const metricsIn = (samples: readonly Sample[]): readonly string[] => {
  const found = samples
    .flatMap(({ printed }) => metricRecords(printed))
    .flatMap((record) =>
      record._aws.CloudWatchMetrics.flatMap(({ Metrics, Dimensions }) =>
        Metrics.flatMap(({ Name }) =>
          Dimensions.map((names) =>
            [Name, ...names.map((name) => `${name}=${String(record[name])}`).sort()].join(' '),
          ),
        ),
      ),
    );
  return [...new Set(found)].sort();
};

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const meanOf = (samples: readonly Sample[], of: (sample: Sample) => number): number =>
  rounded(samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length);

export const meanWork = (samples: readonly Sample[]): Work => {
  const names = [...new Set(samples.flatMap(({ usage }) => Object.keys(usage.requests)))].sort();
  return {
    samples: samples.length,
    requests: Object.fromEntries(
      names.map((name) => [name, meanOf(samples, ({ usage }) => usage.requests[name] ?? 0)]),
    ),
    writeUnits: meanOf(samples, ({ usage }) => usage.writeUnits),
    readUnits: meanOf(samples, ({ usage }) => usage.readUnits),
    storedBytes: meanOf(samples, ({ usage }) => usage.storedBytes),
    logBytes: meanOf(samples, ({ printed }) => Buffer.byteLength(printed, 'utf8')),
    metricRecords: meanOf(samples, ({ printed }) => metricRecords(printed).length),
    wallMs: meanOf(samples, ({ wallMs }) => wallMs),
    cpuMs: meanOf(samples, ({ cpuMs }) => cpuMs),
  };
};

/** What each of `count` more adds to a piece of work: the difference, shared out; never less than nothing. */
export const perOneMore = (withAll: Work, without: Work, count: number): Work => {
  const share = (all: number, base: number): number => rounded(Math.max(0, all - base) / count);
  const names = Object.keys(withAll.requests);
  return {
    samples: withAll.samples,
    requests: Object.fromEntries(
      names.map((name) => [name, share(withAll.requests[name] ?? 0, without.requests[name] ?? 0)]),
    ),
    writeUnits: share(withAll.writeUnits, without.writeUnits),
    readUnits: share(withAll.readUnits, without.readUnits),
    storedBytes: share(withAll.storedBytes, without.storedBytes),
    logBytes: share(withAll.logBytes, without.logBytes),
    metricRecords: share(withAll.metricRecords, without.metricRecords),
    wallMs: share(withAll.wallMs, without.wallMs),
    cpuMs: share(withAll.cpuMs, without.cpuMs),
  };
};

const FUNCTIONS = {
  'tick-quiet': 'master-tick',
  'tick-buy': 'master-tick',
  'fan-out': 'trade-copier',
  'fan-out-follower': 'trade-copier',
  'copy-buy': 'copy-worker',
  'copy-sell': 'copy-worker',
  'copy-skipped': 'copy-worker',
  balance: 'balance',
  dispatch: 'check-dispatcher',
  'dispatch-account': 'check-dispatcher',
  check: 'account-check',
  'check-daily': 'account-check',
  'exit-symbol': 'exit',
} as const satisfies Record<WorkUnit, MeasuredUnit['function']>;

/** Of these units, a sample is a whole invocation for so many more than its other unit's. */
const PARTS = [
  { whole: 'fan-out', part: 'fan-out-follower', more: FOLLOWERS },
  { whole: 'dispatch', part: 'dispatch-account', more: MORE_ACCOUNTS },
] as const satisfies readonly { whole: WorkUnit; part: WorkUnit; more: number }[];

/** Means of what was measured, by unit and state. @throws Error when a unit has no sample at all */
export const summarise = (measured: readonly Measured[]): Readonly<Record<WorkUnit, MeasuredUnit>> => {
  const unitOf = (unit: WorkUnit): MeasuredUnit => {
    const works = FAMILIARITIES.flatMap((familiarity) => {
      const samples = measured
        .filter((one) => one.unit === unit && one.familiarity === familiarity)
        .flatMap((one) => one.samples);
      return samples.length === 0 ? [] : [[familiarity, meanWork(samples)] as const];
    });
    if (works.length === 0) throw new Error(`nothing was measured of this unit of work (given '${unit}')`);
    return { function: FUNCTIONS[unit], ...Object.fromEntries(works) };
  };
  const units = Object.fromEntries(WORK_UNITS.map((unit) => [unit, unitOf(unit)])) as Record<
    WorkUnit,
    MeasuredUnit
  >;
  const parts = PARTS.map(({ whole, part, more }) => {
    const [alone, withAll] = [units[whole].again, units[part].again];
    if (alone === undefined || withAll === undefined)
      throw new Error(`this was not measured with and without more in a warm instance (given '${whole}')`);
    return [part, { function: FUNCTIONS[part], again: perOneMore(withAll, alone, more) }] as const;
  });
  return { ...units, ...Object.fromEntries(parts) };
};
