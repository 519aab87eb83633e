import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { FUNCTION_NAMES } from '../functions/specs.ts';

/** What Nija does, in units that are measured one by one. */
export const WORK_UNITS = [
  /** A tick of APEX that neither decides nor finds a trade. */
  'tick-quiet',
  /** A tick of APEX that buys and publishes the trade. */
  'tick-buy',
  /** A trade delivered to the copier, without its followers. */
  'fan-out',
  /** What one follower adds to that. */
  'fan-out-follower',
  'copy-buy',
  'copy-sell',
  /** A BUY that a switch of the account stops. */
  'copy-skipped',
  'balance',
  /** A message for each account that is to be checked, without the accounts. */
  'dispatch',
  /** What one account adds to that. */
  'dispatch-account',
  /** The check of an account with two positions in which there is nothing to do. */
  'check',
  /** The first of them in a day, which also asks what the key may do. */
  'check-daily',
  /** An exit that sells one symbol. */
  'exit-symbol',
] as const;
export type WorkUnit = (typeof WORK_UNITS)[number];

/**
 * What a function finds: a new instance (`cold`), one that runs but does not know the account (`first`), or
 * one that has worked for the account within its cache's 15 minutes (`again`).
 */
export const FAMILIARITIES = ['cold', 'first', 'again'] as const;
export type Familiarity = (typeof FAMILIARITIES)[number];

const zAmount = z.number().min(0);

/** Means over `samples` invocations. */
const zWork = z.strictObject({
  samples: z.int().min(1),
  /** By `service.Operation`. */
  requests: z.record(z.string(), zAmount),
  writeUnits: zAmount,
  readUnits: zAmount,
  /** By how much the table and its indexes grew, as billed; less than zero where items went. */
  storedBytes: z.number(),
  /** On standard output and error, metrics included. */
  logBytes: zAmount,
  metricRecords: zAmount,
  /** Of the handler, by the clock; of a cold one, with the import of its bundle. */
  wallMs: zAmount,
  /** Of the function's own process in that time. */
  cpuMs: zAmount,
});
export type Work = z.infer<typeof zWork>;

const zMeasuredUnit = z.strictObject({
  function: z.enum(FUNCTION_NAMES),
  cold: zWork.optional(),
  first: zWork.optional(),
  again: zWork.optional(),
});
export type MeasuredUnit = z.infer<typeof zMeasuredUnit>;

const zCalls = z.strictObject({
  measured: z.strictObject({
    on: z.string(),
    node: z.string(),
    at: z.iso.date(),
    exchangeMs: zAmount,
    /** No AWS request was answered earlier. */
    awsMs: zAmount,
    markets: z.int(),
  }),
  units: z.record(z.enum(WORK_UNITS), zMeasuredUnit),
  /** Name and dimensions of each that was emitted. */
  customMetrics: z.array(z.string()),
});
export type Calls = z.infer<typeof zCalls>;

/** calls.json is damaged or absent. */
export class CallsError extends Error {
  override readonly name = 'CallsError';
}

export const CALLS_FILE = join(import.meta.dirname, 'calls.json');

/** @throws CallsError */
export const readCalls = (file = CALLS_FILE): Calls => {
  try {
    return zCalls.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CallsError(
      `the measured calls cannot be read: ${why}. Measure them again with npm run cost -- --measure (given '${file}')`,
      { cause: error },
    );
  }
};

/** What a unit takes in one state; where that was not measured, in the nearest that costs more. @throws CallsError */
export const workOf = ({ units }: Calls, unit: WorkUnit, familiarity: Familiarity): Work => {
  const { cold, first, again } = units[unit];
  const inOrder = { cold: [cold, first, again], first: [first, cold, again], again: [again, first, cold] };
  const found = inOrder[familiarity].find((work) => work !== undefined);
  if (found === undefined)
    throw new CallsError(`nothing was measured of a unit of work: measure again (given '${unit}')`);
  return found;
};
